"""An accounting office closes the books of a client, or of all: corrections dated before are refused from then on."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounting_offices import selectors as offices
from apps.accounting_offices.books import close_books
from apps.core import clock
from apps.core.errors import DomainError
from apps.portal.forms import ClosingForm
from apps.portal.lists.words import in_digits
from apps.users.selectors import viewer_of


@login_required
def client_books(request: HttpRequest, office_uuid: UUID, company_uuid: UUID) -> HttpResponse:
    """Show up to when a client's books are closed, and let the office move that day."""
    viewer, today = viewer_of(request), clock.today()
    office = offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
    client = offices.get_client_of_office(viewer=viewer, office_uuid=office_uuid, company_uuid=company_uuid, on=today)
    link = offices.link_in_force(company=client, on=today)
    closed_until = link.closed_until if link else None
    form = ClosingForm(request.POST if request.method == "POST" else None, initial={"until": closed_until})
    is_opening = "open" in request.POST
    if is_opening or form.is_valid():
        until = None if is_opening else form.cleaned_data["until"]
        try:
            close_books(
                office=office, company_ids=[client.pk], until=until, actor=f"user:{viewer.uuid}", now=clock.now()
            )
        except DomainError as error:
            form.add_error("until", str(error))
        else:
            text = _("The books of %(name)s are closed.") if until else _("The books of %(name)s are open.")
            messages.success(request, text % {"name": client.name})
            return redirect("portal:clients", office.uuid)
    context = {"office": office, "client": client, "closed_until": closed_until, "form": form}
    return render(request, "portal/books.html", context)


@login_required
def all_books(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Let an office close the books of all of its clients up to one day, as after a quarter's VAT return."""
    viewer, today = viewer_of(request), clock.today()
    office = offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
    links = offices.current_links(office=office, on=today)
    form = ClosingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ids = list(links.values_list("company_id", flat=True))
        try:
            changed = close_books(
                office=office,
                company_ids=ids,
                until=form.cleaned_data["until"],
                actor=f"user:{viewer.uuid}",
                now=clock.now(),
            )
        except DomainError as error:
            form.add_error("until", str(error))
        else:
            text = ngettext(
                "The books of %(number)s client are closed.", "The books of %(number)s clients are closed.", changed
            )
            messages.success(request, text % {"number": in_digits(changed)})
            return redirect("portal:clients", office.uuid)
    return render(request, "portal/books.html", {"office": office, "form": form, "count": links.count()})
