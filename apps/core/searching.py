"""How a text that a person typed is looked for: in a column with trigrams of its capitals, and among kept words."""

from typing import Final

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.functions import Cast

from apps.core.words import words_in

# The index knows parts of three letters and more; shorter words are looked for as they are.
SHORTEST_PART: Final = 3


class _Matches(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def has_text(column: str, text: str) -> Q:
    """Keep the rows with a text in a column, whatever its case; a text too short for trigrams begins it."""
    return Q(**{f"{column}__{'icontains' if len(text) >= SHORTEST_PART else 'istartswith'}": text})


def has_words(column: str, text: str) -> Q:
    """Keep the rows that have every word of a text in a column of words, or a word that begins with it.

    A text without any word keeps none.
    """
    wanted = [f"'{word}':*" if len(word) >= SHORTEST_PART else f"'{word}'" for word in words_in(text)]
    if not wanted:
        return Q(pk__in=())
    # Written out, not parsed by a dictionary: the words are the ones that were kept, letter by letter.
    return Q(_Matches(F(column), Cast(Value(" & ".join(wanted)), SearchQueryField())))
