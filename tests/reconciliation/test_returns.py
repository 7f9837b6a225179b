"""What went back without our reference: taken back where the bank says which payment it was, else offered to people."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from apps.companies.models import BankAccount
from apps.reconciliation.explaining import explain_invoice
from apps.reconciliation.models import Allocation, Returned
from apps.reconciliation.returning import NotAReturn, confirm_return
from apps.statements.coda.drafts import MovementDraft, Structured
from tests.factories.wire import credit
from tests.reconciliation.conftest import Bank, Bill, state

pytestmark = pytest.mark.django_db
UNPAID = "00503000"


def collected(amount: str, text: str, **facts: str) -> MovementDraft:
    """Return a direct debit that was collected, or with a minus, one that the bank took back."""
    given = {"transaction_code": "00550000", "communication": text} | facts
    return replace(credit(amount, ""), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "said",
    [
        {"customer_reference": "DD-2026-1", "counterparty_iban": ""},
        {"bank_reference": "BANK17"},
        {"transaction_code": "00150000", "r_transaction": "3"},
        {},
    ],
)
def test_a_returned_collection_takes_back_exactly_what_it_gave(said: dict[str, str], bill: Bill, bank: Bank) -> None:
    invoice = bill("2026-0001", reference=None)
    bank(collected("1210.00", "2026-0001", customer_reference="DD-2026-1", bank_reference="BANK17"))
    paid = state(invoice)

    bank(collected("-1210.00", "", **{"transaction_code": UNPAID} | said))

    assert paid == ("paid", Decimal(1210))
    assert state(invoice) == ("open", Decimal(0))
    assert Returned.objects.count() == 1


def test_before_version_2_6_the_text_of_the_direct_debit_says_that_it_is_a_return(bill: Bill, bank: Bank) -> None:
    invoice = bill("2026-0001", reference=None)
    bank(collected("1210.00", "2026-0001"))
    text = f"{'241126':<6}1" + "1" + "3" + f"{'BE69ZZZ050D000000008':35}{'MANDAAT 7':35}{'':62}" + "2" + "AC04"

    bank(replace(collected("-1210.00", ""), transaction_code="00501000", structure=Structured("127", text)))

    assert state(invoice) == ("open", Decimal(0))


def test_of_two_payments_that_a_return_fits_none_is_taken_back_and_both_are_offered(
    now: datetime, account: BankAccount, bill: Bill, bank: Bank
) -> None:
    one, two = bill("2026-0001", reference=None), bill("2026-0002", reference=None)
    bank(collected("1210.00", "2026-0001"), collected("1210.00", "2026-0002"))
    bank(collected("-1210.00", "", transaction_code=UNPAID))
    untouched = state(one), state(two)
    with translation.override("en"):
        told = [" ".join(explain_invoice(invoice=invoice).sentences) for invoice in (one, two)]
    (offered,) = explain_invoice(invoice=two).perhaps_returned

    def confirm() -> list[Allocation]:
        return confirm_return(
            company=account.company, debit_uuid=offered.debit.uuid, payment_uuid=offered.payment.uuid,
            actor="user:an", now=now,
        )  # fmt: skip

    written = confirm()

    assert all("the same amount left for the same account. A person decides." in text for text in told)
    assert untouched == (("paid", Decimal(1210)), ("paid", Decimal(1210)))
    assert (state(one)[0], state(two)[0]) == ("paid", "open")
    assert [(row.rule, row.actor, row.amount) for row in written] == [("reversal", "user:an", Decimal(-1210))]
    assert explain_invoice(invoice=one).perhaps_returned == []
    with pytest.raises(NotAReturn):
        confirm()


def test_what_the_company_itself_pays_back_is_offered_and_other_payments_to_a_customer_are_not(
    bill: Bill, bank: Bank
) -> None:
    invoice = bill()
    bank(credit("1210.00"))

    bank(replace(credit("-1210.00", ""), transaction_code="00101000"), replace(credit("-99.00", "")))
    bank(replace(credit("-1210.00", "", iban="BE68539007547034")))

    assert state(invoice) == ("paid", Decimal(1210))
    (offered,) = explain_invoice(invoice=invoice).perhaps_returned
    assert offered.debit.entry_on == date(2026, 11, 24)
