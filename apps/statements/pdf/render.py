"""From the values of a statement to an A4 PDF. The same values and language give the same bytes.

What banks and payers wrote travels to the typesetter as data, never as its markup.
"""

import calendar
import json
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from babel.dates import format_date

from apps.core.money import format_amount_for_reading, round_half_up
from apps.statements.pdf.labels import LABELS
from apps.statements.pdf.sheet import SheetMovement, StatementSheet

MAX_MOVEMENTS: Final = 5_000
_TEMPLATE: Final = Path(__file__).with_name("statement.typ")
_DATE_PATTERNS: Final = {"nl": "dd/MM/y", "fr": "dd/MM/y", "en": "d MMM y", "de": "dd.MM.y"}
_CONTROL_CHARACTERS: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONG_RUN: Final = re.compile(r"(\S{34})(?=\S)")
_LONG_TEXT: Final = 1_000
# Tags help a screen reader, but make the file of a long table ten times as large.
_MAX_TAGGED_MOVEMENTS: Final = 1_000
_CENTS: Final = 2
_CODA_DECIMALS: Final = 3


def render_statement(statement: StatementSheet, *, language: str) -> bytes:
    """Render the statement as A4 pages in `nl`, `fr`, `en` or `de`; any other language gives Dutch.

    At most `MAX_MOVEMENTS` movements are listed, and the page says so; totals are always over all of them.
    The creation date inside the PDF is the date of the new balance.
    """
    sheet = _sheet(statement, language if language in LABELS else "nl")
    return typst.compile(
        _template(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)},
        timestamp=max(0, calendar.timegm(statement.new_balance_date.timetuple())),
        pdf_tags=len(statement.movements) <= _MAX_TAGGED_MOVEMENTS,
    )


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _sheet(statement: StatementSheet, language: str) -> dict[str, Any]:
    labels = LABELS[language]
    account = [" ".join(re.findall(".{1,4}", statement.iban)), statement.bic or "", statement.currency]
    shown = statement.movements[:MAX_MOVEMENTS]
    return {
        "language": language,
        "labels": labels,
        "title": f"{labels['statement']} {_clean(statement.number)}",
        "number": _clean(f"{statement.number} · {_date(statement.new_balance_date, language)}"),
        "holder_name": _clean(statement.holder_name),
        "iban": account[0],
        "account": _clean(" · ".join(part for part in account if part)),
        "summary": _summary(statement, language),
        "remarks": _remarks(len(statement.movements), len(shown), language),
        "amount_label": f"{labels['amount']}, {statement.currency}",
        "movements": [_row(movement, language) for movement in shown],
        "footer": labels["footer"],
    }


def _summary(statement: StatementSheet, language: str) -> list[list[str]]:
    labels = LABELS[language]
    amounts = [movement.amount for movement in statement.movements if not movement.is_detail]
    old_date = _date(statement.old_balance_date, language)
    return [
        [f"{labels['old_balance']} {old_date}".strip(), _amount(statement.old_balance, language)],
        [labels["credit_total"], _amount(_sum(each for each in amounts if each > 0), language)],
        [labels["debit_total"], _amount(_sum(each for each in amounts if each < 0), language)],
        [
            f"{labels['new_balance']} {_date(statement.new_balance_date, language)}",
            _amount(statement.new_balance, language),
        ],
    ]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _remarks(count: int, shown: int, language: str) -> list[str]:
    if count == shown:
        return []
    written = {
        "count": format_amount_for_reading(Decimal(count), language=language, places=0),
        "shown": format_amount_for_reading(Decimal(shown), language=language, places=0),
    }
    return [LABELS[language]["shortened"].format(**written)]


def _row(movement: SheetMovement, language: str) -> dict[str, Any]:
    account = " ".join(re.findall(".{1,4}", movement.counterparty_iban))
    text = "\n".join(part for part in (account, movement.communication) if part)
    return {
        "entry_date": _date(movement.entry_date, language),
        "value_date": _date(movement.value_date, language),
        "name": _clean(movement.counterparty_name or text),
        "text": _clean(text) if movement.counterparty_name else "",
        "amount": _amount(movement.amount, language),
        "is_detail": movement.is_detail,
        "long": len(text) > _LONG_TEXT,
    }


def _amount(amount: Decimal, language: str) -> str:
    """Write an amount in cents, or with the third decimal of CODA where it counts."""
    places = _CENTS if amount == round_half_up(amount, _CENTS) else _CODA_DECIMALS
    return format_amount_for_reading(amount, language=language, places=places)


def _date(day: date | None, language: str) -> str:
    return "" if day is None else str(format_date(day, _DATE_PATTERNS[language], locale=language))


def _clean(text: str) -> str:
    """Take out control characters and direction marks, and let runs without blanks break."""
    return _LONG_RUN.sub("\\1\u200b", _CONTROL_CHARACTERS.sub("", text))
