"""What a bank kept of a payment and what was sent, wherever CODA tells it."""

from decimal import Decimal

import pytest

from apps.statements.coda import read_coda
from apps.statements.coda.conversion import UNCHANGED, Conversion, conversion_of
from apps.statements.coda.drafts import MovementDraft, Structured
from tests.factories.movements import draft
from tests.factories.wire import make_coda


def converted(given: MovementDraft) -> Conversion:
    (statement,) = read_coda(make_coda("BE68539007547034", given))
    movement, *shares = statement.movements
    return conversion_of(movement, shares, "EUR")


def thousandths(amount: str) -> str:
    return f"{int(Decimal(amount) * 1000):015d}"


def abroad(gross: str, original: str, currency: str) -> Structured:
    return Structured("105", f"{thousandths(gross)}{thousandths(original)}{'':0>12}{currency}{'':12}US{'':0>15}")


def detail(amount: str, category: str, currency: str = "EUR") -> Structured:
    sign = "1" if amount.startswith("-") else "0"
    return Structured("006", f"{'kosten':30}{currency}{thousandths(amount.lstrip('-'))}{sign}{category}")


def shares(*amounts: tuple[str, str]) -> list[MovementDraft]:
    return [draft(amount, transaction_code=f"80150{category}") for amount, category in amounts]


SHARES = shares(("100.00", "100"), ("-5.00", "006"), ("-1.05", "011"))
DOLLARS = abroad("100.00", "110.00", "USD")
COST = Conversion(Decimal("6.050"), None, "")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (draft("93.95"), UNCHANGED),
        (draft("-93.95", information=[detail("-6.05", "006")]), UNCHANGED),
        (draft("93.95", information=[detail("-5.00", "006"), detail("-1.05", "011")]), COST),
        (draft("93.95", information=[detail("100.00", "100"), detail("-6.05", "013")]), COST),
        (draft("93.95", information=[detail("99.00", "100"), detail("-6.05", "013")]), UNCHANGED),
        (draft("93.95", information=[detail("-6.05", "006", "USD")]), UNCHANGED),
        (draft("93.95", information=["kosten 6,05"]), UNCHANGED),
        (draft("93.95", transaction_code="30150000", details=SHARES), COST),
        (draft("93.95", structure=DOLLARS), Conversion(Decimal("6.050"), Decimal(110), "USD")),
        (draft("93.95", structure=abroad("93.95", "93.95", "EUR")), UNCHANGED),
    ],
)  # fmt: skip
def test_costs_and_the_original_amount_are_told_where_the_figures_add_up(
    given: MovementDraft, expected: Conversion
) -> None:
    assert converted(given) == expected
