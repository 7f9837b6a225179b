"""The list of what is in an archive, for people: CSV for a Belgian spreadsheet, and XLSX, in the reader's language."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.identifiers import format_enterprise_number
from apps.core.spreadsheets import Cell, write_csv, write_xlsx
from apps.core.structured_communication import format_structured_communication
from apps.delivery.archives import LISTED, Listing

CSV_NAME: Final = "invoices.csv"
XLSX_NAME: Final = "invoices.xlsx"
_HEADS: Final[Mapping[str, Promise]] = {
    "client_code": _("Client code"),
    "enterprise_number": _("Enterprise number"),
    "company_name": _("Company"),
    "document_type": _("Document"),
    "number": _("Number"),
    "version": _("Version"),
    "issue_date": _("Date"),
    "due_date": _("Due date"),
    "customer_name": _("Customer"),
    "structured_communication": _("Structured communication"),
    "currency": _("Currency"),
    "net_amount": _("Without VAT"),
    "vat_amount": _("VAT"),
    "total_amount": _("Total"),
    "payable_amount": _("Payable"),
}
_DOCUMENTS: Final[Mapping[str, Promise]] = {"invoice": _("Invoice"), "credit_note": _("Credit note")}


def _day(text: str) -> Cell:
    return date.fromisoformat(text) if text else None


def _amount(text: str) -> Cell:
    return Decimal(text) if text else None


# A text that begins with a sign would be taken for a formula.
_CELLS: Final[Mapping[str, Callable[[str], Cell]]] = {
    "enterprise_number": format_enterprise_number,
    "document_type": lambda text: str(_DOCUMENTS[text]),
    "version": int,
    "issue_date": _day,
    "due_date": _day,
    "structured_communication": lambda text: format_structured_communication(text).strip("+"),
    "net_amount": _amount,
    "vat_amount": _amount,
    "total_amount": _amount,
    "payable_amount": _amount,
}


def listing_in(language: str) -> Listing:
    """Return what lists the documents of an archive in a language."""
    return partial(_list_files, language)


def _list_files(language: str, rows: Sequence[Sequence[str]]) -> Iterable[tuple[str, bytes]]:
    with translation.override(language):
        yield CSV_NAME, b"".join(write_csv(_table(rows)))
        yield XLSX_NAME, b"".join(write_xlsx(_table(rows)))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[list[Cell]]:
    yield [str(_HEADS[name]) for name in LISTED]
    for row in rows:
        yield [_CELLS.get(name, str)(text) for name, text in zip(LISTED, row, strict=True)]
