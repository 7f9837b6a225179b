"""An invoice in another currency, paid by money that the bank changed: compared and booked by what was sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from apps.companies.models import BankAccount
from apps.portal.money_offers import look_at, read_pick
from apps.reconciliation.decisions import OtherCurrency, Part, assign_money, undo_allocation
from apps.reconciliation.explaining import explain_invoice
from apps.reconciliation.models import Allocation, LooseMoney
from apps.statements.coda.drafts import Structured
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement
from tests.factories.wire import REFERENCE, credit
from tests.reconciliation.conftest import Bank, Bill, state

pytestmark = pytest.mark.django_db


def changed(credited: str, sent: str, currency: str, reference: str = "") -> MovementDraft:
    """Return money from abroad with what the bank changed."""
    amounts = f"{int(Decimal(credited) * 1000):015d}{int(Decimal(sent) * 1000):015d}"
    payload = f"{amounts}{'':0>12}{currency}{reference:12}US{'':0>15}"
    return replace(credit(credited, ""), structure=Structured("105", payload), communication="")


def test_what_was_sent_pays_the_invoice_that_it_names_and_undoing_restores_both(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank
) -> None:
    invoice = bill(currency="USD")

    bank(changed("1109.57", "1210.00", "USD", REFERENCE))

    assert state(invoice) == ("paid", Decimal(1210))
    row = Allocation.objects.get()
    assert (row.amount, row.difference, row.difference_kind) == (Decimal("1109.57"), Decimal("100.43"), "exchange")
    assert not LooseMoney.objects.exists()
    with translation.override("en"):
        assert explain_invoice(invoice=invoice).sentences == (
            "The payment of €1,109.57 (sent as $1,210.00) by Klant NV on 24\u00a0Nov\u00a02026 paid this invoice.",
        )
    undo_allocation(company=account.company, allocation_uuid=row.uuid, actor="user:an", now=now)
    assert state(invoice) == ("open", Decimal(0))
    assert LooseMoney.objects.get().amount == Decimal("1109.57")


def test_a_person_confirms_what_was_sent_as_a_whole_and_in_one_press(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    invoice, company = bill(currency="GBP", reference=None), account.company
    bank(changed("1407.23", "1210.00", "GBP"))
    movement = Movement.objects.get()
    assert state(invoice) == ("open", Decimal(0))
    with translation.override("en"):
        (told,) = explain_invoice(invoice=invoice).suggestions
        (row,) = look_at(company, [movement])
        criteria = told.told
    assert (told.amount, told.others) == (Decimal("1407.23"), ())
    said = "The payer sent £1,210.00, exactly what is open; the bank changed it into EUR."
    assert (True, said) in criteria
    assert (said, True) in row.offers[0].criteria
    pick = read_pick(str(row.offers[0].pick))
    a_part = [Part(invoice.uuid, Decimal(1000))]
    with pytest.raises(OtherCurrency):
        assign_money(
            company=company, movement_uuid=movement.uuid, parts=a_part, seen=pick.seen, actor="user:an", now=now
        )

    assign_money(
        company=company, movement_uuid=movement.uuid, parts=pick.parts, seen=pick.seen, actor="user:an", now=now
    )

    assert state(invoice) == ("paid", Decimal(1210))
    assert not LooseMoney.objects.exists()
