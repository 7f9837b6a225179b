"""A list of clients as a table of texts: CSV in the usual encodings and separators, or XLSX."""

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any, Final
from zipfile import BadZipFile

from openpyxl import load_workbook

MAX_ROWS: Final = 100_000
MAX_UNPACKED_BYTES: Final = 200_000_000
_ZIP: Final = b"PK\x03\x04"
# The container of Excel files before XLSX, and of every workbook with a password.
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Excel's own first line, which names the separator.
_SEPARATOR_LINE: Final = re.compile(r"sep=[;,\t|]", re.IGNORECASE)

Row = tuple[int, list[str]]


class FileUnreadable(ValueError):
    """Bytes that are neither CSV nor XLSX, or too much of it."""

    def __init__(self, detail: str, *, code: str = "file_unreadable") -> None:
        super().__init__(detail)
        self.code = code


def read_table(content: bytes) -> list[Row]:
    """Return the rows that hold anything, each with its line in the file.

    :raises FileUnreadable: when it is no table, or holds more than `MAX_ROWS` rows.
    """
    rows = list(islice(_read_rows(content), MAX_ROWS + 1))
    if len(rows) > MAX_ROWS:
        raise FileUnreadable(str(MAX_ROWS), code="file_too_many_rows")
    if not rows:
        raise FileUnreadable("There is nothing in the file.", code="file_empty")
    return rows


def read_head(content: bytes, *, rows: int = 20) -> list[Row]:
    """Return the first rows that hold anything, which say what the columns are, without reading the others.

    :raises FileUnreadable: when it is no table.
    """
    head = list(islice(_read_rows(content), rows))
    if not head:
        raise FileUnreadable("There is nothing in the file.", code="file_empty")
    return head


def _read_rows(content: bytes) -> Iterator[Row]:
    if content.startswith(_OLD_WORKBOOK):
        raise FileUnreadable("An old or protected workbook.", code="workbook_old")
    read = _read_xlsx(content) if content.startswith(_ZIP) else _read_csv(content)
    return (row for row in read if any(row[1]))


def _read_csv(content: bytes) -> Iterator[Row]:
    text = _decode(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    is_named = _SEPARATOR_LINE.fullmatch(first) is not None
    delimiter = first[len("sep=")] if is_named else max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            if is_named and reader.line_num == 1:
                continue
            # A spreadsheet's apostrophe says that a number is a text.
            yield reader.line_num, [cell.strip().removeprefix("'") for cell in cells]
    except csv.Error as error:
        raise FileUnreadable(str(error)) from error


def _decode(content: bytes) -> str:
    """Return the text of a CSV file: UTF-8, or what spreadsheets write, UTF-16 with its mark or Windows-1252.

    A byte that none of them knows is told, since a wrong letter in a name would stay there.
    """
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not is_utf16 and b"\0" in content:
        raise FileUnreadable("Neither CSV nor XLSX.")
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable("An unknown encoding.", code="encoding_unknown")


def _read_xlsx(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise FileUnreadable("The workbook is too large.", code="file_too_large")
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
        raise FileUnreadable(f"Not a workbook: {error}", code="workbook_broken") from error


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
