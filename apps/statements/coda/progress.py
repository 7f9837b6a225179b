"""A statement while its records are being read."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from apps.statements.coda.fields import CREDIT, DEBIT, Calendar, parse_digits
from apps.statements.coda.findings import Finding, make_finding
from apps.statements.coda.movements import Information, Movement, fold
from apps.statements.coda.numbering import Numbering
from apps.statements.coda.physical_lines import RECORD_LENGTH
from apps.statements.coda.statements import Header

NO_RECORD: Final = " " * RECORD_LENGTH


@dataclass(slots=True)
class StatementInProgress:
    """What is known so far; `previous` is the record whose next and link codes speak of the one to come."""

    header: Header
    first_line: int
    calendar: Calendar
    numbering: Numbering
    last_line: int = 0
    cut_line: int = 0
    raw_text: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    unattached_information: list[Information] = field(default_factory=list)
    free_messages: list[str] = field(default_factory=list)

    opening: str = ""
    opening_line: int = 0
    opening_is_missing: bool = False
    closing: str = ""
    closing_line: int = 0
    trailer: str = ""
    trailer_line: int = 0

    counted_records: int = 0
    ordinal: int = 0
    debit: int = 0
    credit: int = 0
    sums_are_known: bool = True
    has_details: bool = False
    previous: str = NO_RECORD
    previous_line: int = 0

    part1: str = ""
    part2: str = ""
    part3: str = ""
    part1_line: int = 0
    parent: int | None = None
    sequence: int = 0
    detail: int = 0
    thousandths: int | None = None
    value_date: date | None = None
    entry_date: date | None = None
    information: list[Information] = field(default_factory=list)

    information1: str = ""
    information2: str = ""
    information3: str = ""
    information_line: int = 0
    information_is_attached: bool = True

    def report(self, code: str, line: int, column: int, message: str) -> None:
        """Add a finding, unless it only follows from the record being cut short."""
        if line != self.cut_line:
            self.findings.append(make_finding(code, line, column, message))

    def read_signed(self, record: str, line: int, sign_column: int, subject: str) -> int | None:
        """Read a sign and the 15 digits after it: thousandths, credit positive; report what is unreadable."""
        sign = record[sign_column - 1]
        value = parse_digits(record[sign_column : sign_column + 15])
        if value is None:
            self.report("unreadable_amount", line, sign_column + 1, f"The {subject} is not a number.")
        if sign not in {CREDIT, DEBIT}:
            self.report("unreadable_sign", line, sign_column, f"The sign of the {subject} is neither 0 nor 1.")
            return None
        return value if sign == CREDIT or value is None else -value

    def expects_movement(self) -> bool:
        """Say whether a movement may come now, between the balances, with nothing else announced or unfinished."""
        if self.part1 or self.information1:
            self.finish_movement()
        previous = self.previous
        return bool(self.opening) and not self.closing and previous[125] != "1" and previous[127] != "1"

    def check_announcements(self) -> None:
        """Report what the previous record announced, now that something else has come."""
        previous = self.previous
        if previous[125] == "1":
            self.report(
                "part_missing",
                self.previous_line,
                126,
                "The next part of this record is announced, and absent.",
            )
        if previous[127] == "1":
            self.report("link_code", self.previous_line, 128, "The link code announces a record that does not follow.")

    def finish_information(self) -> None:
        """Close the information record in progress."""
        target = self.information if self.information_is_attached else self.unattached_information
        target.append(Information(self.information_line, self.information1, self.information2, self.information3))
        self.information1 = ""

    def finish_movement(self) -> None:
        """Close the movement in progress, if any; one without a readable amount or entry date is left out."""
        if self.information1:
            self.finish_information()
        if not self.part1:
            return
        if self.thousandths is not None and self.entry_date is not None:
            self.movements.append(
                Movement(
                    self.ordinal,
                    self.sequence,
                    self.detail,
                    self.parent,
                    self.thousandths,
                    self.value_date,
                    self.entry_date,
                    self.part1_line,
                    self.part1,
                    self.part2,
                    self.part3,
                    *fold(self.information),
                )
            )
        self.part1 = self.part2 = self.part3 = ""
        self.information.clear()
