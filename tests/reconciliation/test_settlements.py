"""Settling by hand: it closes what is open, money that comes later finds nothing, and undoing brings all back."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from apps.companies.models import BankAccount, Company
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.reconciliation.models import Allocation, Settlement
from apps.reconciliation.rules import SettlementWay
from apps.reconciliation.selectors import list_open_amounts
from apps.reconciliation.settlements import (
    NothingToSettle,
    ReasonTooShort,
    SettlementDayAhead,
    SettlementUndone,
    settle_invoice,
    undo_settlement,
)
from apps.statements.services.intake import receive_coda_file
from tests.factories import registry
from tests.factories.wire import Software, credit, make_coda, make_document

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


@pytest.fixture
def company(now: datetime) -> Company:
    return registry.make_company(now, office=registry.make_office(now))


@pytest.fixture
def account(now: datetime, company: Company) -> BankAccount:
    return registry.make_account(now, company)


@pytest.fixture
def software(now: datetime, company: Company) -> Software:
    return Software.of(registry.connect(now, company, registry.make_software(now)))


@pytest.fixture
def invoice(company: Company, software: Software, run_reactions: Callable[[], int]) -> Invoice:
    software.upload(make_document(company))
    run_reactions()
    return Invoice.objects.get()


def settle(invoice: Invoice, now: datetime, way: SettlementWay = SettlementWay.CASH, **changed: Any) -> Settlement:
    given: dict[str, Any] = {"settled_on": DAY, "reason": "paid at the counter", "actor": "user:koen"} | changed
    return settle_invoice(invoice=invoice, way=way, now=now, **given)


def state_of(invoice: Invoice) -> tuple[str, Decimal]:
    invoice.refresh_from_db()
    return invoice.payment_state, list_open_amounts([invoice])[invoice.pk]


def pay(account: BankAccount, amount: str, now: datetime, run_reactions: Callable[[], int], number: int = 214) -> None:
    receive_coda_file(content=make_coda(account.iban, credit(amount), number=number), name="a.cod", actor="t", now=now)
    run_reactions()


@pytest.mark.parametrize("way", SettlementWay)
def test_what_is_open_is_settled_with_its_day_and_reason(
    way: SettlementWay, now: datetime, invoice: Invoice, software: Software
) -> None:
    settlement = settle(invoice, now, way)

    assert state_of(invoice) == ("settled", Decimal("0.00"))
    assert (settlement.amount, settlement.settled_on, settlement.reason) == (
        Decimal("1210.00"),
        DAY,
        "paid at the counter",
    )
    body = software.get(f"sales-invoices/{invoice.uuid}/").json()
    assert (body["payment_state"], body["open_amount"]) == ("settled", "0.00")
    assert (body["timeline"][-1]["event"], body["timeline"][-1]["actor"]) == ("payment_changed", "user")


def test_the_rest_of_a_part_payment_is_settled(
    now: datetime, account: BankAccount, invoice: Invoice, run_reactions: Callable[[], int]
) -> None:
    pay(account, "1200.00", now, run_reactions)

    settlement = settle(invoice, now, SettlementWay.WRITTEN_OFF)

    assert settlement.amount == Decimal("10.00")
    assert state_of(invoice) == ("settled", Decimal("0.00"))


def test_money_that_comes_for_a_settled_invoice_stays_loose_until_that_is_undone(
    now: datetime, account: BankAccount, invoice: Invoice, run_reactions: Callable[[], int]
) -> None:
    settlement = settle(invoice, now)
    pay(account, "1210.00", now, run_reactions)
    loose = Allocation.objects.count()

    undo_settlement(invoice=invoice, settlement_uuid=settlement.uuid, actor="user:koen", now=now)
    opened = state_of(invoice)
    run_reactions()

    assert loose == 0
    assert opened == ("open", Decimal("1210.00"))
    assert state_of(invoice) == ("paid", Decimal("0.00"))


def test_undoing_a_part_payments_rest_leaves_the_part(
    now: datetime, account: BankAccount, invoice: Invoice, run_reactions: Callable[[], int]
) -> None:
    pay(account, "1200.00", now, run_reactions)
    settlement = settle(invoice, now)

    undo_settlement(invoice=invoice, settlement_uuid=settlement.uuid, actor="user:koen", now=now)

    assert state_of(invoice) == ("partially_paid", Decimal("10.00"))
    changes = Event.objects.filter(subject_uuid=invoice.uuid, name="invoice.payment_changed").order_by("id")
    assert [(event.payload["from"], event.payload["to"]) for event in changes][-1] == ("settled", "partially_paid")


def test_a_credit_note_that_is_set_off_is_credited(
    now: datetime, company: Company, software: Software, run_reactions: Callable[[], int]
) -> None:
    software.upload(make_document(company, number="C-1", credit_note=True))
    run_reactions()
    note = Invoice.objects.get(number="C-1")

    settle(note, now, SettlementWay.SET_OFF)

    assert state_of(note) == ("credited", Decimal("0.00"))


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"reason": "  "}, ReasonTooShort),
        ({"reason": "x" * 301}, ReasonTooShort),
        ({"settled_on": date(2026, 11, 26)}, SettlementDayAhead),
    ],
)
def test_a_settlement_that_cannot_be_is_refused_and_leaves_no_trace(
    changed: dict[str, Any], refusal: type[Exception], now: datetime, invoice: Invoice
) -> None:
    before = Event.objects.count()

    with pytest.raises(refusal):
        settle(invoice, now, **changed)

    assert state_of(invoice) == ("open", Decimal("1210.00"))
    assert not Settlement.objects.exists()
    assert Event.objects.count() == before


def test_what_is_settled_is_not_settled_twice_nor_undone_twice(now: datetime, invoice: Invoice) -> None:
    settlement = settle(invoice, now)
    with pytest.raises(NothingToSettle):
        settle(invoice, now)
    undo_settlement(invoice=invoice, settlement_uuid=settlement.uuid, actor="user:koen", now=now)
    before = Event.objects.count()

    with pytest.raises(SettlementUndone):
        undo_settlement(invoice=invoice, settlement_uuid=settlement.uuid, actor="user:koen", now=now)

    assert Event.objects.count() == before


def test_a_document_that_is_not_accepted_yet_is_not_settled(
    now: datetime, company: Company, software: Software
) -> None:
    software.upload(make_document(company))

    with pytest.raises(NothingToSettle):
        settle(Invoice.objects.get(), now)
