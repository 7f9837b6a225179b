from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.companies.models import BankAccount
from apps.reconciliation.by_reference import pay_by_reference
from apps.reconciliation.models import Allocation, LooseMoney
from apps.reconciliation.services import match_statement, match_statements
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories import registry
from tests.factories.movements import book
from tests.factories.wire import credit, make_coda
from tests.reconciliation.conftest import Bank, Bill, state

pytestmark = pytest.mark.django_db


def test_a_credit_with_the_reference_pays_the_invoice(bill: Bill, bank: Bank) -> None:
    invoice = bill()

    bank(credit("1210.00"))

    assert state(invoice) == ("paid", Decimal(1210))
    allocation = Allocation.objects.get()
    assert (allocation.rule, allocation.evidence, allocation.actor) == (
        "structured_communication", "090933755493", "system",
    )  # fmt: skip


def test_instalments_pay_in_part_then_in_full(bill: Bill, bank: Bank) -> None:
    invoice = bill()

    bank(credit("500.00"))
    after_one = state(invoice)
    bank(credit("710.00"))

    assert after_one == ("partially_paid", Decimal(500))
    assert state(invoice) == ("paid", Decimal(1210))


def test_too_much_leaves_the_excess_loose_and_says_overpaid(bill: Bill, bank: Bank) -> None:
    invoice = bill()

    bank(credit("1300.00"))

    assert state(invoice) == ("overpaid", Decimal(1210))


def test_a_second_payment_of_a_paid_invoice_is_not_allocated(bill: Bill, bank: Bank) -> None:
    invoice = bill()

    bank(credit("1210.00"), credit("1210.00"))

    assert state(invoice) == ("paid", Decimal(1210))
    assert Allocation.objects.count() == 1


def test_a_reversal_takes_the_payment_back_and_a_new_one_pays_again(bill: Bill, bank: Bank) -> None:
    invoice = bill()
    bank(credit("1210.00"))

    bank(credit("-1210.00"))
    after_reversal = state(invoice)
    bank(credit("1210.00"))

    assert after_reversal == ("open", Decimal(0))
    assert state(invoice) == ("paid", Decimal(1210))


def test_one_reversal_of_two_instalments_takes_back_its_own_original(bill: Bill, bank: Bank) -> None:
    invoice = bill()
    bank(credit("500.00"), credit("710.00"))

    bank(credit("-500.00"))

    assert state(invoice) == ("partially_paid", Decimal(710))


def test_money_that_came_before_its_invoice_pays_it_when_it_comes(bill: Bill, bank: Bank) -> None:
    bank(credit("1210.00"))

    invoice = bill()

    assert state(invoice) == ("paid", Decimal(1210))


def test_a_correction_recomputes_what_is_paid(bill: Bill, bank: Bank) -> None:
    invoice = bill()
    bank(credit("1210.00"))

    bill(price="1100.00")

    assert state(invoice) == ("partially_paid", Decimal(1210))


def test_an_excess_pays_on_when_a_correction_raises_the_invoice_and_a_reversal_takes_it_all_back(
    bill: Bill, bank: Bank
) -> None:
    invoice = bill()
    bank(credit("1500.00"))

    bill(price="1100.00")
    after_correction = state(invoice)
    bank(credit("-1500.00"))

    assert after_correction == ("overpaid", Decimal(1331))
    assert state(invoice) == ("open", Decimal(0))


def test_two_open_invoices_with_one_reference_are_left_to_a_person(bill: Bill, bank: Bank) -> None:
    one, other = bill("1"), bill("2")

    bank(credit("1210.00"))

    assert state(one) == state(other) == ("open", Decimal(0))


def test_a_credit_note_is_never_paid_by_a_credit(bill: Bill, bank: Bank) -> None:
    note = bill(credit_note=True)

    bank(credit("1210.00"))

    assert state(note) == ("open", Decimal(0))


def test_matching_again_changes_nothing(now: datetime, bill: Bill, bank: Bank) -> None:
    invoice = bill()
    bank(credit("500.00"))

    made = match_statement(statement_uuid=Statement.objects.get().uuid, now=now)

    assert made == 0
    assert state(invoice) == ("partially_paid", Decimal(500))


@pytest.mark.django_db(transaction=True)
def test_simultaneous_matching_never_allocates_more_than_is_open(
    now: datetime, account: BankAccount, bill: Bill
) -> None:
    invoice = bill()
    for number in range(1, 7):
        content = make_coda(account.iban, credit("400.00"), number=number)
        received = receive_coda_file(content=content, name="f", actor="t", now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)

    def match_once(statement: Statement) -> None:
        try:
            match_statement(statement_uuid=statement.uuid, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(match_once, list(Statement.objects.all()) * 2))

    assert state(invoice) == ("overpaid", Decimal(1210))


def written(amount: str, text: str = "", *, iban: str = "BE71096123456769", name: str = "Klant NV") -> MovementDraft:
    return replace(credit(amount, "", iban=iban), communication=text, counterparty_name=name)


def test_a_number_in_the_text_with_the_exact_amount_pays_its_invoice(bill: Bill, bank: Bank) -> None:
    first, second = bill("2026-0001", reference=None), bill("2026-0002", reference=None)

    bank(written("1210.00", "betaling factuur 2026/0002"))

    assert state(first) == ("open", Decimal(0))
    assert state(second) == ("paid", Decimal(1210))
    assert Allocation.objects.values_list("rule", "evidence").get() == ("invoice_number", "2026-0002")


def test_an_account_teaches_for_whom_it_pays_and_then_the_amount_is_enough(bill: Bill, bank: Bank) -> None:
    first, second = bill("1", reference=None, price="100.00"), bill("2", reference=None, price="200.00")

    bank(written("242.00"))
    assert state(second) == ("open", Decimal(0))
    bank(written("121.00", "factuur 1"), written("242.00"))

    assert (state(first)[0], state(second)[0]) == ("paid", "paid")
    assert set(Allocation.objects.values_list("rule", "evidence")) == {
        ("invoice_number", "1"),
        ("known_account", "BE71096123456769"),
    }


def test_one_payment_pays_all_the_invoices_that_it_names(bill: Bill, bank: Bank) -> None:
    invoices = [bill(f"2026-000{n}", reference=None, price=f"{n}00.00") for n in (1, 2, 3)]

    bank(written("484.00", "2026-0001 + 2026-0003"))

    assert [state(invoice)[0] for invoice in invoices] == ["paid", "open", "paid"]


def test_money_that_named_a_number_pays_the_invoice_that_comes_after_it(bill: Bill, bank: Bank) -> None:
    bank(written("1210.00", "factuur 2026-0001"))

    assert state(bill("2026-0001", reference=None)) == ("paid", Decimal(1210))


def test_an_own_transfer_pays_nothing_whatever_it_says(bill: Bill, bank: Bank) -> None:
    invoice = bill("2026-0001", reference=None)

    bank(replace(written("1210.00", "factuur 2026-0001"), transaction_code="00164000"))

    assert state(invoice) == ("open", Decimal(0))


def test_looking_at_many_payments_takes_as_many_queries_as_looking_at_two(
    now: datetime, bill: Bill, account: BankAccount
) -> None:
    bill()
    asked = []
    for number, count in ((1, 2), (2, 59)):
        movements = [written(f"{n}.00", f"tekst {n} factuur 77{n}") for n in range(1, count + 1)]
        content = make_coda(account.iban, *movements, number=number)
        received = receive_coda_file(content=content, name="f", actor="t", now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)
        with CaptureQueriesContext(connection) as queries:
            assert match_statement(statement_uuid=Statement.objects.get(number=number).uuid, now=now) == 0
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_companies_that_are_matched_together_pay_only_their_own_invoices(
    now: datetime, account: BankAccount, bill: Bill
) -> None:
    neighbour = registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))
    ours = [bill("7", reference=None), bill("8", price="100.00", reference=None)]
    theirs = [bill("7", reference=None, sender=neighbour.company), bill("9", reference=None, sender=neighbour.company)]
    statements = [
        # Their accounts have one payer in common, who is known here by the second payment and there not at all.
        book(now, account, written("1210.00", "factuur 7"), written("121.00"))[0].statement,
        book(now, neighbour, written("1210.00", "factuur 8"), written("605.00", "factuur 7"))[0].statement,
    ]

    made = match_statements(statement_uuids=[statement.uuid for statement in statements], now=now)

    assert [state(invoice)[0] for invoice in ours] == ["paid", "paid"]
    assert [state(invoice)[0] for invoice in theirs] == ["open", "open"]
    loose = LooseMoney.objects.values_list("company", "amount").order_by("amount")
    assert (made, list(loose)) == (2, [(neighbour.company.pk, Decimal(605)), (neighbour.company.pk, Decimal(1210))])


def test_ten_companies_are_matched_with_as_many_queries_as_two(now: datetime, bill: Bill) -> None:
    asked = []
    for count in (2, 10):
        accounts = [registry.make_account(now, registry.make_company(now)) for _each in range(count)]
        for each in accounts:
            bill("1", sender=each.company)
            bill("2", reference=None, sender=each.company)
        money = [credit("500.00"), written("1210.00", "factuur 2"), written("3.00")]
        statements = [book(now, each, *money)[0].statement.uuid for each in accounts]
        with CaptureQueriesContext(connection) as queries:
            made = match_statements(statement_uuids=statements, now=now)
        assert made == 2 * count
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_statements_of_one_account_that_are_matched_together_follow_each_other(
    now: datetime, account: BankAccount, bill: Bill
) -> None:
    invoice = bill()
    days = [credit("1210.00"), credit("-1210.00"), credit("1210.00")]
    statements = [book(now, account, movement)[0].statement.uuid for movement in days]

    match_statements(statement_uuids=statements, now=now)

    assert state(invoice) == ("paid", Decimal(1210))
    given = Allocation.objects.order_by("pk").values_list("movement__statement__number", "amount")
    assert list(given) == [(1, Decimal(1210)), (2, Decimal(-1210)), (3, Decimal(1210))]


def test_whoever_takes_over_from_a_killed_worker_looks_again_at_loose_money_too(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank
) -> None:
    bank(written("605.00"))
    first, second = bill("1", price="100.00"), bill("2", reference=None, price="500.00")
    statement = book(now, account, credit("121.00", iban="BE71096123456769"))[0].statement
    # As far as the worker came: the account is known from now on, and nobody looked at what that means.
    pay_by_reference(statement_ids=[statement.pk], now=now)
    assert (state(first)[0], state(second)[0]) == ("paid", "open")

    made = match_statement(statement_uuid=statement.uuid, now=now)

    assert (made, state(second)[0]) == (1, "paid")
