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
from django.db.models import Q, Sum
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.companies.models import BankAccount
from apps.core.errors import DomainError
from apps.core.structured_communication import make_structured_communication
from apps.invoices.models import Invoice
from apps.invoices.rules import PaymentState
from apps.reconciliation.crediting import undo_set_off
from apps.reconciliation.decisions import Part, assign_money, undo_allocation
from apps.reconciliation.ledger import states_of_money
from apps.reconciliation.models import Allocation, LooseMoney, Returned, SetOff
from apps.reconciliation.services import match_invoice, match_statement
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement
from apps.tokens.models import Software
from tests.conftest import NOW
from tests.factories import registry
from tests.factories.movements import book, draft

pytestmark = pytest.mark.django_db
CLOSED = {PaymentState.PAID, PaymentState.OVERPAID, PaymentState.CREDITED}
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

    def note(self, number: int, about: int, price: str) -> None:
        note = Invoice.objects.create(
            company=self.account.company, software=Software.objects.get(), document_type="credit_note",
            number=f"C-{number}", issue_date=date(2026, 11, 20 + number), issue_year=2026, currency="EUR",
            net_amount=price, vat_amount=0, total_amount=price, payable_amount=price, customer_name="Klant NV",
            preceding_number=f"2026-{about:04d}", state="accepted", received_at=self.now, accepted_at=self.now,
            changed_at=self.now,
        )  # fmt: skip
        match_invoice(invoice_uuid=note.uuid, now=self.now)

    def pay(self, *movements: MovementDraft) -> None:
        statement = book(self.now, self.account, *movements)[0].statement
        match_statement(statement_uuid=statement.uuid, now=self.now)

    def undo(self, choice: int) -> None:
        if row := one_of(Allocation.objects.order_by("pk"), choice):
            undo_allocation(company=self.account.company, allocation_uuid=row.uuid, actor="user:an", now=self.now)

    def take_off(self, choice: int) -> None:
        if row := one_of(SetOff.objects.order_by("pk"), choice):
            undo_set_off(
                company=self.account.company, note_uuid=row.note.uuid, invoice_uuid=row.invoice.uuid,
                actor="user:an", now=self.now,
            )  # fmt: skip
            match_invoice(invoice_uuid=row.invoice.uuid, now=self.now)

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
        set_off = total(SetOff.objects.filter(Q(invoice=invoice) | Q(note=invoice)), "amount")
        assert invoice.set_off_amount == set_off >= 0
        assert Decimal(0) <= covered <= invoice.payable_amount - set_off
        assert invoice.payment_state == states[invoice.pk]
        assert (covered + set_off == invoice.payable_amount) == (states[invoice.pk] in CLOSED)
    for note in Invoice.objects.filter(document_type="credit_note", payment_state="open", credits__isnull=False):
        is_in_hand = SetOff.objects.filter(note=note).exclude(actor="system").exists()
        assert is_in_hand or note.credits is None or note.credits.payment_state not in {"open", "partially_paid"}
    loose = dict(LooseMoney.objects.values_list("movement", "amount"))
    for movement in Movement.objects.filter(amount__gt=0):
        given_away = total(movement.allocations, "amount")
        is_gone = Returned.objects.filter(original=movement).exists()
        assert Decimal(0) <= given_away <= movement.amount
        assert loose.get(movement.pk, Decimal(0)) == (0 if is_gone else movement.amount - given_away)


def total(rows: Any, of: str) -> Decimal:
    return rows.aggregate(total=Sum(of))["total"] or Decimal(0)


NOTES = st.tuples(st.just("note"), st.integers(1, 4), st.integers(1, 4), st.sampled_from(("21.00", "60.50", "121.00")))
BILLS = st.tuples(st.just("bill"), st.integers(1, 4), st.sampled_from(PRICES))
PAYMENTS = st.tuples(
    st.just("pay"), st.integers(1, 4), st.sampled_from((*PRICES, "100.00", "120.97", "-121.00")), st.integers(0, 2)
)
DECISIONS = st.tuples(st.sampled_from(("undo", "give", "take_off")), st.integers(0, 50))


@hypothesis_settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(BILLS, PAYMENTS, PAYMENTS, NOTES, DECISIONS), min_size=4, max_size=12))
def test_no_order_of_anything_gives_more_than_there_is(account: BankAccount, steps: list[tuple[Any, ...]]) -> None:
    with forgotten():
        books = Books(account)
        made: set[tuple[str, int]] = set()
        for name, *said in steps:
            if name in {"bill", "note"} and (name, said[0]) not in made:
                made.add((name, said[0]))
                getattr(books, name)(*said)
            elif name == "pay":
                books.pay(payment(*said))
            elif name in {"undo", "give", "take_off"}:
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


AN_INVOICE = ("bill", 1, "121.00")
CREDITED_STORIES: dict[str, tuple[list[tuple[Any, ...]], dict[str, str], str]] = {
    "what two credit notes leave is paid by its number": (
        [AN_INVOICE, ("note", 1, 1, "21.00"), ("note", 2, 1, "50.00"), ("pay", 1, "50.00", 1)],
        {"2026-0001": "paid", "C-1": "credited", "C-2": "credited"},
        "0",
    ),
    "all of it is paid by its number, and the credit note is to be paid back": (
        [AN_INVOICE, ("note", 1, 1, "21.00"), ("pay", 1, "121.00", 1)],
        {"2026-0001": "paid", "C-1": "open"},
        "0",
    ),
    "instalments by the reference take the place of the younger credit note": (
        [AN_INVOICE, ("note", 1, 1, "21.00"), ("note", 2, 1, "50.00"), ("pay", 1, "60.50", 0), ("pay", 1, "40.00", 0)],
        {"2026-0001": "paid", "C-1": "open", "C-2": "open"},
        "0",
    ),
    "all is credited, and no money comes": (
        [AN_INVOICE, ("note", 1, 1, "100.00"), ("note", 2, 1, "50.00")],
        {"2026-0001": "credited", "C-1": "credited", "C-2": "open"},
        "0",
    ),
    "all is credited, and yet it is paid twice": (
        [AN_INVOICE, ("note", 1, 1, "121.00"), ("pay", 1, "121.00", 0), ("pay", 1, "121.00", 0)],
        {"2026-0001": "paid", "C-1": "open"},
        "121.000",
    ),
}


@pytest.mark.parametrize("story", CREDITED_STORIES)
def test_it_does_not_matter_whether_the_credit_note_the_money_or_the_invoice_comes_first(
    account: BankAccount, story: str
) -> None:
    steps, expected, loose = CREDITED_STORIES[story]
    orders = list(permutations(steps))
    results = set()
    for order in orders[:: 1 if os.environ.get("STRESS") == "1" else max(1, len(orders) // 6)]:
        with forgotten():
            books = Books(account)
            for name, *said in order:
                getattr(books, name)(payment(*said) if name == "pay" else said[0], *(() if name == "pay" else said[1:]))
            check(account)
            states = tuple(Invoice.objects.order_by("number").values_list("number", "payment_state", "set_off_amount"))
            results.add((states, total(LooseMoney.objects, "amount")))

    assert len(results) == 1
    states, left = results.pop()
    assert {number: state for number, state, _amount in states} == expected
    assert left == Decimal(loose)
