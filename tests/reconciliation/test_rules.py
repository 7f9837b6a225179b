from dataclasses import replace
from decimal import Decimal

from apps.reconciliation.rules import Debit, GivenCredit, Held, TakenBack, find_original, held_back

REFERENCE = "090933755493"
OTHER = "101000000151"


def given_credit(number: int, *parts: Held, amount: str = "100", counterparty: str = "BE1") -> GivenCredit:
    return GivenCredit(number, REFERENCE, counterparty, Decimal(amount), parts)


def held(invoice: int, amount: int, difference: int = 0) -> Held:
    return Held(invoice, Decimal(amount), Decimal(difference), "rounding" if difference else "")


def test_a_return_is_of_the_newest_fitting_credit_that_invoices_hold_and_takes_back_exactly_what_it_gave() -> None:
    older, newer = given_credit(1, held(7, 100)), given_credit(2, held(8, 60), held(9, 40, 1))
    loose = given_credit(3)

    original = find_original(Debit(Decimal(-100), REFERENCE, "BE1"), [older, newer, loose])

    assert original == (newer, REFERENCE)
    assert held_back(newer) == [
        TakenBack(8, Decimal(-60), Decimal(0), "", 2),
        TakenBack(9, Decimal(-40), Decimal(-1), "rounding", 2),
    ]


def test_money_that_no_invoice_held_is_returned_too() -> None:
    loose = given_credit(3)

    assert find_original(Debit(Decimal(-100), REFERENCE, "BE1"), [loose]) == (loose, REFERENCE)
    assert held_back(loose) == []


def test_a_debit_that_fits_no_credit_is_no_return() -> None:
    received = [given_credit(1, held(7, 100))]

    for amount, reference, counterparty in (
        (-99, REFERENCE, "BE1"), (-100, OTHER, "BE1"), (-100, REFERENCE, "BE2"), (100, REFERENCE, "BE1"),
        (-100, "", "BE1"),
    ):  # fmt: skip
        assert find_original(Debit(Decimal(amount), reference, counterparty), received) is None


def test_without_our_reference_a_return_repeats_an_id_or_comes_from_the_one_account_that_paid_the_amount() -> None:
    one = GivenCredit(1, "", "BE1", Decimal(100), (held(7, 100),), end_to_end="DD-1", bank_reference="KBC1")
    two = GivenCredit(2, "", "BE1", Decimal(100), (held(8, 100),), end_to_end="DD-2", bank_reference="KBC2")
    paid_back = Debit(Decimal(-100), "", "BE1")
    marked = replace(paid_back, is_return=True)

    assert find_original(replace(paid_back, end_to_end="DD-1"), [one, two]) == (one, "DD-1")
    assert find_original(replace(paid_back, end_to_end="DD-1", counterparty=""), [one, two]) is None
    assert find_original(replace(marked, end_to_end="DD-1", counterparty=""), [one, two]) == (one, "DD-1")
    assert find_original(replace(marked, bank_reference="KBC2"), [one, two]) == (two, "KBC2")
    assert find_original(marked, [one]) == (one, "BE1")
    assert find_original(replace(marked, end_to_end="NOTPROVIDED"), [one, two]) is None
    assert find_original(paid_back, [one]) is None
