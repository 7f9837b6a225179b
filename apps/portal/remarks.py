"""What an office says of an invoice that it received, and what its company answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.errors import DomainError
from apps.delivery import selectors as deliveries
from apps.delivery.redelivering import times_asked
from apps.invoices import selectors as invoices
from apps.invoices.services import bookings
from apps.portal.forms import RemarkForm
from apps.portal.lists.archives import deliver_again_text
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class Saying:
    """A page on which an office writes to a company."""

    title: Promise
    what: Promise
    label: Promise
    button: Promise
    done: Promise
    say: Callable[..., Any]
    is_ending: bool = False


SAYINGS: Final[Mapping[str, Saying]] = {
    "question": Saying(
        gettext_lazy("Ask a question about %(number)s"),
        gettext_lazy("The company gets your question by e-mail and answers it here. You can book it all the same."),
        gettext_lazy("Your question"),
        gettext_lazy("Send the question"),
        gettext_lazy("The question is on its way to the company."),
        bookings.ask_question,
    ),
    "refusal": Saying(
        gettext_lazy("Refuse %(number)s"),
        gettext_lazy(
            "The company gets your reason by e-mail. Once it sends a corrected version, the document comes back to "
            "your inbox to be booked."
        ),
        gettext_lazy("Why you refuse it"),
        gettext_lazy("Refuse it"),
        gettext_lazy("The document is refused. The company gets your reason."),
        bookings.refuse_invoice,
        is_ending=True,
    ),
}


@login_required
def book(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Mark one invoice as booked."""
    viewer = viewer_of(request)
    invoice = deliveries.get_delivered_invoice(viewer=viewer, office_uuid=office_uuid, invoice_uuid=invoice_uuid)
    if request.method == "POST":
        try:
            booked = bookings.book_invoices(invoice_ids=[invoice.pk], actor=f"user:{viewer.uuid}", now=clock.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Marked as booked.") if booked else _("It was booked already."))
    return redirect("portal:office-invoice", office_uuid, invoice_uuid)


@login_required
def say_to_company(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID, kind: str) -> HttpResponse:
    """Ask the company something about an invoice, or refuse it with a reason."""
    viewer, saying = viewer_of(request), SAYINGS[kind]
    invoice = deliveries.get_delivered_invoice(viewer=viewer, office_uuid=office_uuid, invoice_uuid=invoice_uuid)
    form = RemarkForm(request.POST if request.method == "POST" else None, label=saying.label)
    if form.is_valid():
        text, actor = form.cleaned_data["text"], f"user:{viewer.uuid}"
        try:
            saying.say(invoice_uuid=invoice.uuid, text=text, actor=actor, now=clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, str(saying.done))
            return redirect("portal:office-invoice", office_uuid, invoice_uuid)
    context = {
        "office": offices.get_visible_office(viewer=viewer, office_uuid=office_uuid),
        "invoice": invoice,
        "saying": saying,
        "title": str(saying.title) % {"number": invoice.number},
        "form": form,
    }
    return render(request, "portal/office_remark.html", context)


@login_required
def answer_office(request: HttpRequest, company_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Show a company what its office says of an invoice, and take the answer to its question."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    invoice = invoices.get_company_invoice(company=company, invoice_uuid=invoice_uuid)
    form = RemarkForm(request.POST if request.method == "POST" else None, label=_("Your answer"))
    if form.is_valid():
        text, actor = form.cleaned_data["text"], f"user:{viewer.uuid}"
        try:
            bookings.answer_question(invoice_uuid=invoice.uuid, text=text, actor=actor, now=clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your accounting office sees your answer beside the invoice."))
            return redirect("portal:company-remarks", company_uuid, invoice_uuid)
    context = {
        "company": company,
        "invoice": invoice,
        "remarks": invoices.list_remarks(invoice=invoice),
        "asked": times_asked([invoice.uuid]).get(invoice.uuid),
        "form": form,
    }
    return render(request, "portal/company_remarks.html", context)


@login_required
def office_again(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Deliver one invoice to the office again."""
    viewer = viewer_of(request)
    invoice = deliveries.get_delivered_invoice(viewer=viewer, office_uuid=office_uuid, invoice_uuid=invoice_uuid)
    _deliver_again(request, invoice, actor=f"user:{viewer.uuid}")
    return redirect("portal:office-invoice", office_uuid, invoice_uuid)


@login_required
def company_again(request: HttpRequest, company_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Deliver one of a company's invoices to its office again."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    invoice = invoices.get_company_invoice(company=company, invoice_uuid=invoice_uuid)
    _deliver_again(request, invoice, actor=f"user:{viewer.uuid}")
    return redirect("portal:company-remarks", company_uuid, invoice_uuid)


def _deliver_again(request: HttpRequest, invoice: Any, *, actor: str) -> None:
    if request.method != "POST":
        return
    try:
        messages.success(request, deliver_again_text([invoice], actor=actor, now=clock.now()))
    except DomainError as error:
        messages.error(request, str(error))
