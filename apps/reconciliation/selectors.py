"""Reading what pays what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import BooleanField, Case, Count, QuerySet, Sum, When

from apps.companies.models import Company
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, InvoiceState, PaymentState, open_amount
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
    is_late = Case(When(due_date__lt=today, then=True), default=False, output_field=BooleanField())
    still = Invoice.objects.filter(
        company=company,
        state=InvoiceState.ACCEPTED,
        document_type=DocumentType.INVOICE,
        payment_state__in=[PaymentState.OPEN, PaymentState.PARTIALLY_PAID],
    ).annotate(is_late=is_late)
    owed = still.values_list("currency", "is_late").annotate(count=Count("pk"), amount=Sum("payable_amount")).order_by()
    paid = Allocation.objects.filter(invoice__in=still.values("pk")).annotate(
        is_late=Case(When(invoice__due_date__lt=today, then=True), default=False, output_field=BooleanField())
    )
    given = {
        (currency, late): amount
        for currency, late, amount in paid.values_list("invoice__currency", "is_late")
        .annotate(amount=Sum("amount"))
        .order_by()
    }
    parts: dict[str, dict[bool, tuple[int, Decimal]]] = {}
    for currency, late, count, amount in owed:
        parts.setdefault(currency, {})[late] = (count, amount - given.get((currency, late), Decimal(0)))
    nothing = (0, Decimal("0.00"))
    totals = [
        OpenTotal(currency, *part.get(False, nothing), *part.get(True, nothing)) for currency, part in parts.items()
    ]
    return sorted(totals, key=lambda total: total.amount, reverse=True)
