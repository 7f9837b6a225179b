"""A company settles an invoice by hand, or undoes that."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.errors import DomainError
from apps.invoices.rules import is_still_to_be_paid
from apps.invoices.selectors import get_company_invoice
from apps.portal.forms import SettlementForm
from apps.reconciliation.rules import SettlementWay
from apps.reconciliation.selectors import list_open_amounts, standing_settlement
from apps.reconciliation.settlements import SettlementDayAhead, settle_invoice, undo_settlement
from apps.users.selectors import viewer_of


@login_required
def settle(request: HttpRequest, company_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Show how an invoice was settled by hand, or ask how; a sent form settles it or undoes that."""
    viewer, now = viewer_of(request), clock.now()
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    invoice = get_company_invoice(company=company, invoice_uuid=invoice_uuid)
    settlement, actor = standing_settlement(invoice=invoice), f"user:{viewer.uuid}"
    is_sent = request.method == "POST" and settlement is None
    form = SettlementForm(request.POST if is_sent else None, initial={"settled_on": clock.today()})
    here = redirect("portal:settle-invoice", company.uuid, invoice.uuid)
    if request.method == "POST" and settlement is not None and "undo" in request.POST:
        undo_settlement(invoice=invoice, settlement_uuid=settlement.uuid, actor=actor, now=now)
        messages.success(request, _("%(number)s is open again.") % {"number": invoice.number})
        return here
    if is_sent and form.is_valid():
        try:
            settle_invoice(
                invoice=invoice,
                way=SettlementWay(form.cleaned_data["way"]),
                settled_on=form.cleaned_data["settled_on"],
                reason=form.cleaned_data["reason"],
                actor=actor,
                now=now,
            )
        except DomainError as error:
            form.add_error("settled_on" if isinstance(error, SettlementDayAhead) else None, str(error))
        else:
            messages.success(request, _("%(number)s is settled.") % {"number": invoice.number})
            return here
    context = {
        "company": company,
        "invoice": invoice,
        "settlement": settlement,
        "open_amount": list_open_amounts([invoice])[invoice.pk],
        "is_open": is_still_to_be_paid(invoice.state, invoice.payment_state),
        "form": form,
    }
    return render(request, "portal/settle.html", context)
