"""Characters that a record can carry, replaced one for one so that every column stays where it is."""

import unicodedata
from typing import Final

_UNKNOWN: Final = "?"


def to_printable(text: str) -> str:
    """Replace control characters, line ends among them, by blanks."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else " " for character in text)


def to_ascii(text: str) -> str:
    """Replace each character outside ASCII by one inside: the letter without its accent, else `?`."""
    if text.isascii():
        return text
    return "".join(character if character.isascii() else _to_ascii(character) for character in text)


def _to_ascii(character: str) -> str:
    if character.isspace():
        return " "
    plain = unicodedata.normalize("NFD", character)[0]
    return plain if plain.isascii() else _UNKNOWN
