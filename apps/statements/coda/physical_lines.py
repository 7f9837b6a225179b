"""From the bytes of a file to its lines of text, and back.

Banks write Windows-1252; hand-edited copies are UTF-8, and some old programs wrote code page 850. All line
ends are accepted, and kept: every encoding used here turns back into the bytes it came from. A file is looked
at twice, block by block: once for its encoding, once for its lines; it is never held as a whole.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

RECORD_LENGTH: Final = 128
# What may stand after a record: its line end, and the end-of-file marks (Ctrl-Z, zeros) of old systems.
LINE_ENDINGS: Final = "\r\n\x1a\x00"
_BLOCK: Final = 1 << 18
# A movement of so many characters is surely found, wherever a block ends.
_LOOK_AHEAD: Final = 1 << 13
_LINE_FEED: Final = re.compile("\n")
_ANY_END: Final = re.compile(r"\r\n?|\n")
_RETURN_INSIDE: Final = re.compile(r"\r(?!\n)")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UNDEFINED_IN_WINDOWS_1252: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
_LINE_WITH_ACCENTS: Final = re.compile(rb"[^\r\n]*[\x80-\xff][^\r\n]*")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec name, and whether it was inferred from the content against the rule (Windows-1252).

    `has_lone_returns` says that lines end not only at a line feed, but also where a carriage return stands alone.
    """

    name: str
    guessed: bool
    first_accented_line: int
    has_lone_returns: bool


def as_stream(source: bytes | BinaryIO) -> BinaryIO:
    """Return a stream over the bytes; one that was given must be seekable, and stand at its start."""
    return BytesIO(source) if isinstance(source, bytes) else source


def choose_encoding(stream: BinaryIO) -> Encoding:
    """Choose how to decode a file, and go back to its start.

    A byte order mark says UTF-8. Otherwise UTF-8 is believed only when the whole file is valid UTF-8 and a
    line with accents is longer in bytes than a record: a record has 128 characters, so that line can only be
    UTF-8. Five bytes have no meaning in Windows-1252; a file with one of them is read as code page 850, where
    all are letters.
    """
    seen = _Seen()
    for block in _blocks(stream):
        seen.take(block)
    line = _line_at(stream, seen.first_accent or 0) if seen.is_guessed else 0
    stream.seek(0)
    return Encoding(seen.codec, seen.is_guessed, line, seen.has_lone_returns)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the file in pieces that end after a line feed, so that no character is cut in two."""
    while block := stream.read(_BLOCK):
        yield block + stream.readline()


def _line_at(stream: BinaryIO, place: int) -> int:
    """Return the number of the line in which a byte stands."""
    stream.seek(0)
    lines = 1
    for block in _blocks(stream):
        before = block[:place]
        lines += before.count(b"\n") + len(_LONE_RETURN.findall(before))
        place -= len(before)
        if not place:
            break
    return lines


class _Seen:
    """What the blocks so far tell about the encoding; `first_accent` is the place of a byte, from 0."""

    def __init__(self) -> None:
        self.size = 0
        self.first_accent: int | None = None
        self.has_mark = False
        self.is_utf8 = True
        self.is_too_long = False
        self.is_undefined = False
        self.has_lone_returns = False

    def take(self, block: bytes) -> None:
        """Look at the next block."""
        self.has_lone_returns = self.has_lone_returns or _LONE_RETURN.search(block) is not None
        if not block.isascii():
            self._take_accents(block)
        self.size += len(block)

    def _take_accents(self, block: bytes) -> None:
        lines = [match[0] for match in _LINE_WITH_ACCENTS.finditer(block)]
        if self.first_accent is None:
            self.first_accent = self.size + block.index(lines[0])
        self.has_mark = self.has_mark or (self.size == 0 and block.startswith(_BYTE_ORDER_MARK))
        self.is_utf8 = self.is_utf8 and _is_utf8(block)
        self.is_too_long = self.is_too_long or any(len(line) > RECORD_LENGTH for line in lines)
        self.is_undefined = self.is_undefined or _UNDEFINED_IN_WINDOWS_1252.search(block) is not None

    @property
    def codec(self) -> str:
        """The codec to read with."""
        if self.first_accent is None:
            return "ascii"
        if self.is_utf8 and self.has_mark:
            return "utf-8-sig"
        if self.is_utf8 and self.is_too_long:
            return "utf-8"
        return "cp850" if self.is_undefined else "cp1252"

    @property
    def is_guessed(self) -> bool:
        """Whether the rule (Windows-1252, or what a byte order mark says) was not followed."""
        return self.codec in {"utf-8", "cp850"}


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class Lines:
    """The text of a stream, taken line by line or, where a pattern fits, several lines at once.

    `number` is that of the line to come, from 1. Text is decoded a block ahead.
    """

    def __init__(self, stream: BinaryIO, encoding: Encoding) -> None:
        self.number = 1
        self._read = stream.read
        self._decode = getincrementaldecoder(encoding.name)().decode
        self._text = ""
        self._position = 0
        self._is_ended = False
        self._end = _ANY_END if encoding.has_lone_returns else _LINE_FEED

    def begins_with(self, start: str) -> bool:
        """Say whether the line to come begins so; it need not be a whole line."""
        if len(self._text) - self._position < len(start):
            self._fill()
        return self._text.startswith(start, self._position)

    def take_line(self) -> str | None:
        """Return the next line with its line end, which the last one may lack; `None` at the end."""
        match = self._end.search(self._text, self._position)
        # A carriage return at the end of the block may be half of a line end.
        while (match is None or match.end() == len(self._text)) and not self._is_ended:
            self._fill()
            match = self._end.search(self._text, self._position)
        end = match.end() if match else len(self._text)
        if end == self._position:
            return None
        line = self._text[self._position : end]
        self._position = end
        self.number += 1
        return line

    def skip(self, count: int) -> None:
        """Pass over lines; where each ends with a line feed, a block at a time."""
        last = self.number + count
        while self._end is _LINE_FEED and not self._is_ended:
            found = self._text.count("\n", self._position)
            if self.number + found >= last:
                break
            self.number += found
            self._position = max(self._position, self._text.rfind("\n") + 1)
            self._fill()
        while self.number < last and self.take_line():
            pass

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], int, int]]:
        """Match a pattern where the next line begins, and again where a match ended, as long as it fits.

        Yields each match with the number of its first line and how many lines it has. It is taken when the next one
        is asked for: whoever stops at a match leaves it. None goes over a line end that the pattern takes for a sign.
        """
        while match := pattern.match(self._text, self._position) or self._match_further(pattern):
            start, end = match.span()
            if self._end is _ANY_END and _RETURN_INSIDE.search(self._text, start, end):
                return
            count = self._text.count("\n", start, end)
            yield match, self.number, count
            self._position = end
            self.number += count

    def _match_further(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Match once more when the block's end may have been in the way."""
        if self._is_ended or len(self._text) - self._position >= _LOOK_AHEAD:
            return None
        self._fill()
        return pattern.match(self._text, self._position)

    def _fill(self) -> None:
        """Decode another block behind what is left; the longer that is, the larger the block."""
        if self._is_ended:
            return
        rest = self._text[self._position :]
        block = self._read(max(_BLOCK, len(rest)))
        self._is_ended = not block
        self._text = rest + self._decode(block, self._is_ended)
        self._position = 0


def is_blank(line: str) -> bool:
    """Say whether a line holds nothing: blanks, or an end-of-file mark."""
    return not line.strip(" \t" + LINE_ENDINGS)


def as_record(line: str) -> str:
    """Pad a line to a whole record, without its line end, Ctrl-Z or blanks beyond column 128."""
    text = line.rstrip(LINE_ENDINGS)
    if len(text) > RECORD_LENGTH:
        text = text.rstrip()
    return text.ljust(RECORD_LENGTH)
