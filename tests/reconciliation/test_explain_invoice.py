"""What is told of an invoice in the database: what came, what became of it, and what could pay it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from apps.companies.models import BankAccount
from apps.invoices.models import Invoice
from apps.reconciliation.decisions import rule_out_payer, undo_allocation
from apps.reconciliation.explaining import Explanation, explain_invoice
from apps.reconciliation.models import Allocation
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement
from tests.factories.wire import credit
from tests.reconciliation.conftest import Bank, Bill

pytestmark = pytest.mark.django_db


def written(amount: str, text: str = "", *, name: str = "Klant NV", iban: str = "BE71096123456769") -> MovementDraft:
    return replace(credit(amount, "", iban=iban), communication=text, counterparty_name=name)


def told(invoice: Invoice) -> Explanation:
    invoice.refresh_from_db()
    with translation.override("en"):
        return explain_invoice(invoice=invoice)


def said(invoice: Invoice) -> str:
    return " ".join(told(invoice).sentences).replace("\u00a0", " ")


def test_nothing_came_and_what_would_be_recognised(bill: Bill, bank: Bank) -> None:
    invoice = bill()
    before = said(invoice)

    bank(written("55.00", name="Iemand", iban="BE68539007547034"))

    assert before == "No bank statement has come yet, so no payment can be seen."
    assert said(invoice) == (
        "No payment that could be for this invoice is in the bank statements, which have come up to 24 Nov 2026. "
        "A payment is recognised by itself by the structured communication +++090/9337/55493+++, by the number 1 with "
        "exactly €1,210.00, or by exactly €1,210.00 from an account that has paid for this customer before."
    )


def test_a_typo_is_found_by_the_digits_and_an_instalment_by_the_name(bill: Bill, bank: Bank) -> None:
    invoice = bill()

    bank(written("300.00", "090/9337/55439", name="Oma"), written("605.00", name="KLANT"), written("11.00", name="X"))

    sentences = told(invoice).sentences
    assert len(sentences) == 3
    assert "300.00 by Oma" in sentences[0]
    assert "has a mistake in its structured communication" in sentences[0]
    assert "605.00 by KLANT" in sentences[1]
    assert "perhaps an instalment" in sentences[1]


def test_what_could_pay_it_is_suggested_with_the_criteria_met_and_failed(bill: Bill, bank: Bank) -> None:
    one, other = bill("1", reference=None), bill("2", reference=None)

    bank(written("2420.00"), written("1210.00"))

    found = told(one)
    assert [(s.amount, s.others) for s in found.suggestions] == [(Decimal(1210), ("2",)), (Decimal(1210), ())]
    assert {(c.name, c.is_met) for c in found.suggestions[1].suggestion.criteria} == {
        ("reference", False), ("number", False), ("amount", True), ("account", False), ("name", True),
    }  # fmt: skip
    assert "is exactly what is open of this invoice and of 2 together" in found.sentences[0]
    assert "so has 2 of this customer" in found.sentences[1]
    assert told(other).suggestions[1].suggestion.invoice_ids == (other.pk,)


def test_a_payment_that_came_back_and_one_that_came_twice_are_told(bill: Bill, bank: Bank) -> None:
    invoice = bill()
    bank(credit("1210.00"), credit("1210.00"))
    paid = said(invoice)

    bank(credit("-1210.00"))

    assert "paid this invoice." in paid
    assert "perhaps it was paid twice." in paid
    assert "was taken back by the bank on 24 Nov 2026." in said(invoice)


def test_what_a_person_took_off_is_told_and_left_to_people(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank, run_reactions: Callable[[], int]
) -> None:
    invoice = bill()
    bank(credit("500.00"))
    undo_allocation(company=account.company, allocation_uuid=Allocation.objects.get().uuid, actor="user:an", now=now)
    run_reactions()

    assert "was taken off this invoice by a person on 25 Nov 2026." in said(invoice)
    assert "So a person decides about it." in said(invoice)


def test_a_payer_that_was_ruled_out_is_told(now: datetime, account: BankAccount, bill: Bill, bank: Bank) -> None:
    invoice = bill(reference=None)
    bank(written("99.00"))
    paid = Movement.objects.get()
    rule_out_payer(company=account.company, movement_uuid=paid.uuid, invoice_uuid=invoice.uuid, actor="u", now=now)

    bank(written("1210.00"))

    assert said(invoice).count("never pays for this customer") == 2
    assert told(invoice).suggestions == ()


def test_an_account_that_is_known_brings_its_money_in_whatever_its_name(bill: Bill, bank: Bank) -> None:
    bill("1", price="50.00")
    invoice = bill("2", reference=None, issue_date=date(2026, 11, 20))
    bank(credit("60.50"))

    bank(written("77.00", name="Tante"))

    assert "€77.00 by Tante on 24 Nov 2026 is by this customer, but names no invoice" in said(invoice)


def test_the_number_of_queries_does_not_grow_with_the_payments(bill: Bill, bank: Bank) -> None:
    invoice, other = bill("1", reference=None), bill("2", reference=None)
    bank(written("1210.00", "bestelling 77"))

    with CaptureQueriesContext(connection) as few:
        told(invoice)
    bank(*(written("1210.00", f"bestelling {n}") for n in range(9)))
    with CaptureQueriesContext(connection) as many:
        told(other)

    assert len(many) == len(few)
    assert len(told(invoice).sentences) == 11
