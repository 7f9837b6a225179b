"""From the bytes of a file to its lines of text.

Banks write Windows-1252; hand-edited copies are UTF-8, and some old programs wrote code page 850. All line
ends are accepted. Decoding runs ahead of the reader by one block only, so a large file is never held twice.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from typing import Final

RECORD_LENGTH: Final = 128
# What may stand after a record: its line end, and the end-of-file marks (Ctrl-Z, zeros) of old systems.
LINE_ENDINGS: Final = "\r\n\x1a\x00"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UNDEFINED_IN_WINDOWS_1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_LINE_WITH_ACCENTS: Final = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec name, and whether it was inferred from the content against the rule (Windows-1252)."""

    name: str
    guessed: bool
    first_accented_line: int


def choose_encoding(data: bytes) -> Encoding:
    """Choose how to decode a file.

    A byte order mark says UTF-8. Otherwise UTF-8 is believed only when the whole file is valid UTF-8 and a
    line with accents is longer in bytes than a record: a record has 128 characters, so that line can only be
    UTF-8. Five bytes have no meaning in Windows-1252; a file with one of them is read as code page 850, where
    all are letters.
    """
    if data.isascii():
        return Encoding("ascii", guessed=False, first_accented_line=0)
    if data.startswith(_BYTE_ORDER_MARK) and _is_utf8(data):
        return Encoding("utf-8-sig", guessed=False, first_accented_line=0)
    accented = next(_LINE_WITH_ACCENTS.finditer(data))
    line = len(data[: accented.start()].splitlines()) + 1
    if _has_line_longer_than_a_record(data) and _is_utf8(data):
        return Encoding("utf-8", guessed=True, first_accented_line=line)
    if _UNDEFINED_IN_WINDOWS_1252.search(data):
        return Encoding("cp850", guessed=True, first_accented_line=line)
    return Encoding("cp1252", guessed=False, first_accented_line=line)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _has_line_longer_than_a_record(data: bytes) -> bool:
    return any(len(match[0]) > RECORD_LENGTH for match in _LINE_WITH_ACCENTS.finditer(data))


def iterate_lines(data: bytes, encoding: Encoding) -> Iterator[str]:
    """Yield every physical line, its end turned into one line feed (the last line may have none)."""
    return iter(TextIOWrapper(BytesIO(data), encoding=encoding.name, newline=None))


def is_blank(line: str) -> bool:
    """Say whether a line holds nothing: blanks, or an end-of-file mark."""
    return not line.strip(" \t" + LINE_ENDINGS)


def as_record(line: str) -> str:
    """Pad a line to a whole record, without its line end, Ctrl-Z or blanks beyond column 128."""
    text = line.rstrip(LINE_ENDINGS)
    if len(text) > RECORD_LENGTH:
        text = text.rstrip()
    return text.ljust(RECORD_LENGTH)
