"""A list of clients as a table of texts: CSV in the usual encodings and separators, or XLSX."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final
from zipfile import BadZipFile

from openpyxl import load_workbook

MAX_ROWS: Final = 100_000
MAX_UNPACKED_BYTES: Final = 200_000_000
_ZIP: Final = b"PK\x03\x04"

Row = tuple[int, list[str]]


class FileUnreadable(ValueError):
    """Bytes that are neither CSV nor XLSX, or too much of it."""

    code: Final = "file_unreadable"


def read_table(content: bytes) -> list[Row]:
    """Return the rows that hold anything, each with its line in the file.

    :raises FileUnreadable: when it is no table, or holds more than `MAX_ROWS` rows.
    """
    rows: list[Row] = []
    for line, cells in _read_xlsx(content) if content.startswith(_ZIP) else _read_csv(content):
        if any(cells):
            rows.append((line, cells))
        if len(rows) > MAX_ROWS:
            raise FileUnreadable(f"More than {MAX_ROWS} rows.")
    if not rows:
        raise FileUnreadable("There is nothing in the file.")
    return rows


def _read_csv(content: bytes) -> Iterator[Row]:
    if b"\0" in content:
        raise FileUnreadable("Neither CSV nor XLSX.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise FileUnreadable(str(error)) from error


def _read_xlsx(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise FileUnreadable("The workbook is too large.")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            for line, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
                yield line, [_text(cell) for cell in cells]
        finally:
            book.close()
    except FileUnreadable:
        raise
    except (BadZipFile, KeyError, IndexError, TypeError, ValueError, SyntaxError, OSError) as error:
        # A good zip may hold broken XML, whose parser raises syntax errors.
        raise FileUnreadable(f"Not a workbook: {error}") from error


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
