"""Reading a CODA file: its statements one after the other, and what is wrong with the file as a whole."""

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from apps.core.identifiers import is_valid_enterprise_number
from apps.statements.coda.assembly import HEADER_START, StatementAssembler
from apps.statements.coda.fields import Calendar
from apps.statements.coda.findings import Finding, make_finding
from apps.statements.coda.physical_lines import (
    RECORD_LENGTH,
    Encoding,
    Lines,
    as_record,
    as_stream,
    choose_encoding,
    is_blank,
)
from apps.statements.coda.statements import Header, Statement

_VERSIONS: Final = frozenset({"1", "2"})
_MORE_FOLLOWS: Final = "1"
_LAST: Final = "2"
_RECORD_SHAPE: Final = re.compile(r"1.[0-9]{3}|[23][123][0-9]{8}|8[0-9]{3}|4 [0-9]{8}|9 {15}[0-9]{6}")
_NOT_CODA: Final = "This is not a CODA file: its records begin with a header of zeros."


def read_coda(source: bytes | BinaryIO) -> "CodaFile":
    """Read a file that should hold CODA statements: its bytes, or a seekable stream of them; see `CodaFile`."""
    return CodaFile(source)


class CodaFile:
    """The statements of a file, to be iterated once; one statement is in memory at a time.

    `findings` are those of the file itself, complete after the iteration. `quarantined` is true once the file
    turned out unreadable (`not_coda`, `missing_record_0`, `version_unsupported`): nothing comes after that,
    statements that stood before the fault have been given. Nothing in the bytes makes the reader raise.
    `encoding` is chosen when the iteration begins; `rest` is the blank lines, or the end mark, after the last
    statement.
    """

    def __init__(self, source: bytes | BinaryIO) -> None:
        self.findings: list[Finding] = []
        self.quarantined = False
        self.encoding: Encoding | None = None
        self.rest: list[str] = []
        self._stream = as_stream(source)
        self._calendar = Calendar()
        self._trailer_code = ""
        self._trailer_line = 0

    def __iter__(self) -> Iterator[Statement]:
        self.encoding = encoding = choose_encoding(self._stream)
        if encoding.guessed:
            message = f"The file is not Windows-1252; it was read as {encoding.name}."
            self.findings.append(make_finding("encoding_guessed", encoding.first_accented_line, 1, message))
        lines = Lines(self._stream, encoding)
        first = self._skip_blank_lines(lines)
        if first is None:
            self._quarantine("not_coda", 1, 1, "The file is empty.")
        while first is not None:
            assembler = self._open(*first)
            if assembler is None:
                return
            assembler.consume(lines)
            statement = assembler.build()
            self._trailer_code, self._trailer_line = statement.trailer[127:128], statement.last_line
            del assembler
            yield statement
            del statement
            first = self._skip_blank_lines(lines)
        if self._trailer_code.startswith(_MORE_FOLLOWS):
            self._report("link_code", self._trailer_line, 128, "Another statement is announced, and the file ends.")

    def _skip_blank_lines(self, lines: Lines) -> tuple[int, str] | None:
        while text := lines.take_line():
            if not is_blank(text):
                return lines.number - 1, text
            self.rest.append(text)
        return None

    def _open(self, line: int, text: str) -> StatementAssembler | None:
        """Start the statement of a header; quarantine the file when the line is none that can be read."""
        record = as_record(text)
        if not record.startswith(HEADER_START):
            if _RECORD_SHAPE.match(record):
                self._quarantine("missing_record_0", line, 1, "The header (record 0) is missing before this record.")
            else:
                self._quarantine("not_coda", line, 1, _NOT_CODA)
            return None
        if record[127] not in _VERSIONS:
            message = "Version 2 and, for old files, version 1 of CODA are read; the header names another."
            self._quarantine("version_unsupported", line, 128, message)
            return None
        if self._trailer_code.startswith(_LAST):
            message = "The trailer says that it ends the file, and another statement follows."
            self._report("link_code", self._trailer_line, 128, message)
        return self._start(record, text, line)

    def _start(self, record: str, text: str, line: int) -> StatementAssembler:
        header = _read_header(record, self._calendar)
        assembler = StatementAssembler(header, [*self.rest, text], line, self._calendar)
        self.rest = []
        if len(record) > RECORD_LENGTH:
            assembler.state.report("unknown_record", line, RECORD_LENGTH + 1, "The header is longer than a record.")
        if not _has_plausible_enterprise_number(record[71:82]):
            message = "The enterprise number of the holder has wrong check digits."
            assembler.state.report("enterprise_number_check_digits", line, 72, message)
        return assembler

    def _report(self, code: str, line: int, column: int, message: str) -> None:
        self.findings.append(make_finding(code, line, column, message))

    def _quarantine(self, code: str, line: int, column: int, message: str) -> None:
        self.quarantined = True
        self._report(code, line, column, message)


def _read_header(record: str, calendar: Calendar) -> Header:
    bic = record[60:71].strip()
    return Header(
        version=record[127],
        creation_date=calendar[record[5:11]],
        bank_id=record[11:14].strip(),
        application_code=record[14:16].strip(),
        duplicate_flag=record[16].strip(),
        file_reference=record[24:34].strip(),
        addressee=record[34:60].strip(),
        bic=bic if bic.strip("0") else "",
        enterprise_number=record[71:82].strip(),
        separate_application=record[83:88],
        transaction_reference=record[88:104].strip(),
        related_reference=record[104:120].strip(),
    )


def _has_plausible_enterprise_number(field: str) -> bool:
    """Eleven positions: a zero and the ten digits; a header without a holder's number has zeros or blanks."""
    text = field.strip()
    if not text.strip("0"):
        return True
    return is_valid_enterprise_number(text.removeprefix("0").zfill(10))
