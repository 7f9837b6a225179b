"""Keyset pages of a list that is sorted newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the cursor of the next page (empty on the last)."""

    rows: list[M]
    next_cursor: str


def page_by_day(queryset: QuerySet[M], *, day_field: str, cursor: str, size: int) -> Page[M]:
    """Return the page after a cursor of a list sorted by day and id, both descending; a wrong cursor starts anew."""
    if after := _parse(cursor):
        day, row_id = after
        queryset = queryset.filter(Q(**{f"{day_field}__lt": day}) | Q(**{day_field: day, "id__lt": row_id}))
    return _page(queryset, size, lambda row: f"{getattr(row, day_field).isoformat()}_{row.pk}")


def page_by_id(queryset: QuerySet[M], *, cursor: str, size: int) -> Page[M]:
    """Return the page after a cursor of a list sorted by id, descending; a wrong cursor starts anew."""
    if cursor.isdecimal():
        queryset = queryset.filter(id__lt=int(cursor[:18]))
    return _page(queryset, size, lambda row: str(row.pk))


def _page(queryset: QuerySet[M], size: int, cursor_of: Callable[[Any], str]) -> Page[M]:
    rows = list(queryset[: size + 1])
    shown = rows[:size]
    return Page(shown, cursor_of(shown[-1]) if len(rows) > size else "")


def _parse(cursor: str) -> tuple[date, int] | None:
    day, _, row_id = cursor.partition("_")
    try:
        return date.fromisoformat(day), int(row_id[:18])
    except ValueError:
        return None
