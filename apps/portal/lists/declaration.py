"""What a list is: its rows, and every way to look at them. A view makes one per request, for one viewer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpResponseBase
from django.utils.functional import Promise

from apps.core.spreadsheets import Cell
from apps.portal.lists.keyset import PAGE_SIZE, Order

M = TypeVar("M", bound=Model)
Label = str | Promise


@dataclass(frozen=True, slots=True)
class ChoiceFilter:
    """A filter with a few choices; `conditions` says what each code keeps."""

    name: str
    label: Label
    choices: Mapping[str, Label]
    conditions: Callable[[str], Q]


@dataclass(frozen=True, slots=True)
class Found:
    """What a text stands for: the rows to keep, and how a person calls it."""

    condition: Q
    label: str


@dataclass(frozen=True, slots=True)
class TextFilter:
    """A filter by something that a person types, for which there are too many choices to list."""

    name: str
    label: Label
    hint: Label
    find: Callable[[str], Found | None]
    unknown: Label


@dataclass(frozen=True, slots=True)
class Search(Generic[M]):
    """A search field; `find` keeps the rows that fit a text."""

    label: Label
    find: Callable[[QuerySet[M], str], QuerySet[M]]


@dataclass(frozen=True, slots=True)
class Sort:
    """An order that can be chosen; `has_days` when rows of one day stand together, newest first."""

    code: str
    label: Label
    order: Order
    has_days: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """Filters that belong together, under a name, with their count."""

    label: Label
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its head, its classes, and whether the head is only for those who listen."""

    label: Label
    classes: str = ""
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of the file: its head, and the cell of a presented row; amounts and days keep their kind."""

    label: Label
    cell: Callable[[Any], Cell]


@dataclass(frozen=True, slots=True)
class BulkAction(Generic[M]):
    """What can be done with chosen rows; `run` does it and returns the sentence that says so, or a file.

    It may raise a `DomainError`, which is shown. One that `takes_all` can also be done with everything that the filters
    find, up to `MOST_AT_ONCE`; `run_many` has the worker do it with more, by their ids in the order of the list.
    """

    code: str
    label: Label
    run: Callable[[Sequence[M]], str | HttpResponseBase]
    takes_all: bool = False
    run_many: Callable[[Sequence[int]], HttpResponseBase] | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """What an empty list says: why there is nothing yet, and the one step that comes first."""

    title: Label
    text: Label
    link: str = ""
    link_label: Label = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDeclaration(Generic[M]):
    """A list for one viewer.

    `rows` is everything that the viewer may see, and so the most that a filter, an export or a bulk action can
    reach. `present` makes what templates and files show of some rows, with a fixed number of queries; each of
    the results has `key` (the row's uuid) and `label`, and, where sums or days are shown, `amount`, `currency`, `day`.
    `heading` is `h2` for a list below the heading of its page; `file_name` names its file, without an ending.
    """

    name: Label
    rows: QuerySet[M]
    sorts: Sequence[Sort]
    columns: Sequence[Column]
    row_template: str
    present: Callable[[Sequence[M]], list[Any]]
    nothing: Nothing
    search: Search[M] | None = None
    filters: Sequence[ChoiceFilter | TextFilter] = ()
    tabs: Sequence[Tab] = ()
    exported: Sequence[ExportColumn] = ()
    actions: Sequence[BulkAction[M]] = ()
    further_counts: Mapping[str, "QuerySet[Any]"] = field(default_factory=dict)
    table_class: str = "table"
    key_column: str = "uuid"
    page_size: int = PAGE_SIZE
    heading: Literal["h1", "h2"] = "h1"
    file_name: str = ""
