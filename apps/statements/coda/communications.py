"""Structured communications as typed values, decoded when asked for (Febelfin CODA 2.6, annex III)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Final

from apps.statements.coda.fields import parse_digits
from apps.statements.coda.layouts import LAYOUTS, Field

Value = Decimal | date | time | int | str | None

_OPEN_ENDED: Final = "999999"
_SIGNED_DETAIL: Final = "006"


@dataclass(frozen=True, slots=True)
class StructuredCommunication:
    """`values` by the name that the layout gives them; `None` for a number, date or time that is none, or not given.

    Amounts and rates are `Decimal` with the decimals of their field. The amount of a detail (006) is signed, credit
    positive, and so is that of no other type. A type that the standard does not list has no values. `raw` is
    everything after the type, not trimmed.
    """

    type: str
    values: Mapping[str, Value]
    raw: str

    @property
    def is_known(self) -> bool:
        """Whether the type has a layout."""
        return self.type in LAYOUTS


def decode(communication_type: str, payload: str) -> StructuredCommunication:
    """Cut a payload, the characters after the three digits of the type, into its values."""
    values: dict[str, Value] = {}
    start = 0
    for field in LAYOUTS.get(communication_type, ()):
        values[field.name] = _read(field, payload[start : start + field.width].ljust(field.width))
        start += field.width
    amount = values.get("amount")
    if communication_type == _SIGNED_DETAIL and values["sign"] == "1" and isinstance(amount, Decimal):
        values["amount"] = -amount
    return StructuredCommunication(communication_type, values, payload)


def _read(field: Field, text: str) -> Value:
    reader = _READERS.get(field.kind)
    return reader(text) if reader else _decimal(text, decimals=int(field.kind.partition(".")[2]))


def _decimal(text: str, decimals: int) -> Decimal | None:
    digits = parse_digits(text)
    return None if digits is None else Decimal(digits).scaleb(-decimals)


def _day(text: str) -> date | None:
    """Read DDMMYY or DDMMYYYY; zeros, blanks and the nines of an open end are no day."""
    if text == _OPEN_ENDED or parse_digits(text) is None:
        return None
    year = int(text[4:]) if len(text) == len("DDMMYYYY") else 2000 + int(text[4:])
    try:
        return date(year, int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def _time(text: str) -> time | None:
    if parse_digits(text) is None:
        return None
    try:
        return time(int(text[:2]), int(text[2:]))
    except ValueError:
        return None


_READERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "text": str.strip,
    "code": str.strip,
    "number": parse_digits,
    "date": _day,
    "long date": _day,
    "time": _time,
}
