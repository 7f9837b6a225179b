from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.money import (
    CurrencyMismatch,
    InvalidMoney,
    Money,
    format_amount,
    format_amount_for_reading,
    round_half_up,
)

amounts = st.decimals(min_value=-(10**13), max_value=10**13, places=3, allow_nan=False, allow_infinity=False)
fine_amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False, allow_infinity=False)


@given(amounts, amounts)
def test_a_difference_undoes_a_sum_exactly(first: Decimal, second: Decimal) -> None:
    assert Money(first, "EUR") + Money(second, "EUR") - Money(second, "EUR") == Money(first, "EUR")


@given(amounts, amounts)
def test_order_is_the_order_of_the_amounts(first: Decimal, second: Decimal) -> None:
    one, other = Money(first, "EUR"), Money(second, "EUR")

    assert (one < other, one <= other, one > other, one >= other) == (
        first < second,
        first <= second,
        first > second,
        first >= second,
    )


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_currencies_do_not_mix(operation: str) -> None:
    with pytest.raises(CurrencyMismatch):
        getattr(Money(Decimal(1), "EUR"), operation)(Money(Decimal(1), "USD"))


def test_the_same_amount_of_another_currency_is_not_equal() -> None:
    assert Money(Decimal("1.0"), "EUR") == Money(Decimal("1.00"), "EUR") != Money(Decimal("1.00"), "USD")


@pytest.mark.parametrize("amount", [1.5, 1, "2"])
def test_only_a_decimal_is_an_amount(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        round_half_up(amount)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_what_is_not_finite_is_no_amount(amount: Decimal) -> None:
    with pytest.raises(InvalidMoney):
        Money(amount, "EUR")
    with pytest.raises(InvalidMoney):
        round_half_up(amount)


@pytest.mark.parametrize("currency", ["", "EU", "eur", "EURO", "€", "ÉUR"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(InvalidMoney):
        Money(Decimal(1), currency)


@pytest.mark.parametrize(
    ("written", "rounded"),
    [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("1.0049999", "1.00"), ("-0.004", "0.00")],
)
def test_a_half_is_rounded_away_from_zero(written: str, rounded: str) -> None:
    assert format_amount(Decimal(written)) == rounded


@given(fine_amounts)
def test_rounding_moves_at_most_half_a_cent_and_is_stable(amount: Decimal) -> None:
    rounded = round_half_up(amount)

    assert abs(rounded - amount) <= Decimal("0.005")
    assert round_half_up(rounded) == rounded
    assert round_half_up(-amount) == -rounded


@given(amounts)
def test_the_wire_text_is_the_amount(amount: Decimal) -> None:
    assert Decimal(format_amount(amount, 3)) == amount


def test_a_large_amount_is_written_in_full() -> None:
    assert format_amount(Decimal("1E+15")) == "1000000000000000.00"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", "\u22121.842,63"),
        ("de", "\u22121.842,63"),
        ("fr", "\u22121\u202f842,63"),
        ("en", "\u22121,842.63"),
        ("xx", "\u22121.842,63"),
    ],
)
def test_each_language_groups_in_its_way_with_a_true_minus(language: str, expected: str) -> None:
    assert format_amount_for_reading(Decimal("-1842.63"), language=language) == expected


def test_a_count_has_no_decimal_sign() -> None:
    assert format_amount_for_reading(Decimal(5001), language="nl", places=0) == "5.001"
