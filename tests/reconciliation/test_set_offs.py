"""A credit note takes away of its invoice what money leaves; corrections are followed, people are not overruled."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from apps.companies.models import BankAccount
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.reconciliation.crediting import set_off_note, undo_set_off
from apps.reconciliation.decisions import NothingToUndo, NotToBePaid, undo_allocation
from apps.reconciliation.explaining import explain_invoice
from apps.reconciliation.models import Allocation, SetOff
from apps.reconciliation.rules import NoteRest, SettlementWay, set_off_in_order
from apps.reconciliation.selectors import list_open_amounts
from apps.reconciliation.services import match_invoice
from apps.reconciliation.settlements import settle_invoice, undo_settlement
from tests.factories.wire import credit
from tests.reconciliation.conftest import Bank, Bill

pytestmark = pytest.mark.django_db


def shown(*documents: Invoice) -> list[tuple[str, Decimal]]:
    for document in documents:
        document.refresh_from_db()
    still_open = list_open_amounts(documents)
    return [(document.payment_state, still_open[document.pk]) for document in documents]


def note_of(bill: Bill, number: str = "C-1", price: str = "100.00", **facts: str) -> Invoice:
    return bill(number, price=price, credit_note=True, reference=None, **{"about": "1"} | facts)


def changes_of(document: Invoice) -> list[tuple[str, str]]:
    rows = Event.objects.filter(subject_uuid=document.uuid, name="invoice.payment_changed").order_by("id")
    return [(row.payload["from"], row.payload["to"]) for row in rows]


def test_a_credit_note_takes_away_what_it_credits_and_both_say_so_once(now: datetime, bill: Bill) -> None:
    invoice = bill()
    note = note_of(bill)

    match_invoice(invoice_uuid=note.uuid, now=now)

    assert shown(invoice, note) == [("open", Decimal(1089)), ("credited", Decimal(0))]
    assert changes_of(invoice) == [("open", "open")]
    assert changes_of(note) == [("open", "credited")]
    assert SetOff.objects.values_list("amount", "actor").get() == (Decimal(121), "system")


def test_a_credit_note_for_more_credits_the_whole_invoice_and_its_excess_stays_open(bill: Bill) -> None:
    invoice = bill()
    note = note_of(bill, price="1200.00")

    assert shown(invoice, note) == [("credited", Decimal(0)), ("open", Decimal(242))]


def test_money_for_all_of_it_takes_the_place_of_the_credit_note_and_undoing_it_gives_it_back(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    invoice = bill()
    note = note_of(bill)

    bank(credit("1210.00"))
    paid = shown(invoice, note)
    undo_allocation(company=account.company, allocation_uuid=Allocation.objects.get().uuid, actor="user:an", now=now)
    run_reactions()

    assert paid == [("paid", Decimal(0)), ("open", Decimal(121))]
    assert shown(invoice, note) == [("open", Decimal(1089)), ("credited", Decimal(0))]
    assert list(SetOff.objects.order_by("pk").values_list("amount", flat=True)) == [121, -121, 121]


def test_what_the_bank_takes_back_is_credited_again(bill: Bill, bank: Bank) -> None:
    invoice = bill()
    note = note_of(bill)
    bank(credit("1210.00"))

    bank(credit("-1210.00"))

    assert shown(invoice, note) == [("open", Decimal(1089)), ("credited", Decimal(0))]


@pytest.mark.parametrize(
    ("corrected", "expected"),
    [
        ({"about": "2"}, [("open", 1210), ("open", Decimal("2299.00")), ("credited", 0)]),
        ({"about": ""}, [("open", 1210), ("open", 2420), ("open", 121)]),
        ({"customer": "Iemand anders", "buyer": "0101000259"}, [("open", 1210), ("open", 2420), ("open", 121)]),
        ({"price": "50.00"}, [("open", Decimal("1149.50")), ("open", 2420), ("credited", 0)]),
    ],
)
def test_a_correction_of_the_credit_note_is_followed(
    corrected: dict[str, str], expected: list[tuple[str, Decimal]], bill: Bill
) -> None:
    one, other = bill("1"), bill("2", price="2000.00", reference=None)
    note = note_of(bill)

    note_of(bill, **corrected)

    assert shown(one, other, note) == expected


def test_a_correction_of_the_invoice_is_followed(bill: Bill) -> None:
    invoice = bill()
    note = note_of(bill)

    bill(price="50.00")

    assert shown(invoice, note) == [("credited", Decimal(0)), ("open", Decimal("60.50"))]


def test_what_a_person_settled_or_took_off_no_credit_note_touches(
    now: datetime, account: BankAccount, bill: Bill, run_reactions: Callable[[], int]
) -> None:
    def settle(document: Invoice) -> None:
        day = now.date()
        settle_invoice(
            invoice=document, way=SettlementWay.CASH, settled_on=day, reason="contant", actor="user:an", now=now
        )

    invoice = bill()
    settle(invoice)
    note = note_of(bill)
    settled = shown(invoice, note)
    undo_settlement(invoice=invoice, settlement_uuid=invoice.settlements.get().uuid, actor="user:an", now=now)
    run_reactions()
    reopened = shown(invoice, note)
    undo_set_off(company=account.company, note_uuid=note.uuid, invoice_uuid=invoice.uuid, actor="user:an", now=now)
    run_reactions()

    assert settled == [("settled", Decimal(0)), ("open", Decimal(121))]
    assert reopened == [("open", Decimal(1089)), ("credited", Decimal(0))]
    assert shown(invoice, note) == [("open", Decimal(1210)), ("open", Decimal(121))]
    with pytest.raises(NothingToUndo):
        undo_set_off(company=account.company, note_uuid=note.uuid, invoice_uuid=invoice.uuid, actor="user:an", now=now)


def test_credit_notes_that_name_no_invoice_are_offered_and_a_person_sets_one_off(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank
) -> None:
    invoice = bill()
    one, other = note_of(bill, "C-1", about=""), note_of(bill, "C-2", about="")
    before = shown(invoice, one, other)
    with translation.override("en"):
        explained = explain_invoice(invoice=invoice)

    set_off_note(company=account.company, note_uuid=one.uuid, invoice_uuid=invoice.uuid, actor="user:an", now=now)
    by_hand = shown(invoice, one, other)
    bank(credit("1210.00"))

    assert before == [("open", Decimal(1210)), ("open", Decimal(121)), ("open", Decimal(121))]
    assert [row.number for row in explained.unnamed_notes] == ["C-1", "C-2"]
    assert "Credit note C-2 is for this customer and names no invoice" in " ".join(explained.sentences)
    assert by_hand == [("open", Decimal(1089)), ("credited", Decimal(0)), ("open", Decimal(121))]
    assert shown(invoice, one) == [("overpaid", Decimal(0)), ("credited", Decimal(0))]
    with pytest.raises(NotToBePaid):
        set_off_note(company=account.company, note_uuid=other.uuid, invoice_uuid=invoice.uuid, actor="u", now=now)


def test_the_page_of_each_tells_what_was_set_off(bill: Bill) -> None:
    invoice = bill()
    note = note_of(bill, price="1200.00")
    shown(invoice, note)

    with translation.override("en"):
        said = [
            " ".join(explain_invoice(invoice=document).sentences).replace("\u00a0", " ") for document in (invoice, note)
        ]

    assert said[0].startswith("Credit notes took all of it away, so nothing is to be paid any more. ")
    assert "Credit note C-1 took €1,210.00 away." in said[0]
    assert "€242.00 of it is left: nothing more was open here." in said[0]
    assert said[1] == (
        "€1,210.00 was set off against 1. "
        "€242.00 of it is open until it is set off against another invoice, or paid back."
    )


def test_the_oldest_credit_note_is_set_off_first_however_many_there_are() -> None:
    day = date(2026, 11, 1)
    notes = [NoteRest(2, day, "C-2", Decimal(80)), NoteRest(1, day, "C-1", Decimal(30))]

    assert set_off_in_order(Decimal(100), notes) == {1: Decimal(30), 2: Decimal(70)}
    assert set_off_in_order(Decimal(-5), notes) == {1: Decimal(0), 2: Decimal(0)}
