"""Amounts of money. Only this module rounds, and it rounds half up (a half goes away from zero)."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import ClassVar, Final, Self

# Wide enough for any amount that a document can carry; the 28 digits of the default context would round by
# themselves, half to even.
_WIDE: Final = Context(prec=60)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_SEPARATORS: Final = {"nl": (".", ","), "de": (".", ","), "fr": ("\u202f", ","), "en": (",", ".")}
_MINUS: Final = "\u2212"


class InvalidMoney(ValueError):
    """A value that is no amount of money: not finite, too long, or in something that is no ISO 4217 code."""

    code: ClassVar[str] = "money_invalid"


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in a sum, a difference or an order."""

    code: ClassVar[str] = "currency_mismatch"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency (ISO 4217, three capitals); there is no default currency.

    Equality needs the same currency and the same value (`1.0` equals `1.00`). Sums, differences and orders
    of different currencies raise `CurrencyMismatch`. A float raises `TypeError`, NaN and infinity
    `InvalidMoney`.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"An amount is a Decimal, not {type(self.amount).__name__}.")
        if not self.amount.is_finite():
            raise InvalidMoney(f"{self.amount} is no amount.")
        if not _CURRENCY.fullmatch(self.currency):
            raise InvalidMoney(f"{self.currency!r} is no currency code of three capitals.")

    def __add__(self, other: Self) -> Self:
        return type(self)(_WIDE.add(self.amount, self._same_currency(other)), self.currency)

    def __sub__(self, other: Self) -> Self:
        return type(self)(_WIDE.subtract(self.amount, self._same_currency(other)), self.currency)

    def __neg__(self) -> Self:
        return type(self)(self.amount.copy_negate() if self.amount else self.amount, self.currency)

    def __abs__(self) -> Self:
        return type(self)(self.amount.copy_abs(), self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._same_currency(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._same_currency(other)

    def __gt__(self, other: Self) -> bool:
        return self.amount > self._same_currency(other)

    def __ge__(self, other: Self) -> bool:
        return self.amount >= self._same_currency(other)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def _same_currency(self, other: Self) -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self} and {other} are of different currencies.")
        return other.amount


def round_half_up(amount: Decimal, places: int = 2) -> Decimal:
    """Round to `places` decimals, a half away from zero (`0.005` gives `0.01`); never gives a negative zero.

    Raises `TypeError` for anything but a Decimal and `InvalidMoney` for NaN, infinity or more than 60 digits.
    """
    if not isinstance(amount, Decimal):
        raise TypeError(f"An amount is a Decimal, not {type(amount).__name__}.")
    try:
        rounded = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_WIDE)
    except InvalidOperation as error:
        raise InvalidMoney(f"{amount} cannot be rounded to {places} decimals.") from error
    if rounded.is_nan():
        raise InvalidMoney(f"{amount} is no amount.")
    return rounded.copy_abs() if rounded.is_zero() else rounded


def format_amount(amount: Decimal, places: int = 2) -> str:
    """Write an amount for the wire: a dot, no grouping, fixed decimals, `"1210.00"`."""
    return f"{round_half_up(amount, places):f}"


def format_amount_for_reading(amount: Decimal, *, language: str, places: int = 2) -> str:
    """Write an amount for people: `1.842,63` (nl, de), `1 842,63` with U+202F (fr), `1,842.63` (en).

    The minus is a true one (U+2212). An unknown language reads as Dutch.
    """
    thousands, decimal_sign = _SEPARATORS.get(language, _SEPARATORS["nl"])
    rounded = round_half_up(amount, places)
    whole, _, fraction = f"{rounded.copy_abs():,f}".partition(".")
    sign = _MINUS if rounded < 0 else ""
    text = sign + whole.replace(",", thousands)
    return f"{text}{decimal_sign}{fraction}" if fraction else text
