from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.companies.models import BankAccount
from apps.core.structured_communication import make_structured_communication
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.reconciliation.by_reference import pay_by_reference
from apps.reconciliation.decisions import rule_out_payer
from apps.reconciliation.models import Allocation, LooseMoney
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement, Statement
from tests.factories.movements import book
from tests.factories.wire import credit
from tests.reconciliation.conftest import Bill, state

pytestmark = pytest.mark.django_db
Store = Callable[..., Statement]


@pytest.fixture
def store(now: datetime, account: BankAccount) -> Store:
    """Return a function that imports movements and lets nothing follow."""

    def storing(*movements: MovementDraft) -> Statement:
        return book(now, account, *movements)[0].statement

    return storing


def test_a_payment_of_exactly_its_one_invoice_is_given_as_the_rules_would(
    now: datetime, bill: Bill, store: Store
) -> None:
    invoice = bill()
    statement = store(credit("1210.00"))

    given = pay_by_reference(statement_ids=[statement.pk], now=now)

    row = Allocation.objects.get()
    assert (given, row.invoice_id, state(invoice)) == (1, invoice.pk, ("paid", Decimal(1210)))
    assert (row.rule, row.evidence, row.actor, row.created_at) == (
        "structured_communication", "090933755493", "system", now,
    )  # fmt: skip
    news = Event.objects.filter(subject_uuid=invoice.uuid, name="invoice.payment_changed").get()
    assert (news.company_uuid, news.payload) == (invoice.company.uuid, {"from": "open", "to": "paid"})
    assert pay_by_reference(statement_ids=[statement.pk], now=now) == 0


NOT_PLAIN = {
    "too much": [credit("1300.00")],
    "too little": [credit("500.00")],
    "twice": [credit("1210.00"), credit("1210.00")],
    "with words": [replace(credit("1210.00", ""), communication="+++090/9337/55493+++ en 2026-0007")],
    "another's reference": [credit("1210.00", "101000000151")],
    "an own transfer": [replace(credit("1210.00"), transaction_code="00164000")],
    "a debit": [credit("-1210.00")],
}


@pytest.mark.parametrize("movements", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_the_rules_must_look_at_is_left_to_them(
    now: datetime, bill: Bill, store: Store, movements: list[MovementDraft]
) -> None:
    bill()

    assert pay_by_reference(statement_ids=[store(*movements).pk], now=now) == 0
    assert not Allocation.objects.exists()


def test_an_invoice_that_is_not_alone_open_and_untouched_is_left_to_the_rules(
    now: datetime, bill: Bill, store: Store, account: BankAccount
) -> None:
    shared = make_structured_communication(1234567)
    bill("1", reference=shared)
    bill("2", reference=shared)
    bill("3", credit_note=True)
    statement = store(credit("1210.00", shared), credit("1210.00"))

    assert pay_by_reference(statement_ids=[statement.pk], now=now) == 0


def test_a_payer_that_was_ruled_out_is_left_to_the_rules(
    now: datetime, bill: Bill, store: Store, account: BankAccount
) -> None:
    invoice = bill()
    statement = store(credit("1210.00"))
    paid = Movement.objects.get()
    rule_out_payer(
        company=account.company, movement_uuid=paid.uuid, invoice_uuid=invoice.uuid, actor="user:an", now=now
    )

    assert pay_by_reference(statement_ids=[statement.pk], now=now) == 0


def test_a_hundred_plain_payments_take_as_many_queries_as_two(
    now: datetime, bill: Bill, store: Store, run_reactions: Callable[[], int]
) -> None:
    references = [make_structured_communication(number) for number in range(1, 24)]
    for number, reference in enumerate(references):
        bill(f"2026-{number:04d}", reference=reference)
    asked = []
    for of_these in (references[:2], references[2:]):
        statement = store(*(credit("1210.00", reference) for reference in of_these))
        with CaptureQueriesContext(connection) as queries:
            assert pay_by_reference(statement_ids=[statement.pk], now=now) == len(of_these)
        asked.append(len(queries))
    run_reactions()

    assert asked[0] == asked[1]
    assert not Invoice.objects.exclude(payment_state="paid").exists()
    assert not LooseMoney.objects.exists()
