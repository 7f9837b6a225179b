"""Whether two names are one: accents, legal forms, titles and the order of words aside."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[A-Z0-9]+")
# Legal forms, titles and small words of the four languages, as they stand in names on invoices and bank statements.
_ASIDE: Final = frozenset({
    "BV", "BVBA", "NV", "SA", "SRL", "SPRL", "VOF", "SNC", "CV", "CVBA", "SC", "SCRL", "SCS", "COMMV", "VZW",
    "ASBL", "IVZW", "AISBL", "GMBH", "AG", "KG", "UG", "OHG", "EV", "LTD", "PLC", "INC", "LLC", "SARL", "SAS",
    "EURL", "CO", "COMPANY", "DE", "DEN", "DER", "HET", "LE", "LA", "LES", "DU", "DES", "THE", "VAN", "VON", "ET",
    "EN", "AND", "UND", "DHR", "MEVR", "MEVROUW", "HEER", "MR", "MRS", "MS", "M", "MME", "MLLE", "MONSIEUR",
    "MADAME", "HERR", "FRAU", "OF", "OU",
})  # fmt: skip
_DOTTED: Final = re.compile(r"\b((?:[A-Z]\.){2,})")
_TRUNCATED_AT: Final = 4
_LONG: Final = 5


@lru_cache(maxsize=65536)
def words_of(name: str) -> frozenset[str]:
    """Return the words that tell a name from others, in capitals without accents.

    A name of nothing but forms and titles keeps them.
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("&", " "))
    capitals = "".join(sign for sign in plain if not unicodedata.combining(sign)).upper()
    words = frozenset(_WORD.findall(_DOTTED.sub(lambda found: found[0].replace(".", ""), capitals)))
    return (words - _ASIDE) or words


def likeness(one: str, other: str) -> float:
    """Return how much of two names is the same, from 0 to 1, longer words counting more; an empty name is like none.

    Each word is found once; one that banks cut short is found when four letters or more are left of it.
    """
    left, right = words_of(one), words_of(other)
    if not left or not right:
        return 0.0
    common = left & right
    found = 2 * sum(_weight(word) for word in common)
    rest = set(right - common)
    for word in sorted(left - common):
        if cut := next((candidate for candidate in sorted(rest) if _is_cut(word, candidate)), None):
            rest.discard(cut)
            found += _weight(word) + _weight(cut)
    return found / sum(_weight(word) for word in [*left, *right])


def is_mentioned(name: str, text: str) -> bool:
    """Tell whether a text has every word of a name, of which there are two or one is long."""
    words = words_of(name)
    return (len(words) > 1 or any(len(word) >= _LONG for word in words)) and words <= words_of(text)


def _weight(word: str) -> int:
    return min(len(word), 8)


def _is_cut(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _TRUNCATED_AT and longer.startswith(shorter)
