"""What a payer wrote: references, references with a slip, and numbers of invoices.

A text is read once and then asked for any number of invoices.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from apps.core.structured_communication import find_in_text

# Twelve digits in the groups of the transfer form (3, 4, 5), of which one slip makes one a digit longer or shorter; or
# a run of as many. Groups of other sizes are other numbers, such as those of two invoices.
_GROUPS: Final = ((3, 4, 5), (2, 4, 5), (3, 3, 5), (3, 4, 4), (4, 4, 5), (3, 5, 5), (3, 4, 6))
_GROUPED: Final = "|".join(r"\s*[/.\- ]\s*".join(f"[0-9]{{{size}}}" for size in sizes) for sizes in _GROUPS)
_REFERENCE_LIKE: Final = re.compile(
    rf"(?<![0-9A-Z/])(?:\+{{3}}|\*{{3}})?\s*({_GROUPED}|[0-9]{{11,13}})\s*(?:\+{{3}}|\*{{3}})?(?![0-9A-Z/])"
)
# Belgian accounts have sixteen signs; of others each group has a digit, so that the words after them are left alone.
_IBAN_LIKE: Final = re.compile(
    r"\bBE[0-9]{2}(?: ?[0-9]{4}){3}\b|\b(?!BE)[A-Z]{2}[0-9]{2}(?: ?(?=[A-Z]*[0-9])[A-Z0-9]{4}){2,7}(?: ?[0-9]{1,3})?\b"
)
_DATE_LIKE: Final = re.compile(
    r"(?<![0-9])(?:[0-3]?[0-9][/.\-][01]?[0-9][/.\-](?:20)?[0-9]{2}|20[0-9]{2}[/.\-][01]?[0-9][/.\-][0-3]?[0-9])(?![0-9])"
)
_AMOUNT_LIKE: Final = re.compile(
    r"(?<![0-9])[0-9]{1,3}(?:[. ][0-9]{3})*,[0-9]{2}(?![0-9])|(?<![0-9.])[0-9]+\.[0-9]{2}(?![0-9.])"
)
_TOKEN: Final = re.compile(r"[A-Z]+|[0-9]+")
_CUES: Final = frozenset({
    "FACTUUR", "FACTUURNUMMER", "FACTUURNR", "FACT", "FAKT", "FAC", "FKT", "FACTURE", "FACTUREN", "FACTURES",
    "INVOICE", "INVOICES", "INV", "RECHNUNG", "RECHNUNGEN", "RG", "NR", "NUMMER", "NUMERO", "NO", "N", "NUM", "REF",
    "REFERENTIE", "REFERENCE", "KENMERK",
})  # fmt: skip
_CONNECTORS: Final = frozenset({"EN", "ET", "AND", "UND"})
# Below this, digits alone are too common to name an invoice.
_TELLING_LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class Writing:
    """A text as the rules read it.

    `references` have right check digits; `slips` are twelve digits or so that have none. `tokens` are the runs of
    letters and of digits, with what each of them stands in when that is something else than an invoice's number;
    `beginnings` are they without zeros in front, to tell at once of most numbers that the text has none of them.
    """

    references: tuple[str, ...]
    slips: tuple[str, ...]
    tokens: tuple[str, ...]
    is_elsewhere: tuple[bool, ...]
    beginnings: frozenset[str]


@lru_cache(maxsize=4096)
def read_writing(text: str) -> Writing:
    """Read a text that a payer wrote, in any spelling."""
    capitals = text.upper()
    references = tuple(find_in_text(capitals))
    ibans = [found.span() for found in _IBAN_LIKE.finditer(capitals)]
    slips = []
    spans = [*ibans, *(found.span() for kind in (_DATE_LIKE, _AMOUNT_LIKE) for found in kind.finditer(capitals))]
    for found in _REFERENCE_LIKE.finditer(capitals):
        digits = re.sub(r"[^0-9]", "", found[1])
        if 11 <= len(digits) <= 13 and not _is_within(found.span(), ibans):
            spans.append(found.span())
            if digits not in references:
                slips.append(digits)
    tokens = list(_TOKEN.finditer(capitals))
    return Writing(
        references,
        tuple(slips),
        tuple(token[0] for token in tokens),
        tuple(_is_within(token.span(), spans) for token in tokens),
        frozenset(_without_zeros(token[0]) for token in tokens),
    )


def _is_within(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)


def is_one_slip_away(written: str, reference: str) -> bool:
    """Tell whether one slip makes the one from the other: a digit wrong, missing or too many, or two swapped."""
    if written == reference or abs(len(written) - len(reference)) > 1:
        return False
    if len(written) == len(reference):
        wrong = [at for at, (one, other) in enumerate(zip(written, reference, strict=True)) if one != other]
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
            first, second = wrong
            return written[first] == reference[second] and written[second] == reference[first]
        return len(wrong) == 1
    shorter, longer = sorted((written, reference), key=len)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def tokens_of(text: str) -> list[str]:
    """Return the runs of letters and of digits of a text, in capitals."""
    return _TOKEN.findall(text.upper())


@lru_cache(maxsize=65536)
def squeeze(number: str) -> str:
    """Return an invoice's number in capitals without anything between its letters and digits."""
    return "".join(tokens_of(number))


@lru_cache(maxsize=65536)
def _parts_of(number: str) -> tuple[str, tuple[str, ...]]:
    """Return a number squeezed, and its groups without zeros in front; nothing of one without a digit."""
    tokens = tokens_of(number)
    if not any(token.isdigit() for token in tokens):
        return "", ()
    return "".join(tokens), tuple(_without_zeros(token) for token in tokens)


def _without_zeros(token: str) -> str:
    return token.lstrip("0") or "0"


def names_in_full(writing: Writing, number: str) -> bool:
    """Tell whether a text has an invoice's whole number, whatever stands between its groups, zeros in front aside.

    Dates, accounts, amounts and references are no numbers, and a short run of digits is none without a word for it
    before, or before the list in which it stands.
    """
    squeezed, parts = _parts_of(number)
    if not _could_begin(writing, squeezed, parts):
        return False
    is_telling = len(squeezed) >= _TELLING_LENGTH
    return any(is_telling or _follows_cue(writing.tokens, start) for start in _places_of(writing, number))


def could_name(writing: Writing, number: str) -> bool:
    """Tell whether a text has an invoice's whole number, a short one without a word for it too: enough for a doubt."""
    return any(_places_of(writing, number))


def _places_of(writing: Writing, number: str) -> Iterator[int]:
    """Yield where a number begins among the tokens, counted from 1."""
    squeezed, parts = _parts_of(number)
    if not _could_begin(writing, squeezed, parts):
        return
    for start in range(len(writing.tokens)):
        length = _length_of_number(writing.tokens, start, squeezed, parts)
        if length and not all(writing.is_elsewhere[start : start + length]):
            yield start + 1


def _could_begin(writing: Writing, squeezed: str, parts: tuple[str, ...]) -> bool:
    """Tell whether a token is the beginning of a number: quick, as it is asked for each invoice that could be meant."""
    return bool(parts) and (parts[0] in writing.beginnings or squeezed.startswith(writing.tokens))


def _follows_cue(tokens: tuple[str, ...], place: int) -> bool:
    for token in reversed(tokens[: place - 1]):
        if token in _CUES:
            return True
        if not (token.isdigit() or token in _CONNECTORS):
            return False
    return False


def _length_of_number(tokens: tuple[str, ...], start: int, squeezed: str, parts: tuple[str, ...]) -> int:
    """Return how many tokens from a place on make the number up; none when they do not."""
    end = start + len(parts)
    if len(parts) > 1 and end <= len(tokens):
        window = tokens[start:end]
        if all(_without_zeros(token) == part for token, part in zip(window, parts, strict=True)):
            return len(parts)
    joined = ""
    for length, token in enumerate(tokens[start:], start=1):
        joined += token
        if joined == squeezed:
            return length
        if not squeezed.startswith(joined):
            return 0
    return 0
