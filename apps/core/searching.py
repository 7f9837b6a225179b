"""How a text that a person typed is looked for in a column that has a trigram index on its capitals."""

from typing import Final

from django.db.models import Q

# The index knows parts of three letters and more.
SHORTEST_PART: Final = 3


def has_text(column: str, text: str) -> Q:
    """Keep the rows with a text in a column, whatever its case; a text too short for trigrams begins it."""
    return Q(**{f"{column}__{'icontains' if len(text) >= SHORTEST_PART else 'istartswith'}": text})
