"""A company sets a credit note off against an invoice by hand, or takes it off again."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.errors import DomainError
from apps.invoices.selectors import get_company_invoice
from apps.reconciliation.crediting import set_off_note, undo_set_off
from apps.users.selectors import viewer_of


@login_required
def set_off(request: HttpRequest, company_uuid: UUID, invoice_uuid: UUID, note_uuid: UUID) -> HttpResponse:
    """Set a credit note off against an invoice, or undo that; looking changes nothing."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    invoice = get_company_invoice(company=company, invoice_uuid=invoice_uuid)
    note = get_company_invoice(company=company, invoice_uuid=note_uuid)
    if request.method == "POST":
        is_undoing = "undo" in request.POST
        decide = undo_set_off if is_undoing else set_off_note
        told = (
            _("Credit note %(note)s is taken off %(number)s.")
            if is_undoing
            else _("Credit note %(note)s is set off against %(number)s.")
        )
        try:
            decide(
                company=company,
                note_uuid=note.uuid,
                invoice_uuid=invoice.uuid,
                actor=f"user:{viewer.uuid}",
                now=clock.now(),
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, told % {"note": note.number, "number": invoice.number})
    return redirect("portal:company-invoice-payments", company.uuid, invoice.uuid)
