"""Tables as files: CSV for a Belgian spreadsheet, or XLSX; both safe to open, whatever somebody wrote into a name."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from apps.core.clock import BRUSSELS

Cell = str | int | Decimal | date | datetime | None

_PIECE: Final = 64 * 1024
# What a spreadsheet takes for the beginning of a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# XML knows no such characters.
_UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


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
