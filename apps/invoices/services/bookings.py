"""What an accounting office does with the invoices that it received."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.core.states import check_transition
from apps.events import services as events
from apps.events.services import News
from apps.invoices.models import Invoice
from apps.invoices.rules import OFFICE_VIEW_TRANSITIONS, OfficeViewState


class RefusedByOffice(DomainError):
    """What an office refused is its maker's to correct; it is not booked."""

    code = "refused_by_office"
    sentence = _("Your office refused invoice %(number)s. Nothing was marked; choose without it.")


@transaction.atomic
def book_invoices(*, invoice_ids: Collection[int], actor: str, now: datetime) -> int:
    """Mark invoices as booked by their office, all or none of them; the caller may see them. Returns how many were.

    Those that are booked already stay as they are.

    :raises RefusedByOffice: when the office refused one of them.
    """
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company")
    invoices = [
        invoice
        for invoice in locked.filter(pk__in=invoice_ids).order_by("pk")
        if invoice.office_state != OfficeViewState.BOOKED
    ]
    for invoice in invoices:
        if invoice.office_state == OfficeViewState.REFUSED:
            raise RefusedByOffice(number=invoice.number)
        check_transition(OFFICE_VIEW_TRANSITIONS, OfficeViewState(invoice.office_state), OfficeViewState.BOOKED)
        invoice.office_state, invoice.changed_at = OfficeViewState.BOOKED, now
    Invoice.objects.bulk_update(invoices, ["office_state", "changed_at"])
    events.record_many(
        [News("invoice.booked", invoice.uuid, invoice.company.uuid) for invoice in invoices], actor=actor, now=now
    )
    return len(invoices)
