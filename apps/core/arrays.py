"""Arrays as PostgreSQL reads them: with thousands of values, one text takes a fraction of what a driver takes for each
value.
"""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID


def array_of(values: Iterable[int | Decimal | UUID | str]) -> str:
    """Return an array of values of one kind as text; the statement says of which type it is."""
    return "{" + ",".join([_written(value) for value in values]) + "}"


def _written(value: int | Decimal | UUID | str) -> str:
    if not isinstance(value, str):
        return str(value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
