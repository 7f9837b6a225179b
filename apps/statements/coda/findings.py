"""What a reader can find wrong in a bank statement: stable codes, each with its severity."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """`fatal` holds the statement, or quarantines the file; the others import."""

    FATAL = "fatal"
    WARNING = "warning"
    INFORMATION = "information"


# A statement is held only for what it contradicts itself; anything between statements, and every check digit,
# imports.
HOLDING_CODES: Final = frozenset(
    {
        "balance_mismatch",
        "record9_count",
        "record9_debit_total",
        "record9_credit_total",
        "missing_record_1",
        "missing_record_8",
        "missing_record_9",
        "sequence_gap",
        "sequence_repeat",
        "orphan_record",
        "part_missing",
        "unreadable_amount",
        "unreadable_sign",
        "unreadable_date",
        "account_mismatch",
        "truncated_record",
        "unknown_record",
        "statement_conflict",
    }
)
QUARANTINING_CODES: Final = frozenset({"missing_record_0", "version_unsupported", "not_coda"})
WARNING_CODES: Final = frozenset(
    {
        "iban_check_digits",
        "communication_check_digits",
        "enterprise_number_check_digits",
        "link_code",
        "orphan_information",
        "statement_gap",
        "balance_chain",
    }
)
INFORMATION_CODES: Final = frozenset({"value_date_unknown", "encoding_guessed", "resent_duplicate"})

SEVERITIES: Final[Mapping[str, Severity]] = {
    **dict.fromkeys(HOLDING_CODES | QUARANTINING_CODES, Severity.FATAL),
    **dict.fromkeys(WARNING_CODES, Severity.WARNING),
    **dict.fromkeys(INFORMATION_CODES, Severity.INFORMATION),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about a file: `line` and `column` count from 1, in the file as received."""

    code: str
    severity: Severity
    line: int
    column: int
    message: str


def make_finding(code: str, line: int, column: int, message: str) -> Finding:
    """Make a finding with the severity that its code has in the table."""
    return Finding(code, SEVERITIES[code], line, column, message)
