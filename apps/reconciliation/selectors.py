"""Reading what pays what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DecimalField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from apps.companies.models import Company
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, PaymentState, open_amount
from apps.invoices.selectors import still_to_be_paid
from apps.reconciliation.models import Allocation, Settlement


def allocated_amounts(invoice_ids: Iterable[int]) -> dict[int, Decimal]:
    """Return what money and explained differences cover of some invoices (absent when nothing does), in one query."""
    sums = Allocation.objects.filter(invoice_id__in=list(invoice_ids)).values_list("invoice_id")
    return dict(sums.annotate(total=Sum(F("amount") + F("difference"))))


def with_allocated(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return invoices, each with the sum that is `allocated` to it, in the same query."""
    sums = Allocation.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    sums = sums.annotate(sum=Sum(F("amount") + F("difference")))
    zero = Value(Decimal(0), output_field=DecimalField(max_digits=15, decimal_places=3))
    return invoices.annotate(allocated=Coalesce(Subquery(sums.values("sum")), zero))


def still_to_pay(invoice: Any) -> Decimal:
    """Return what is still to be paid of an invoice that was read by `with_allocated`."""
    return open_amount(invoice.payable_amount, invoice.allocated, PaymentState(invoice.payment_state))


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


def standing_settlement(*, invoice: Invoice) -> Settlement | None:
    """Return what a person settled of an invoice, if that stands."""
    return Settlement.objects.filter(invoice=invoice, undone_at=None).first()


@dataclass(frozen=True, slots=True)
class OpenTotal:
    """What a company's customers still have to pay in one currency."""

    currency: str
    due_count: int
    due_amount: Decimal
    late_count: int
    late_amount: Decimal

    @property
    def amount(self) -> Decimal:
        """Return what is open in all."""
        return self.due_amount + self.late_amount


def list_open_totals(*, company: Company, today: date) -> list[OpenTotal]:
    """Return what is still to be paid to a company, by currency, the largest first; credit notes are not counted."""
    still = with_allocated(
        Invoice.objects.filter(still_to_be_paid(), company=company, document_type=DocumentType.INVOICE)
    )
    is_late = Case(When(due_date__lt=today, then=True), default=False, output_field=BooleanField())
    owed = still.annotate(is_late=is_late).values_list("currency", "is_late").order_by()
    parts: dict[str, dict[bool, tuple[int, Decimal]]] = {}
    for currency, late, count, amount in owed.annotate(
        count=Count("pk"), amount=Sum(F("payable_amount") - F("allocated"))
    ):
        parts.setdefault(currency, {})[late] = (count, amount)
    nothing = (0, Decimal("0.00"))
    totals = [
        OpenTotal(currency, *part.get(False, nothing), *part.get(True, nothing)) for currency, part in parts.items()
    ]
    return sorted(totals, key=lambda total: total.amount, reverse=True)
