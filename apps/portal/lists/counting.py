"""Counting without reading a table: exactly up to a bound, all the counts of a page in one query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

BOUND: Final = 1_000


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are; when not exact, more than that."""

    number: int
    is_exact: bool = True


def count_up_to(queries: Mapping[str, "QuerySet[Any]"], *, bound: int = BOUND) -> dict[str, Count]:
    """Return how many rows each query finds, none counted further than the bound."""
    parts: list[str] = []
    params: list[Any] = []
    names: list[str] = []
    for name, queryset in queries.items():
        try:
            sql, values = queryset.order_by().select_related(None).values("pk")[: bound + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        names.append(name)
        # Only what Django itself wrote, its parameters apart.
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608
        params += values
    found = dict.fromkeys(queries, Count(0))
    if parts:
        found |= dict(zip(names, _run(parts, params, bound), strict=True))
    return found


def _run(parts: list[str], params: list[Any], bound: int) -> list[Count]:
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        row = cursor.fetchone()
    return [Count(min(number, bound), number <= bound) for number in row or ()]
