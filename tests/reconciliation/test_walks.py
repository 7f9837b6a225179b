"""Whatever comes, in whatever order: nobody gives more than there is, loose is what is not given, undoing restores."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.companies.models import BankAccount
from apps.core.errors import DomainError
from apps.core.structured_communication import make_structured_communication
from apps.invoices.models import Invoice
from apps.invoices.rules import PaymentState
from apps.reconciliation.decisions import Part, assign_money, undo_allocation
from apps.reconciliation.ledger import states_of_money
from apps.reconciliation.models import Allocation, LooseMoney, Returned
from apps.reconciliation.services import match_invoice, match_statement
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement
from apps.tokens.models import Software
from tests.conftest import NOW
from tests.factories import registry
from tests.factories.movements import book, draft

pytestmark = pytest.mark.django_db
PRICES = ("121.00", "242.00", "60.50")


@pytest.fixture
def account() -> BankAccount:
    registry.make_software(NOW)
    return registry.make_account(NOW, registry.make_company(NOW, office=registry.make_office(NOW)))


@contextmanager
def forgotten() -> Iterator[None]:
    """Undo what an example wrote."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Books:
    """One company's books: each step does one thing that happens in life, and lets the matching follow."""

    account: BankAccount
    now: datetime = NOW
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))

    def bill(self, number: int, price: str) -> None:
        invoice = Invoice.objects.create(
            company=self.account.company, software=Software.objects.get(), document_type="invoice",
            number=f"2026-{number:04d}", issue_date=date(2026, 11, 20), issue_year=2026, currency="EUR",
            net_amount=price, vat_amount=0, total_amount=price, payable_amount=price, customer_name="Klant NV",
            structured_communication=reference(number), state="accepted", received_at=self.now, accepted_at=self.now,
            changed_at=self.now,
        )  # fmt: skip
        match_invoice(invoice_uuid=invoice.uuid, now=self.now)

    def pay(self, *movements: MovementDraft) -> None:
        statement = book(self.now, self.account, *movements)[0].statement
        match_statement(statement_uuid=statement.uuid, now=self.now)

    def undo(self, choice: int) -> None:
        if row := one_of(Allocation.objects.order_by("pk"), choice):
            undo_allocation(company=self.account.company, allocation_uuid=row.uuid, actor="user:an", now=self.now)

    def give(self, choice: int) -> None:
        loose = one_of(LooseMoney.objects.order_by("pk"), choice)
        invoice = one_of(Invoice.objects.order_by("pk"), choice // 3)
        if loose and invoice:
            parts = [Part(invoice.uuid, min(loose.amount, invoice.payable_amount) / (1 + choice % 2))]
            assign_money(
                company=self.account.company, movement_uuid=loose.movement.uuid, parts=parts, seen=loose.amount,
                actor="user:an", now=self.now,
            )  # fmt: skip


def one_of(rows: Any, choice: int) -> Any:
    found = list(rows)
    return found[choice % len(found)] if found else None


def reference(number: int) -> str:
    return make_structured_communication(number)


def payment(number: int, price: str, way: int) -> MovementDraft:
    """Return a payment that names an invoice by its reference, by its number, or not at all."""
    if way == 0:
        return draft(price, structured_communication=reference(number))
    return draft(
        price, communication=f"factuur 2026-{number:04d}" if way == 1 else "", counterparty_iban="BE71096123456769"
    )


def check(account: BankAccount) -> None:
    """Look at every invoice and every payment."""
    states = states_of_money(list(Invoice.objects.all()))
    for invoice in Invoice.objects.all():
        covered = total(invoice.allocations, "amount") + total(invoice.allocations, "difference")
        assert Decimal(0) <= covered <= invoice.payable_amount
        assert invoice.payment_state == states[invoice.pk]
        assert (covered == invoice.payable_amount) == (states[invoice.pk] in {PaymentState.PAID, PaymentState.OVERPAID})
    loose = dict(LooseMoney.objects.values_list("movement", "amount"))
    for movement in Movement.objects.filter(amount__gt=0):
        given_away = total(movement.allocations, "amount")
        is_gone = Returned.objects.filter(original=movement).exists()
        assert Decimal(0) <= given_away <= movement.amount
        assert loose.get(movement.pk, Decimal(0)) == (0 if is_gone else movement.amount - given_away)


def total(rows: Any, of: str) -> Decimal:
    return rows.aggregate(total=Sum(of))["total"] or Decimal(0)


BILLS = st.tuples(st.just("bill"), st.integers(1, 4), st.sampled_from(PRICES))
PAYMENTS = st.tuples(
    st.just("pay"), st.integers(1, 4), st.sampled_from((*PRICES, "100.00", "120.97", "-121.00")), st.integers(0, 2)
)
DECISIONS = st.tuples(st.sampled_from(("undo", "give")), st.integers(0, 50))


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(BILLS, PAYMENTS, PAYMENTS, DECISIONS), min_size=4, max_size=12))
def test_no_order_of_anything_gives_more_than_there_is(account: BankAccount, steps: list[tuple[Any, ...]]) -> None:
    with forgotten():
        books = Books(account)
        billed: set[int] = set()
        for name, *said in steps:
            if name == "bill" and said[0] not in billed:
                billed.add(said[0])
                books.bill(*said)
            elif name == "pay":
                books.pay(payment(*said))
            elif name in {"undo", "give"}:
                with suppress(DomainError), transaction.atomic():
                    getattr(books, name)(*said)
            check(account)


@hypothesis_settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(price=st.sampled_from(PRICES), paid=st.sampled_from((*PRICES, "100.00", "120.97")), way=st.integers(0, 1))
def test_what_is_given_and_undone_is_as_if_it_never_was(account: BankAccount, price: str, paid: str, way: int) -> None:
    with forgotten():
        books = Books(account)
        books.bill(1, price)
        books.pay(payment(1, paid, way))
        for row in Allocation.objects.order_by("-pk"):
            undo_allocation(company=account.company, allocation_uuid=row.uuid, actor="user:an", now=NOW)

        check(account)
        assert Invoice.objects.get().payment_state == "open"
        assert LooseMoney.objects.get().amount == Decimal(paid)


STORY: dict[str, Callable[[Books], None]] = {
    "an invoice": lambda books: books.bill(1, "121.00"),
    "another": lambda books: books.bill(2, "242.00"),
    "half by its reference": lambda books: books.pay(payment(1, "60.50", 0)),
    "the other half by its number": lambda books: books.pay(payment(1, "60.50", 1)),
    "both by their references": lambda books: books.pay(payment(2, "242.00", 0)),
}


def test_the_order_in_which_things_come_does_not_change_the_result(account: BankAccount) -> None:
    results = set()
    # All hundred and twenty take a minute; these begin with each, and end with each.
    orders = list(permutations(STORY))[:: 1 if os.environ.get("STRESS") == "1" else 9]
    for order in orders:
        with forgotten():
            for name in order:
                STORY[name](Books(account))
            check(account)
            results.add(
                (
                    tuple(Invoice.objects.order_by("number").values_list("payment_state", flat=True)),
                    LooseMoney.objects.count(),
                )
            )

    assert results == {(("paid", "paid"), 0)}
