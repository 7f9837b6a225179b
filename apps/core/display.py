"""How amounts, days, accounts and references are written for people, in the active language."""

from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import format_date

from apps.core.languages import LOCALES, reader_language
from apps.core.money import format_amount_for_reading
from apps.core.structured_communication import format_structured_communication

DAYS: Final = {"nl": "d MMM y", "fr": "d MMM y", "en": "d MMM y", "de": "d. MMM y"}
SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£"}
NO_BREAK_SPACE: Final = "\u00a0"


def money(amount: Decimal | None, currency: str) -> str:
    """Write an amount with its currency: `€ 1.842,63`, `1 842,63 €`, `€1,842.63`; never broken over two lines."""
    if amount is None:
        return ""
    language = reader_language()
    number, symbol = plain_amount(amount), SYMBOLS.get(currency, currency)
    if language in ("fr", "de"):
        return f"{number}{NO_BREAK_SPACE}{symbol}"
    if language == "en" and currency in SYMBOLS:
        return f"−{symbol}{number[1:]}" if number.startswith("−") else f"{symbol}{number}"
    return f"{symbol}{NO_BREAK_SPACE}{number}"


def whole_amount(amount: Decimal) -> str:
    """Write an amount on an axis: without cents, unless it has some."""
    return _decimal(amount, at_least=0)


def plain_amount(amount: Decimal | None) -> str:
    """Write an amount without its currency, with two decimals, or more where it has them."""
    return "" if amount is None else _decimal(amount, at_least=2)


def quantity(amount: Decimal | None) -> str:
    """Write a number with no more decimals than it needs."""
    return "" if amount is None else _decimal(amount, at_least=0)


def iban(account: str | None) -> str:
    """Write an account number in groups of four."""
    text = account or ""
    return NO_BREAK_SPACE.join(text[start : start + 4] for start in range(0, len(text), 4))


def structured(reference: str | None) -> str:
    """Write a structured communication: `+++090/9337/55493+++`."""
    return format_structured_communication(reference) if reference else ""


def day(value: date | None) -> str:
    """Write a day: `20 nov 2026`."""
    return no_break(format_date(value, DAYS[reader_language()], locale=LOCALES[reader_language()])) if value else ""


def no_break(text: str) -> str:
    """Keep a short text on one line."""
    return text.replace(" ", NO_BREAK_SPACE)


def _decimal(amount: Decimal, *, at_least: int) -> str:
    exponent = amount.normalize().as_tuple().exponent
    places = max(at_least, -exponent) if isinstance(exponent, int) else at_least
    return format_amount_for_reading(amount, language=reader_language(), places=places)
