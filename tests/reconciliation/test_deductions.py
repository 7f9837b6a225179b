"""What is missing of a payment and explained by the papers: the invoice's own terms, and what the bank shows."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from apps.reconciliation.explaining import explain_invoice
from apps.reconciliation.models import Allocation
from apps.statements.coda.drafts import Structured
from tests.factories.wire import credit
from tests.reconciliation.conftest import Bank, Bill, state

pytestmark = pytest.mark.django_db
FROM_ABROAD = Structured("105", f"{1_210_000:015d}{1_300_000:015d}{'':0>12}USD{'':12}US{'':0>15}")


def test_a_discount_of_the_terms_is_written_beside_a_payment_in_time(bill: Bill, bank: Bank) -> None:
    invoice = bill(terms="#SKONTO#TAGE=8#PROZENT=2.00#")

    bank(credit("1185.80"))

    assert state(invoice) == ("paid", Decimal(1210))
    assert Allocation.objects.values_list("amount", "difference", "difference_kind").get() == (
        Decimal("1185.80"), Decimal("24.20"), "discount",
    )  # fmt: skip
    with translation.override("en"):
        assert "counts as the agreed discount." in explain_invoice(invoice=invoice).sentences[1]


def test_a_correction_without_the_terms_gives_no_discount_any_more(bill: Bill, bank: Bank) -> None:
    invoice = bill(terms="#SKONTO#TAGE=8#PROZENT=2.00#")
    bill()

    bank(credit("1185.80"))

    assert state(invoice) == ("partially_paid", Decimal("1185.80"))


def test_what_the_bank_kept_is_written_beside_the_payment(bill: Bill, bank: Bank) -> None:
    invoice = bill()

    bank(replace(credit("1198.00", ""), structure=FROM_ABROAD, communication=""))
    before = state(invoice)
    bank(
        replace(
            credit("1198.00"),
            information=[Structured("006", f"{'kosten':30}EUR{12_000:015d}1013")],
        )
    )

    assert before == ("open", Decimal(0))
    assert state(invoice) == ("paid", Decimal(1210))
    assert Allocation.objects.values_list("difference", "difference_kind").get() == (Decimal(12), "bank_cost")
