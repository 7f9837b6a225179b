"""Reading what pays what."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import QuerySet, Sum

from apps.invoices.models import Invoice
from apps.invoices.rules import PaymentState, open_amount
from apps.reconciliation.models import Allocation


def allocated_amounts(invoice_ids: Iterable[int]) -> dict[int, Decimal]:
    """Return what is allocated to each of some invoices (absent when nothing is), in one query."""
    sums = Allocation.objects.filter(invoice_id__in=list(invoice_ids)).values_list("invoice_id")
    return dict(sums.annotate(total=Sum("amount")))


def list_open_amounts(invoices: Iterable[Invoice]) -> dict[int, Decimal]:
    """Return what is still to be paid of each of some invoices, by id."""
    rows = list(invoices)
    allocated = allocated_amounts(row.pk for row in rows)
    return {
        row.pk: open_amount(row.payable_amount, allocated.get(row.pk, Decimal(0)), PaymentState(row.payment_state))
        for row in rows
    }


def list_allocations(*, invoice: Invoice) -> QuerySet[Allocation]:
    """Return the allocations of an invoice with their movements, oldest first."""
    return Allocation.objects.filter(invoice=invoice).select_related("movement__statement").order_by("id")
