"""Lookups that the ORM lacks."""

from collections.abc import Iterable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignObject, Lookup

from apps.core.arrays import array_of


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any_of=ids`: one of many numbers, texts or UUIDs, given as one array.

    `__in` writes and quotes each of them by itself, which takes longer than the query once there are hundreds. A set
    is better than a list: Django looks into lists for expressions.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[Any]) -> None:
        """Take the values, in any collection."""
        super().__init__(lhs, list(rhs))

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        """Return the comparison with an array, which is the one parameter."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*parameters, array_of(self.rhs))
