"""From the records of one logical statement to a `Statement`."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from apps.statements.coda import balance_records, integrity, movement_records
from apps.statements.coda.fields import (
    UNKNOWN_DATE,
    Account,
    Calendar,
    parse_own_account,
    to_decimal,
)
from apps.statements.coda.numbering import Numbering
from apps.statements.coda.physical_lines import LINE_ENDINGS, RECORD_LENGTH, Lines, as_record, is_blank
from apps.statements.coda.progress import StatementInProgress
from apps.statements.coda.statements import Header, Statement
from apps.statements.coda.version_1 import as_version_2
from apps.statements.coda.whole_movements import take_whole_movements

_RecordReader = Callable[[StatementInProgress, str, int], None]

_READERS: Final[Mapping[str, _RecordReader]] = {
    "1": balance_records.read_opening,
    "21": movement_records.read_part1,
    "22": movement_records.read_part2,
    "23": movement_records.read_part3,
    "31": movement_records.read_information1,
    "32": movement_records.read_information2,
    "33": movement_records.read_information3,
    "8": balance_records.read_closing,
    "4": balance_records.read_message,
    "9": balance_records.read_trailer,
}
HEADER_START: Final = "00000"
# A line of one record, with either line end.
_LINE_LENGTHS: Final = frozenset({RECORD_LENGTH + 1, RECORD_LENGTH + 2})
# The last column that a record needs: version 2 ends every record on a code, but a trailer is whole after its
# totals.
_WHOLE_FROM: Final[Mapping[str, Mapping[str, int]]] = {
    "2": {"9": 52},
    "1": {"1": 64, "8": 63, "9": 52},
}


class StatementAssembler:
    """Takes the lines of one logical statement in order, and builds the statement.

    `raw_text` is its header, at `line`, and the blank lines before it.
    """

    def __init__(self, header: Header, raw_text: list[str], line: int, calendar: Calendar) -> None:
        numbering = Numbering(is_separate_application=header.is_separate_application)
        self._state = StatementInProgress(header, line, calendar, numbering, last_line=line, raw_text=raw_text)
        self._is_version_1 = header.version == "1"

    @property
    def state(self) -> StatementInProgress:
        """What was read so far."""
        return self._state

    def consume(self, lines: Lines) -> None:
        """Take lines until the trailer, the next header, which is left, or the end."""
        state = self._state
        while not state.trailer:
            if not self._is_version_1:
                take_whole_movements(state, lines)
            if lines.begins_with(HEADER_START):
                break
            number, text = lines.number, lines.take_line()
            if text is None:
                break
            state.raw_text.append(text)
            self._take_line(text, number)

    def _take_line(self, text: str, line: int) -> None:
        if text[0] <= "0" and is_blank(text):
            return
        state = self._state
        state.last_line = line
        record = (
            text if len(text) in _LINE_LENGTHS and not text[RECORD_LENGTH:].strip("\r\n") else self._fit(text, line)
        )
        if self._is_version_1:
            record = as_version_2(record)
        reader = _READERS.get(record[:2]) or _READERS.get(record[0], balance_records.read_unknown)
        reader(state, record, line)

    def _fit(self, text: str, line: int) -> str:
        """Bring a line to 128 characters; report what was cut off, or does not belong there."""
        length = len(text.rstrip(LINE_ENDINGS))
        record = as_record(text)
        if len(record) > RECORD_LENGTH:
            self._state.report("unknown_record", line, 129, "The line is longer than a record of 128 characters.")
            return record[:RECORD_LENGTH]
        is_known = record[:2] in _READERS or record[0] in _READERS
        if is_known and length < _WHOLE_FROM[self._state.header.version].get(record[0], RECORD_LENGTH):
            self._state.report("truncated_record", line, length + 1, f"The record stops after {length} characters.")
            self._state.cut_line = line
        return record

    def build(self) -> Statement:
        """Check the statement as a whole and return it; call it once, after its last line."""
        state = self._state
        integrity.check_presence(state)
        account = self._read_account()
        old, new = self._read_balances()
        old_date, new_date = self._read_old_balance_date(), self._read_new_balance_date()
        integrity.check_days(state, old_date, new_date)
        integrity.check_whole(state, old, new)
        return Statement(
            header=state.header,
            own_account=account,
            opening=state.opening,
            trailer=state.trailer,
            old_balance=to_decimal(old or 0),
            old_balance_date=old_date,
            new_balance=to_decimal(new or 0),
            new_balance_date=new_date,
            movements=state.movements,
            free_messages=state.free_messages,
            unattached_information=state.unattached_information,
            findings=state.findings,
            first_line=state.first_line,
            last_line=state.last_line,
            raw_text=state.raw_text,
        )

    def _read_account(self) -> Account:
        state = self._state
        if not state.opening:
            return parse_own_account(state.closing[4:41].ljust(37), structure=" ")
        account = parse_own_account(state.opening[5:42], structure=state.opening[1])
        if not account.has_valid_check:
            state.report("iban_check_digits", state.opening_line, 6, "The account number has wrong check digits.")
        return account

    def _read_balances(self) -> tuple[int | None, int | None]:
        """The old and the new balance in thousandths; without record 8 they are the same."""
        state = self._state
        old = state.read_signed(state.opening, state.opening_line, 43, "old balance") if state.opening else None
        if not state.closing:
            return old, old
        return old, state.read_signed(state.closing, state.closing_line, 42, "new balance")

    def _read_old_balance_date(self) -> date | None:
        state = self._state
        text = state.opening[58:64]
        day = state.calendar[text] if state.opening else None
        if day is None and state.opening and text != UNKNOWN_DATE:
            state.report("unreadable_date", state.opening_line, 59, "The date of the old balance is no date.")
        return day

    def _read_new_balance_date(self) -> date | None:
        """The day of the statement; without record 8, the day on which the bank made it."""
        state = self._state
        if state.closing:
            day, line, column = state.calendar[state.closing[57:63]], state.closing_line, 58
        else:
            day, line, column = state.header.creation_date, state.first_line, 6
        if day is None:
            state.report("unreadable_date", line, column, "The date of the new balance is no date.")
        return day
