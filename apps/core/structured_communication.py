"""References that carry check digits: the Belgian structured communication (OGM/VCS) and the ISO 11649 `RF`
one.

Canonical form: the twelve digits as text (leading zeros count), or `RF…` in capitals without blanks.
"""

import re
from typing import Final

_BELGIAN_NOISE: Final = re.compile(r"[\s+*/.\-]+")
_TWELVE_DIGITS: Final = re.compile(r"[0-9]{12}")
_CREDITOR_REFERENCE: Final = re.compile(r"RF[0-9]{2}[A-Z0-9]{1,21}")
_LETTER_VALUES: Final = {ord("A") + index: str(10 + index) for index in range(26)}

# Three ways in which payers write a Belgian reference: between signs, in the 3/4/5 groups of the transfer
# form, or as twelve digits. Bare digits count only when no digit touches them: a longer run is another kind
# of number.
_WRITTEN_BELGIAN: Final = re.compile(
    r"(?:(?:\+{3}|\*{3})(?:(?:[\s/.\-]*[0-9]){12})[\s/.\-]*(?:\+{3}|\*{3}))"
    r"|(?<![0-9])(?:[0-9]{3}[\s/.\-]+[0-9]{4}[\s/.\-]+[0-9]{5})(?![0-9])"
    r"|(?<![0-9])(?:[0-9]{12})(?![0-9])"
    r"|(?<![0-9])(?<![0-9]\s)(?:[0-9](?:\s*[0-9]){11})(?!\s*[0-9])"
)
_WRITTEN_CREDITOR_REFERENCE: Final = re.compile(
    r"(?<![A-Z0-9])RF[0-9]{2}(?:[A-Z0-9]{1,21}|(?: [A-Z0-9]{4}){0,5}(?: [A-Z0-9]{1,4})?)(?![A-Z0-9])"
)


class InvalidStructuredCommunication(ValueError):
    """A text that is no structured communication, or one with wrong check digits."""

    code: Final = "structured_communication_invalid"


def has_valid_belgian_check(digits: str) -> bool:
    """Check twelve digits: the last two are the first ten modulo 97, with 0 written as 97."""
    return (
        len(digits) == 12
        and digits.isascii()
        and digits.isdecimal()
        and (int(digits[:10]) % 97 or 97) == int(digits[10:])
    )


def has_valid_creditor_reference_check(reference: str) -> bool:
    """Check an ISO 11649 reference in capitals without blanks: rearranged as an IBAN, it is 1 modulo 97."""
    if not _CREDITOR_REFERENCE.fullmatch(reference):
        return False
    return int((reference[4:] + reference[:4]).translate(_LETTER_VALUES)) % 97 == 1


def is_structured_communication(text: str) -> bool:
    """Tell whether a text is a reference in canonical form with right check digits, Belgian or ISO 11649."""
    return has_valid_belgian_check(text) or has_valid_creditor_reference_check(text)


def parse_structured_communication(text: str) -> str:
    """Turn a written reference, Belgian or `RF`, into its canonical form.

    Raises `InvalidStructuredCommunication` when it is neither, or its check digits are wrong.
    """
    compact = _BELGIAN_NOISE.sub("", text).upper()
    if has_valid_belgian_check(compact) or has_valid_creditor_reference_check(compact):
        return compact
    raise InvalidStructuredCommunication(f"Not a structured communication: {text[:60]!r}.")


def make_structured_communication(base: int) -> str:
    """Append the check digits to a number of at most ten digits; return the twelve digits."""
    if not 0 <= base < 10**10:
        raise InvalidStructuredCommunication("The base of a structured communication has at most ten digits.")
    return f"{base:010d}{base % 97 or 97:02d}"


def format_structured_communication(reference: str) -> str:
    """Write a canonical reference for people: `+++090/9337/55493+++`, or `RF18 5390 0754 7034`."""
    if _TWELVE_DIGITS.fullmatch(reference):
        return f"+++{reference[:3]}/{reference[3:7]}/{reference[7:]}+++"
    return " ".join(reference[start : start + 4] for start in range(0, len(reference), 4))


def find_in_text(text: str) -> list[str]:
    """Find the references that a free text holds, in canonical form, in the order written, each once.

    Only references whose check digits pass are returned.
    """
    found: dict[str, int] = {}
    for match in _WRITTEN_BELGIAN.finditer(text):
        digits = _BELGIAN_NOISE.sub("", match[0])
        if has_valid_belgian_check(digits):
            found.setdefault(digits, match.start())
    capitals = text.upper() if "rf" in text.lower() else ""
    for match in _WRITTEN_CREDITOR_REFERENCE.finditer(capitals):
        reference = _longest_valid_creditor_reference(match[0])
        if reference:
            found.setdefault(reference, match.start())
    return sorted(found, key=found.__getitem__)


def _longest_valid_creditor_reference(written: str) -> str | None:
    """Drop trailing words until the check passes: the sentence may go on after a reference."""
    words = written.split(" ")
    while words:
        reference = "".join(words)
        if has_valid_creditor_reference_check(reference):
            return reference
        words.pop()
    return None
