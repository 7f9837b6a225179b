"""The words of a text, as they are kept and looked for."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

LONGEST_WORD: Final = 40
_WORD: Final = re.compile(r"[^\W_]+")
# What no decomposition turns into plain letters.
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l"})


def words_in(text: str) -> Iterator[str]:
    """Yield the words of a text, without capitals and accents, cut to forty letters.

    Dutch, French and German are written with and without accents, and one search finds both. No word is left out
    and none is reduced to a stem: a search for a part of an invoice is for the word that stands there.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    for found in _WORD.finditer("".join(char for char in plain if not unicodedata.combining(char))):
        yield found[0][:LONGEST_WORD]
