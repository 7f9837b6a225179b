"""Keyset pages in both directions: stable while rows come and go, as fast at the end as at the beginning."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateTimeField, F, Field, Func, Model, Q, QuerySet, Value

M = TypeVar("M", bound=Model)

PAGE_SIZE = 50


class MalformedCursor(ValueError):
    """A cursor that was not made here, or for another order."""


@dataclass(frozen=True, slots=True)
class Order:
    """A list's order: one column that is never empty, then the id, both in one direction.

    `key` is the id's name, for a table whose id is a row of another one.
    """

    column: str = "id"
    is_descending: bool = True
    key: str = "id"

    def apply(self, queryset: QuerySet[M], *, is_reversed: bool = False) -> QuerySet[M]:
        """Return the rows in this order, or from its end."""
        sign = "-" if self.is_descending != is_reversed else ""
        columns = [self.column] if self.column == self.key else [self.column, self.key]
        return queryset.order_by(*(f"{sign}{column}" for column in columns))


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the cursors of the pages before and after them (empty where there are none)."""

    rows: list[M]
    previous_cursor: str
    next_cursor: str


def read_page(
    queryset: QuerySet[M], *, order: Order = Order(), after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page[M]:
    """Return the page after or before a cursor, or the first; going back to a page that is not full gives the first.

    :raises MalformedCursor: when the cursor was not made for this order.
    """
    if before:
        rows = _rows(queryset, order, before, size, is_reversed=True)
        if len(rows) > size:
            shown = rows[size - 1 :: -1]
            return Page(shown, make_cursor(order, shown[0]), make_cursor(order, shown[-1]))
    rows = _rows(queryset, order, after, size, is_reversed=False)
    shown = rows[:size]
    return Page(
        shown,
        make_cursor(order, shown[0]) if after and shown else "",
        make_cursor(order, shown[-1]) if len(rows) > size else "",
    )


def page_or_first(
    queryset: QuerySet[M], *, order: Order = Order(), after: str, before: str = "", size: int = PAGE_SIZE
) -> Page[M]:
    """Return the page after or before a cursor; a wrong cursor starts anew."""
    try:
        return read_page(queryset, order=order, after=after, before=before, size=size)
    except MalformedCursor:
        return read_page(queryset, order=order, size=size)


def rows_before(queryset: QuerySet[M], *, order: Order, row: M) -> QuerySet[M]:
    """Return the rows that come before one in the order."""
    return queryset.filter(_beyond(queryset, order, getattr(row, order.column), row.pk, is_reversed=True))


def make_cursor(order: Order, row: Model) -> str:
    """Return a text that stands for a row in an order."""
    value = getattr(row, order.column)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    packed = json.dumps([order.column, text, row.pk], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _rows(queryset: QuerySet[M], order: Order, cursor: str, size: int, *, is_reversed: bool) -> list[M]:
    if cursor:
        value, row_id = _read(queryset, order, cursor)
        queryset = queryset.filter(_beyond(queryset, order, value, row_id, is_reversed=is_reversed))
    return list(order.apply(queryset, is_reversed=is_reversed)[: size + 1])


def _beyond(queryset: QuerySet[M], order: Order, value: Any, row_id: int, *, is_reversed: bool) -> Q | Func:
    """Return `(column, id) < (value, id)`: compared as rows, which an index on both answers at once."""
    is_below = order.is_descending != is_reversed
    if order.column == order.key:
        return Q(**{f"{order.key}__{'lt' if is_below else 'gt'}": row_id})
    columns = ((value, order.column), (row_id, order.key))
    typed = [Value(each, output_field=_field(queryset, name)) for each, name in columns]
    pairs = [_as_row(F(order.column), F(order.key)), _as_row(*typed)]
    joiner = " < " if is_below else " > "
    return Func(*pairs, template="%(expressions)s", arg_joiner=joiner, output_field=BooleanField())


def _as_row(*expressions: F | Value) -> Func:
    return Func(*expressions, template="(%(expressions)s)", output_field=BooleanField())


def _read(queryset: QuerySet[M], order: Order, cursor: str) -> tuple[Any, int]:
    try:
        packed = base64.b64decode(cursor.encode() + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        column, text, row_id = json.loads(packed)
        return _value(_field(queryset, order.column), column == order.column, text), _value(
            _field(queryset, order.key), isinstance(row_id, int), row_id
        )
    except (ValueError, TypeError, binascii.Error, RecursionError, ValidationError) as error:
        raise MalformedCursor from error


def _value(field: "Field[Any, Any]", is_right: bool, raw: Any) -> Any:  # noqa: FBT001
    value = field.to_python(raw)
    if not is_right or value is None or "\x00" in str(raw):
        raise MalformedCursor
    if isinstance(field, DateTimeField) and isinstance(value, datetime) and value.tzinfo is None:
        raise MalformedCursor
    field.run_validators(value)
    return value


def _field(queryset: QuerySet[M], name: str) -> "Field[Any, Any]":
    field = queryset.model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101 # for the type checker
    return field
