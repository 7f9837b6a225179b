"""The primitive fields of a record: amounts, signs, dates and account numbers (Febelfin CODA 2.6)."""

from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from apps.core.identifiers import InvalidIban, belgian_bban_to_iban, is_valid_iban, looks_like_iban

CREDIT: Final = "0"
DEBIT: Final = "1"
UNKNOWN_DATE: Final = "000000"
BELGIAN_BBAN: Final = "0"
BELGIAN_IBAN: Final = "2"
FOREIGN_IBAN: Final = "3"
_IBAN_WIDTH: Final = 31


def to_decimal(thousandths: int) -> Decimal:
    """Turn thousandths of a currency unit into an amount with three decimals."""
    return Decimal(thousandths).scaleb(-3)


def parse_digits(text: str) -> int | None:
    """Read an unsigned number, such as an amount in thousandths; `None` when it is none."""
    return int(text) if text.isdecimal() and text.isascii() else None


class Calendar(dict[str, date | None]):
    """Turns `DDMMYY` into a date of the twenty-first century, or `None` for zeros and for impossible ones.

    It remembers those of a file: a statement repeats the same few.
    """

    def __missing__(self, text: str) -> date | None:
        """Read a text that was not met before."""
        self[text] = day = _parse_date(text)
        return day


def _parse_date(text: str) -> date | None:
    if not (text.isdecimal() and text.isascii()):
        return None
    try:
        return date(2000 + int(text[4:6]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


class Account(NamedTuple):
    """An account as a record carries it: `raw` is the 37 characters, trimmed.

    `iban` is present for every IBAN, right or wrong check digits, and for a Belgian account number that has
    one; `has_valid_check` speaks of either, and is true for a foreign number that has no check.
    """

    raw: str
    number: str
    currency: str
    iban: str | None
    has_valid_check: bool


def parse_own_account(field: str, structure: str) -> Account:
    """Read the 37 characters of records 1 and 8; `structure` is record 1's digit, blank when it is unknown.

    0 is a Belgian account number, 1 a foreign one, 2 a Belgian IBAN (31 characters and an extension of 3), 3
    a foreign IBAN. An account that has the shape of an IBAN is one, whatever the digit says.
    """
    number = field[: _IBAN_WIDTH if structure == BELGIAN_IBAN else 34].strip()
    if looks_like_iban(number):
        return Account(field.strip(), number, field[34:37].strip(), number, is_valid_iban(number))
    if structure == BELGIAN_BBAN or (structure == " " and field[12] == " "):
        return _belgian_account(field, currency=field[13:16].strip())
    return Account(field.strip(), number, field[34:37].strip(), None, has_valid_check=True)


def parse_counterparty_account(field: str) -> Account:
    """Read the 37 characters of record 2.3, where no digit tells the structure.

    An old Belgian number leaves column 23 blank and has its currency at 24-26; anything else fills 34
    characters.
    """
    number = field[:34].strip()
    if looks_like_iban(number):
        return Account(field.strip(), number, field[34:37].strip(), number, is_valid_iban(number))
    if field[12] == " " and parse_digits(field[:12]) is not None and not field[34:37].strip():
        return _belgian_account(field, currency=field[13:16].strip())
    return Account(field.strip(), number, field[34:37].strip(), None, has_valid_check=True)


def _belgian_account(field: str, currency: str) -> Account:
    number = field[:12].strip()
    try:
        iban = belgian_bban_to_iban(number)
    except InvalidIban:
        return Account(field.strip(), number, currency, None, has_valid_check=False)
    return Account(field.strip(), number, currency, iban, has_valid_check=True)
