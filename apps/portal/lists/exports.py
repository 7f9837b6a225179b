"""A list as a file: CSV for a Belgian spreadsheet, or XLSX; both safe to open, whatever somebody wrote into a name."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from apps.core.clock import BRUSSELS
from apps.core.structured_communication import format_structured_communication
from apps.portal.lists.declaration import Cell, ExportColumn, ListDeclaration

M = TypeVar("M", bound=Model)

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS: Final = 20_000
_AT_ONCE: Final = 500
_PIECE: Final = 64 * 1024
# What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# XML knows no such characters.
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def communication_cell(digits: str) -> str:
    """Return a structured communication for a file: without the signs that would make a formula of it."""
    return format_structured_communication(digits).strip("+")


def export_response(
    declaration: ListDeclaration[M], rows: QuerySet[M], *, file_format: str, now: datetime
) -> HttpResponseBase:
    """Return the rows as a file that is sent while it is read."""
    table = _table(declaration.exported, presented(declaration, rows))
    content = write_csv(table) if file_format == "csv" else write_xlsx(table)
    name = f"{slugify(_ascii(str(declaration.name)))}-{now.astimezone(BRUSSELS):%Y-%m-%d-%H%M}.{file_format}"
    response = StreamingHttpResponse(content, content_type=FORMATS[file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def presented(declaration: ListDeclaration[M], rows: QuerySet[M]) -> Iterator[Any]:
    """Return the rows as they are presented, read and looked up some hundred at a time."""
    remaining = iter(rows[:MOST_ROWS].iterator(chunk_size=_AT_ONCE))
    while some := list(islice(remaining, _AT_ONCE)):
        yield from declaration.present(some)


def _table(columns: Sequence[ExportColumn], rows: Iterable[Any]) -> Iterator[list[Cell]]:
    yield [str(column.label) for column in columns]
    for row in rows:
        yield [column.cell(row) for column in columns]


def write_csv(table: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Write lines for a spreadsheet in a Belgian locale: `;` between, decimal commas, UTF-8 with its mark."""
    writer = csv.writer(_Echo(), delimiter=";")
    yield "\ufeff".encode()
    for cells in table:
        yield writer.writerow([_as_text(cell) for cell in cells]).encode()


def write_xlsx(table: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Write a workbook of one sheet, its first row frozen; numbers and days keep their kind."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.freeze_panes = "A2"
    for number, cells in enumerate(table):
        sheet.append([_sheet_cell(sheet, cell, is_head=number == 0) for cell in cells])
    with TemporaryFile() as file:
        workbook.save(file)
        file.seek(0)
        yield from iter(lambda: file.read(_PIECE), b"")


class _Echo:
    """A file whose lines come back to the writer instead of being kept."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def without_formula(text: str) -> str:
    """Return a text that a spreadsheet shows instead of running it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _as_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return without_formula(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, datetime):
        return f"{cell.astimezone(BRUSSELS):%Y-%m-%d %H:%M}"
    return "" if cell is None else str(cell)


def _sheet_cell(sheet: Any, cell: Cell, *, is_head: bool) -> Any:
    if isinstance(cell, str):
        written = WriteOnlyCell(sheet, value=_UNWRITABLE.sub("", without_formula(cell)))
        # Never a formula, whatever the library makes of a text.
        written.data_type = "s"
        if is_head:
            written.font = Font(bold=True)
        return written
    if isinstance(cell, datetime):
        return cell.astimezone(BRUSSELS).replace(tzinfo=None)
    if isinstance(cell, Decimal):
        written = WriteOnlyCell(sheet, value=cell)
        written.number_format = "#,##0.00"
        return written
    return cell if isinstance(cell, int | date) else None


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
