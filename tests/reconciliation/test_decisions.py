from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from apps.companies.models import BankAccount
from apps.invoices.models import Invoice
from apps.reconciliation.decisions import (
    AllocationExceedsOpenAmount,
    MoneyHasMoved,
    NoMoneyToGive,
    NoPayerToRuleOut,
    NothingToUndo,
    NotToBePaid,
    Part,
    allow_payer_again,
    assign_money,
    choose_oldest_first,
    rule_out_payer,
    undo_allocation,
)
from apps.reconciliation.models import Allocation, LooseMoney, RuledOut
from apps.reconciliation.services import match_statement
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement, Statement
from tests.factories import registry
from tests.factories.wire import credit
from tests.reconciliation.conftest import Bank, Bill, state

pytestmark = pytest.mark.django_db
PAYER = "BE71096123456769"
Give = Callable[..., list[Allocation]]


def written(amount: str, text: str = "", *, iban: str = PAYER) -> MovementDraft:
    return replace(credit(amount, "", iban=iban), communication=text, counterparty_name="Klant NV")


def loose() -> list[Decimal]:
    return list(LooseMoney.objects.order_by("movement").values_list("amount", flat=True))


def movement(amount: str = "1210") -> Movement:
    return Movement.objects.get(amount=Decimal(amount))


@pytest.fixture
def give(now: datetime, account: BankAccount) -> Give:
    def giving(*parts: tuple[Invoice, str], seen: str = "1210", of: str = "1210") -> list[Allocation]:
        return assign_money(
            company=account.company,
            movement_uuid=movement(of).uuid,
            parts=[Part(invoice.uuid, Decimal(amount)) for invoice, amount in parts],
            seen=Decimal(seen),
            actor="user:an",
            now=now,
        )

    return giving


def test_what_no_invoice_holds_is_loose_and_exactly_that(bill: Bill, bank: Bank) -> None:
    bill(price="100.00")

    bank(credit("150.00"), written("1210.00"), replace(written("99.00"), transaction_code="00164000"))

    assert loose() == [Decimal(29), Decimal(1210)]


def test_an_invoice_named_twice_gets_no_more_than_is_open(bill: Bill, bank: Bank, give: Give) -> None:
    invoice = bill("1", reference=None, price="500.00")
    bank(written("1210.00"))

    with pytest.raises(AllocationExceedsOpenAmount):
        give((invoice, "605"), (invoice, "605"))

    assert state(invoice) == ("open", Decimal(0))


def test_a_person_splits_a_payment_and_what_is_left_stays_loose(bill: Bill, bank: Bank, give: Give) -> None:
    one, other = bill("1", reference=None), bill("2", reference=None)
    bank(written("1210.00"))

    give((one, "700"), (other, "500"))

    assert (state(one), state(other)) == (("partially_paid", Decimal(700)), ("partially_paid", Decimal(500)))
    assert loose() == [Decimal(10)]
    assert set(Allocation.objects.values_list("rule", "actor")) == {("person", "user:an")}


def test_what_is_sent_twice_does_not_count_twice(bill: Bill, bank: Bank, give: Give) -> None:
    invoice = bill(reference=None)
    bank(written("1210.00"))
    give((invoice, "100"))

    with pytest.raises(MoneyHasMoved, match="1110"):
        give((invoice, "100"))

    assert state(invoice) == ("partially_paid", Decimal(100))


def test_nobody_gives_more_than_there_is(bill: Bill, bank: Bank, give: Give) -> None:
    small, large = bill("1", reference=None, price="100.00"), bill("2", reference=None, price="9000.00")
    bank(written("1210.00"))

    with pytest.raises(AllocationExceedsOpenAmount):
        give((small, "121.01"))
    with pytest.raises(AllocationExceedsOpenAmount):
        give((small, "121.00"), (large, "1089.01"))

    assert (state(small)[0], state(large)[0], loose()) == ("open", "open", [Decimal(1210)])


def test_undoing_restores_invoice_and_money_exactly(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    invoice = bill()
    bank(credit("1209.97"))
    (made,) = Allocation.objects.all()

    undo_allocation(company=account.company, allocation_uuid=made.uuid, actor="user:an", now=now)
    run_reactions()

    assert (made.amount, made.difference, made.difference_kind) == (Decimal("1209.97"), Decimal("0.03"), "rounding")
    assert (state(invoice), loose()) == (("open", Decimal(0)), [Decimal("1209.97")])


def test_no_rule_gives_again_what_a_person_took_back(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank
) -> None:
    invoice = bill()
    bank(credit("1210.00"))
    undo_allocation(company=account.company, allocation_uuid=Allocation.objects.get().uuid, actor="user:an", now=now)

    made = match_statement(statement_uuid=Statement.objects.get().uuid, now=now)

    assert (made, state(invoice)[0]) == (0, "open")


def test_another_payment_takes_the_place_of_the_one_undone(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    invoice = bill()
    bank(credit("1210.00"))
    bank(credit("1210.00"))
    first = Allocation.objects.get()

    undo_allocation(company=account.company, allocation_uuid=first.uuid, actor="user:an", now=now)
    run_reactions()

    assert state(invoice) == ("paid", Decimal(1210))
    assert Allocation.objects.latest("id").movement_id != first.movement_id


def test_nothing_is_undone_twice_nor_after_its_return(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank
) -> None:
    invoice = bill()
    bank(credit("1210.00"))
    bank(credit("-1210.00"))
    given, returned = Allocation.objects.order_by("id")

    with pytest.raises(NothingToUndo):
        undo_allocation(company=account.company, allocation_uuid=given.uuid, actor="user:an", now=now)
    undo_allocation(company=account.company, allocation_uuid=returned.uuid, actor="user:an", now=now)
    with pytest.raises(NothingToUndo):
        undo_allocation(company=account.company, allocation_uuid=returned.uuid, actor="user:an", now=now)

    assert state(invoice) == ("paid", Decimal(1210))


def test_returned_money_is_loose_no_more_whether_it_was_given_or_not(bill: Bill, bank: Bank) -> None:
    bank(credit("1210.00"))
    before = loose()

    bank(credit("-1210.00"))
    invoice = bill()

    assert (before, loose(), state(invoice)[0]) == ([Decimal(1210)], [], "open")


def test_a_payer_that_was_ruled_out_pays_nothing_by_itself_until_the_word_is_taken_back(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    first = bill("1", reference=None, price="50.00")
    bank(written("60.50", "factuur 1"))
    second, company = bill("2", reference=None), account.company
    rows = [
        rule_out_payer(
            company=company, movement_uuid=movement("60.5").uuid, invoice_uuid=first.uuid, actor="user:an", now=now
        )
        for _ in range(2)
    ]
    bank(written("1210.00"))
    while_ruled_out = state(second)[0]

    allow_payer_again(company=company, ruled_out_uuid=rows[0].uuid, actor="user:an", now=now)
    run_reactions()

    assert rows[0] == rows[1] == RuledOut.objects.get()
    assert (while_ruled_out, state(second)[0]) == ("open", "paid")


def test_a_payment_without_an_account_rules_nobody_out(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank
) -> None:
    invoice = bill(reference=None)
    bank(written("1210.00", iban=""))

    with pytest.raises(NoPayerToRuleOut):
        rule_out_payer(
            company=account.company, movement_uuid=movement().uuid, invoice_uuid=invoice.uuid, actor="a", now=now
        )


def test_a_reused_reference_pays_the_oldest_once_the_company_says_so(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    old, new = bill("1", issue_date=date(2026, 9, 1)), bill("2", issue_date=date(2026, 10, 1))
    bank(credit("1210.00"))
    before = (state(old)[0], state(new)[0])

    choose_oldest_first(company=account.company, is_wanted=True, actor="user:an", now=now)
    run_reactions()

    assert before == ("open", "open")
    assert (state(old)[0], state(new)[0]) == ("paid", "open")


def test_a_stranger_gives_and_undoes_nothing(now: datetime, bill: Bill, bank: Bank, give: Give) -> None:
    invoice = bill()
    bank(credit("500.00"), written("1210.00"))
    stranger = registry.make_company(now, office=registry.make_office(now))
    parts = [Part(invoice.uuid, Decimal(1))]
    by: dict[str, Any] = {"actor": "user:x", "now": now}

    with pytest.raises(NotToBePaid):
        assign_money(company=stranger, movement_uuid=movement().uuid, parts=parts, seen=Decimal(1210), **by)
    with pytest.raises(NoMoneyToGive):
        assign_money(company=stranger, movement_uuid=movement().uuid, parts=[], seen=Decimal(1210), **by)
    with pytest.raises(NothingToUndo):
        undo_allocation(company=stranger, allocation_uuid=Allocation.objects.get().uuid, **by)


@pytest.mark.django_db(transaction=True)
def test_people_and_rules_at_once_never_give_more_than_there_is(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    invoice = bill(price="1000.00")
    bank(written("1210.00"))
    bank(credit("800.00"))
    rule_made = Allocation.objects.get()
    undo_allocation(company=account.company, allocation_uuid=rule_made.uuid, actor="user:an", now=now)

    def give_once(amount: str) -> bool:
        try:
            assign_money(
                company=account.company,
                movement_uuid=movement(amount).uuid,
                parts=[Part(invoice.uuid, Decimal(800))],
                seen=Decimal(amount),
                actor="user:an",
                now=now,
            )
        except (AllocationExceedsOpenAmount, MoneyHasMoved, NoMoneyToGive):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(give_once, ["1210", "800"] * 4))

    assert done.count(True) == 1
    assert state(invoice) == ("partially_paid", Decimal(800))
