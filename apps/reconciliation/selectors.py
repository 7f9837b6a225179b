"""Reading what pays what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from apps.companies.models import Company
from apps.core.errors import NotFound
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, InvoiceState, PaymentState, open_amount
from apps.invoices.selectors import still_to_be_paid
from apps.reconciliation.models import Allocation, LooseMoney, MatchingChoice, RuledOut, SetOff, Settlement
from apps.reconciliation.rules import SYSTEM, Rule
from apps.statements.models import Movement


def allocated_amounts(invoice_ids: Iterable[int]) -> dict[int, Decimal]:
    """Return what money and explained differences cover of some invoices (absent when nothing does), in one query."""
    sums = Allocation.objects.filter(invoice__any_of=set(invoice_ids)).values_list("invoice_id")
    return dict(sums.annotate(total=Sum(F("amount") + F("difference"))))


def with_allocated(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return invoices, each with the sum that is `allocated` to it, in the same query."""
    sums = Allocation.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    sums = sums.annotate(sum=Sum(F("amount") + F("difference")))
    zero = Value(Decimal(0), output_field=DecimalField(max_digits=15, decimal_places=3))
    return invoices.annotate(allocated=Coalesce(Subquery(sums.values("sum")), zero))


def still_to_pay(invoice: Any) -> Decimal:
    """Return what is still to be paid of an invoice that was read by `with_allocated`."""
    return open_amount(invoice.owed_amount, invoice.allocated, PaymentState(invoice.payment_state))


def list_open_amounts(invoices: Iterable[Invoice]) -> dict[int, Decimal]:
    """Return what is still to be paid of each of some invoices, by id."""
    rows = list(invoices)
    allocated = allocated_amounts(row.pk for row in rows)
    return {
        row.pk: open_amount(row.owed_amount, allocated.get(row.pk, Decimal(0)), PaymentState(row.payment_state))
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Between:
    """What is set off between a credit note and an invoice. It `is_in_hand` once a person wrote any of it."""

    note_id: int
    invoice_id: int
    amount: Decimal
    is_in_hand: bool
    last_actor: str
    last_at: datetime


def list_set_offs(*, concerned: Q) -> list[Between]:
    """Return what is set off between documents, by the rows that are `concerned`, and in their order."""
    found: dict[tuple[int, int], Between] = {}
    for row in SetOff.objects.filter(concerned).order_by("pk"):
        pair = row.note_id, row.invoice_id
        before = found.get(pair)
        found[pair] = Between(
            *pair,
            amount=row.amount + (before.amount if before else Decimal(0)),
            is_in_hand=row.actor != SYSTEM or bool(before and before.is_in_hand),
            last_actor=row.actor,
            last_at=row.created_at,
        )
    return list(found.values())


def giving_way(invoice_ids: Iterable[int]) -> dict[int, Decimal]:
    """Return what the rules set off against some invoices, by id: it gives way to money. No query for none."""
    reduced = list(invoice_ids)
    sums: dict[int, Decimal] = {}
    for row in list_set_offs(concerned=Q(invoice__in=reduced)) if reduced else ():
        if not row.is_in_hand:
            sums[row.invoice_id] = sums.get(row.invoice_id, Decimal(0)) + row.amount
    return sums


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


def list_loose_money(*, company: Company) -> QuerySet[LooseMoney]:
    """Return what is loose of a company's payments, each with its movement and statement, newest first."""
    loose = LooseMoney.objects.filter(company=company, movement__company=company)
    return loose.select_related("movement__statement").order_by("-entry_on", "-movement_id")


def get_credit(*, company: Company, movement_uuid: UUID) -> tuple[Movement, Decimal]:
    """Return money that a company received, and what is loose of it.

    :raises NotFound: when it is not the company's, or is no money that it received.
    """
    received = Movement.objects.filter(company=company, is_money=True, amount__gt=0, uuid=movement_uuid)
    movement = received.select_related("statement", "loose").first()
    if movement is None:
        raise NotFound
    loose = getattr(movement, "loose", None)
    return movement, loose.amount if loose else Decimal(0)


def list_to_pay(*, company: Company, currency: str) -> QuerySet[Invoice]:
    """Return the invoices in a currency of which something is open, each with what is `allocated`, oldest first."""
    owed = Invoice.objects.filter(
        still_to_be_paid(), company=company, document_type=DocumentType.INVOICE, currency=currency
    )
    return with_allocated(owed).order_by("issue_date", "id")


def list_decisions(*, company: Company) -> QuerySet[Allocation]:
    """Return what people and rules gave to a company's invoices and the bank took back, latest first.

    Each comes with its invoice, its movement, and what undid it (absent when it stands).
    """
    rows = Allocation.objects.filter(invoice__company=company).exclude(rule=Rule.UNDONE)
    return rows.select_related("invoice", "movement", "undone_by").order_by("-created_at", "-id")


def pays_oldest_first(*, company_id: int) -> bool:
    """Tell whether a company lets a reused reference pay the oldest invoices first."""
    return company_id in list_oldest_first(company_ids=[company_id])


def list_oldest_first(*, company_ids: Iterable[int]) -> set[int]:
    """Return which of some companies let a reused reference pay the oldest invoices first, by id."""
    chosen = MatchingChoice.objects.filter(company__in=list(company_ids), pays_oldest_first=True)
    return set(chosen.values_list("company", flat=True))


def list_ruled_out(*, company: Company) -> QuerySet[RuledOut]:
    """Return the accounts of which people said that they never pay for a customer, latest first."""
    return RuledOut.objects.filter(company=company, ended_at=None).order_by("-id")


def list_loose_totals(*, company: Company) -> list[tuple[str, int, Decimal]]:
    """Return how many payments have something loose and how much, by currency, the largest first."""
    loose = LooseMoney.objects.filter(company=company, movement__company=company).values_list("movement__currency")
    return sorted(loose.annotate(count=Count("pk"), amount=Sum("amount")).order_by(), key=lambda row: -row[2])


NO_MONEY: Final = (0, Decimal("0.00"))
# The steps of lateness: a name, and after how many days it begins.
AGES: Final = (("days_1", 0), ("days_31", 30), ("days_61", 60), ("days_91", 90))
NOT_DUE: Final = "not_due"


@dataclass(frozen=True, slots=True)
class Age:
    """What is open in one currency of the invoices of one age (`not_due`, or a step of `AGES`) and payment state."""

    currency: str
    name: str
    is_partly_paid: bool
    count: int
    amount: Decimal


def list_ages(*, company: Company, today: date) -> list[Age]:
    """Return what is still to be paid to a company by currency, age and whether a part was paid, in one query."""
    late = [When(due_date__lt=today - timedelta(days=days), then=Value(name)) for name, days in reversed(AGES)]
    age = Case(*late, default=Value(NOT_DUE), output_field=CharField())
    is_partly = Case(When(payment_state=PaymentState.PARTIALLY_PAID, then=True), default=False)
    owed = Invoice.objects.filter(still_to_be_paid(), company=company, document_type=DocumentType.INVOICE)
    rows = with_allocated(owed).annotate(age=age, is_partly=is_partly).values_list("currency", "age", "is_partly")
    found = rows.order_by().annotate(
        count=Count("pk"), amount=Sum(F("payable_amount") - F("set_off_amount") - F("allocated"))
    )
    return [Age(*row) for row in found]


def list_open_totals(*, company: Company, today: date) -> list[OpenTotal]:
    """Return what is still to be paid to a company, by currency, the largest first; credit notes are not counted."""
    parts: dict[str, dict[bool, tuple[int, Decimal]]] = {}
    for age in list_ages(company=company, today=today):
        sums = parts.setdefault(age.currency, {False: NO_MONEY, True: NO_MONEY})
        count, amount = sums[age.name != NOT_DUE]
        sums[age.name != NOT_DUE] = (count + age.count, amount + age.amount)
    totals = [OpenTotal(currency, *sums[False], *sums[True]) for currency, sums in parts.items()]
    return sorted(totals, key=lambda total: total.amount, reverse=True)


def list_paid_totals(*, company: Company, since: date) -> list[tuple[str, int, Decimal]]:
    """Return how many invoices with a day from `since` on are paid, and their sum, by currency, the largest first."""
    paid = Invoice.objects.filter(
        company=company,
        payment_state__in=(PaymentState.PAID, PaymentState.OVERPAID),
        state=InvoiceState.ACCEPTED,
        document_type=DocumentType.INVOICE,
        issue_date__gte=since,
    ).values_list("currency")
    sums = paid.annotate(count=Count("pk"), amount=Sum(F("payable_amount") - F("set_off_amount")))
    return sorted(sums.order_by(), key=lambda row: -row[2])
