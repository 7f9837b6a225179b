from decimal import Decimal

from apps.reconciliation.rules import GivenCredit, TakenBack, match_reversal

REFERENCE = "090933755493"
OTHER = "101000000151"


def given_credit(
    number: int, *parts: tuple[int, Decimal], amount: str = "100", counterparty: str = "BE1"
) -> GivenCredit:
    return GivenCredit(number, REFERENCE, counterparty, Decimal(amount), parts)


def test_a_reversal_takes_back_exactly_what_the_newest_fitting_credit_gave() -> None:
    older, newer = given_credit(1, (7, Decimal(100))), given_credit(2, (8, Decimal(60)), (9, Decimal(40)))

    taken = match_reversal(Decimal(-100), REFERENCE, "BE1", [older, newer])

    assert taken == [TakenBack(8, Decimal(-60), 2), TakenBack(9, Decimal(-40), 2)]


def test_a_debit_that_fits_no_credit_takes_nothing_back() -> None:
    originals = [given_credit(1, (7, Decimal(100)))]

    assert match_reversal(Decimal(-99), REFERENCE, "BE1", originals) == []
    assert match_reversal(Decimal(-100), OTHER, "BE1", originals) == []
    assert match_reversal(Decimal(-100), REFERENCE, "BE2", originals) == []
    assert match_reversal(Decimal(100), REFERENCE, "BE1", originals) == []
    assert match_reversal(Decimal(-100), REFERENCE, "BE1", [given_credit(1)]) == []
