"""What leaves the house of a bank's file: one logical CODA statement, never the physical file with its neighbours."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from apps.statements.coda.characters import to_ascii, to_printable
from apps.statements.coda.physical_lines import (
    RECORD_LENGTH,
    Lines,
    as_record,
    as_stream,
    choose_encoding,
    is_blank,
)

_LINE_END: Final = "\r\n"
_TRAILER: Final = "9"
_LAST: Final = "2"


def logical_statement(source: bytes | BinaryIO, first_line: int, last_line: int) -> bytes:
    """Cut one statement out of a physical file, which may hold those of other companies.

    `source` is its bytes, or a seekable stream of them at its start, of which a block at a time is in memory;
    `first_line` and `last_line` are those of the `Statement`. The result is a file of its own: each record has exactly
    128 ASCII characters, none of them a control character, and a CRLF, and the trailer says that nothing follows.
    """
    stream = as_stream(source)
    lines = Lines(stream, choose_encoding(stream))
    lines.skip(first_line - 1)
    return b"".join(f"{record}{_LINE_END}".encode("ascii") for record in _records(lines, last_line))


def _records(lines: Lines, last_line: int) -> Iterator[str]:
    while lines.number <= last_line and (line := lines.take_line()):
        if not is_blank(line):
            record = to_printable(to_ascii(as_record(line)[:RECORD_LENGTH]))
            yield f"{record[:-1]}{_LAST}" if record[0] == _TRAILER else record
