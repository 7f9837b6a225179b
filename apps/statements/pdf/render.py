"""From the values of a statement to an A4 PDF. The same values and language give the same bytes.

What banks and payers wrote travels to the typesetter as data, never as its markup.
"""

import calendar
import json
import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import typst
from babel.dates import format_date

from apps.core.money import format_amount_for_reading, round_half_up
from apps.core.structured_communication import format_structured_communication
from apps.statements.coda.transaction_codes import describe
from apps.statements.pdf.labels import LABELS
from apps.statements.pdf.sheet import SheetMovement, StatementSheet

MAX_LINES: Final = 5_000
_TEMPLATE: Final = Path(__file__).with_name("statement.typ")
_DATE_PATTERNS: Final = {"nl": "dd/MM/y", "fr": "dd/MM/y", "en": "d MMM y", "de": "dd.MM.y"}
_CONTROL_CHARACTERS: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONG_RUN: Final = re.compile(r"(\S{34})(?=\S)")
_LONG_TEXT: Final = 1_000
# Tags help a screen reader, but make the file of a long table ten times as large.
_MAX_TAGGED_LINES: Final = 1_000
# The longest sheet takes some 500 MB while it is set: threads of one process wait for each other.
_ONE_AT_A_TIME: Final = Lock()
_CENTS: Final = 2
_CODA_DECIMALS: Final = 3


def render_statement(statement: StatementSheet, *, language: str) -> bytes:
    """Render the statement as A4 pages in `nl`, `fr`, `en` or `de`; any other language gives Dutch.

    At most `MAX_LINES` movements and details are listed, and the page says so; totals are always over all of them.
    The creation date inside the PDF is the date of the new balance.
    """
    sheet = _sheet(statement, language if language in LABELS else "nl")
    with _ONE_AT_A_TIME:
        return typst.compile(
            _template(),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"sheet": json.dumps(sheet, ensure_ascii=False)},
            timestamp=max(0, calendar.timegm(statement.new_balance_date.timetuple())),
            pdf_tags=len(statement.movements) <= _MAX_TAGGED_LINES,
        )


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _sheet(statement: StatementSheet, language: str) -> dict[str, Any]:
    labels = LABELS[language]
    account = [_in_fours(statement.iban), statement.bic, statement.currency]
    shown = statement.movements[:MAX_LINES]
    return {
        "language": language,
        "labels": labels,
        "title": f"{labels['statement']} {_clean(statement.number)}",
        "number": _clean(f"{statement.number} · {_date(statement.new_balance_date, language)}"),
        "holder_name": _clean(statement.holder_name),
        "iban": account[0],
        "account": _clean(" · ".join(part for part in account if part)),
        "summary": _summary(statement, language),
        "remarks": _remarks(statement.totals.lines, len(shown), language),
        "amount_label": f"{labels['amount']}, {statement.currency}",
        "movements": [_row(movement, language) for movement in shown],
        "closing": _new_balance(statement, language),
        "messages": _clean(statement.bank_messages),
        "footer": labels["footer"],
    }


def _summary(statement: StatementSheet, language: str) -> list[list[str]]:
    labels, totals = LABELS[language], statement.totals
    old_date = _date(statement.old_balance_date, language)
    return [
        [f"{labels['old_balance']} {old_date}".strip(), _amount(statement.old_balance, language)],
        [labels["credit_total"], _amount(totals.credit, language)],
        [labels["debit_total"], _amount(totals.debit, language)],
        _new_balance(statement, language),
        [labels["movements"], _count(totals.movements, language)],
    ]


def _new_balance(statement: StatementSheet, language: str) -> list[str]:
    day = _date(statement.new_balance_date, language)
    return [f"{LABELS[language]['new_balance']} {day}", _amount(statement.new_balance, language)]


def _remarks(count: int, shown: int, language: str) -> list[str]:
    if count <= shown:
        return []
    written = {"count": _count(count, language), "shown": _count(shown, language)}
    return [LABELS[language]["shortened"].format(**written)]


def _row(movement: SheetMovement, language: str) -> dict[str, Any]:
    account = f"{_in_fours(movement.counterparty_account)} {movement.counterparty_bic}".strip()
    reference = movement.structured_communication
    written = format_structured_communication(reference) if reference else ""
    texts = [account, written, movement.communication, movement.information]
    text = "\n".join(part for part in texts if part)
    kind, bank = describe(movement.transaction_code, language), ""
    if movement.bank_reference.strip("0 ") and not movement.level:
        bank = f"{LABELS[language]['reference']} {movement.bank_reference}"
    is_bare = not movement.counterparty_name and not text
    return {
        "sequence": "" if movement.level else f"{movement.sequence:04d}",
        "entry_date": _date(movement.entry_date, language),
        "value_date": _date(movement.value_date, language),
        "name": _clean(kind if is_bare else movement.counterparty_name),
        "text": _clean(text),
        "note": _clean(" · ".join(part for part in ("" if is_bare else kind, bank) if part)),
        "amount": _amount(movement.amount, language),
        "level": movement.level,
        "long": len(text) > _LONG_TEXT,
    }


def _in_fours(account: str) -> str:
    return " ".join(re.findall(".{1,4}", account))


def _count(number: int, language: str) -> str:
    return format_amount_for_reading(Decimal(number), language=language, places=0)


def _amount(amount: Decimal, language: str) -> str:
    """Write an amount in cents, or with the third decimal of CODA where it counts."""
    places = _CENTS if amount == round_half_up(amount, _CENTS) else _CODA_DECIMALS
    return format_amount_for_reading(amount, language=language, places=places)


def _date(day: date | None, language: str) -> str:
    return "" if day is None else str(format_date(day, _DATE_PATTERNS[language], locale=language))


def _clean(text: str) -> str:
    """Take out control characters and direction marks, and let runs without blanks break."""
    return _LONG_RUN.sub("\\1\u200b", _CONTROL_CHARACTERS.sub("", text))
