"""A company says that the bank, or it itself, gave a payment back."""

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
from apps.reconciliation.returning import NotAReturn, confirm_return
from apps.users.selectors import viewer_of


@login_required
def returned(request: HttpRequest, company_uuid: UUID, invoice_uuid: UUID, movement_uuid: UUID) -> HttpResponse:
    """Write that a debit took back the payment in the form; looking changes nothing."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    invoice = get_company_invoice(company=company, invoice_uuid=invoice_uuid)
    if request.method == "POST":
        try:
            confirm_return(
                company=company,
                debit_uuid=movement_uuid,
                payment_uuid=_uuid(request.POST.get("payment", "")),
                actor=f"user:{viewer.uuid}",
                now=clock.now(),
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The payment is taken off %(number)s.") % {"number": invoice.number})
    return redirect("portal:company-invoice-payments", company.uuid, invoice.uuid)


def _uuid(text: str) -> UUID:
    """Read an id.

    :raises NotAReturn: when it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise NotAReturn from error
