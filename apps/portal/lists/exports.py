"""A list as a file: CSV for a Belgian spreadsheet, or XLSX; both safe to open, whatever somebody wrote into a name."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify

from apps.core.clock import BRUSSELS
from apps.core.spreadsheets import Cell, write_csv, write_xlsx
from apps.core.structured_communication import format_structured_communication
from apps.portal.lists.declaration import ExportColumn, ListDeclaration

M = TypeVar("M", bound=Model)

FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS: Final = 20_000
_AT_ONCE: Final = 500


def communication_cell(digits: str) -> str:
    """Return a structured communication for a file: without the signs that would make a formula of it."""
    return format_structured_communication(digits).strip("+")


def export_response(
    declaration: ListDeclaration[M], rows: QuerySet[M], *, file_format: str, now: datetime
) -> HttpResponseBase:
    """Return the rows as a file that is sent while it is read."""
    table = _table(declaration.exported, presented(declaration, rows))
    content = write_csv(table) if file_format == "csv" else write_xlsx(table)
    dated = f"{slugify(_ascii(str(declaration.name)))}-{now.astimezone(BRUSSELS):%Y-%m-%d-%H%M}"
    name = f"{declaration.file_name or dated}.{file_format}"
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


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
