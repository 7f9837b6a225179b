"""Arrays as PostgreSQL reads them: with thousands of values, one text takes a fraction of what a driver takes for each
value.
"""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID


def array_of(values: Iterable[int | Decimal | UUID | str]) -> str:
    """Return an array of values of one kind as text; the statement says of which type it is."""
    items = list(values)
    if not items or not isinstance(items[0], str):
        return "{" + ",".join(map(str, items)) + "}"
    texts = '","'.join(map(str, items))
    if "\\" in texts or texts.count('"') > 2 * len(items) - 2:
        texts = '","'.join(str(item).replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return f'{{"{texts}"}}'
