"""What can be made to happen in the sandbox, and what a software shows there; plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class BankFileKind(StrEnum):
    """What the next bank file brings; `paid` is what a quiet day does."""

    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    OVERPAID = "overpaid"
    WITHOUT_REFERENCE = "without_reference"
    STRANGER = "stranger"
    BATCH = "batch"
    FOREIGN_CURRENCY = "foreign_currency"
    REVERSAL = "reversal"
    EMPTY = "empty"
    GAP = "gap"
    LATE = "late"
    HELD = "held"
    RESENT = "resent"


class OfficeAct(StrEnum):
    """What the accounting office does with an invoice, or with the company."""

    BOOK = "book"
    QUESTION = "question"
    REFUSE = "refuse"
    CLOSE_BOOKS = "close_books"
    LEAVE = "leave"
    RETURN = "return"


class DocumentKind(StrEnum):
    """A document of the caller's company: a good one, or one with a problem."""

    VALID = "valid"
    CREDIT_NOTE = "credit_note"
    CORRECTION = "correction"
    NO_PDF = "no_pdf"
    WRONG_CHECK_DIGITS = "wrong_check_digits"
    TOTALS_WRONG = "totals_wrong"
    SCHEMA = "schema"
    DOCTYPE = "doctype"
    NOT_WELL_FORMED = "not_well_formed"
    OTHER_SUPPLIER = "other_supplier"
    ISSUED_LONG_AGO = "issued_long_ago"


class Group(StrEnum):
    """What a step is about: everybody connects; a software then sends, reads, or both."""

    CONNECT = "connect"
    SEND = "send"
    READ = "read"


STEPS: Final[dict[str, Group]] = {
    "refusal_seen": Group.CONNECT,
    "token_asked": Group.CONNECT,
    "token_exchanged": Group.CONNECT,
    "login_used": Group.CONNECT,
    "invoice_accepted": Group.SEND,
    "credit_note_accepted": Group.SEND,
    "correction_accepted": Group.SEND,
    "same_bytes_again": Group.SEND,
    "rejection_seen": Group.SEND,
    "feed_polled": Group.READ,
    "entry_downloaded": Group.READ,
    "entry_marked": Group.READ,
    "payment_seen": Group.READ,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which steps were seen, whether the software can connect and which directions it works in."""

    done: frozenset[str]

    @property
    def groups(self) -> Sequence[Group]:
        """Return the groups of which every step was seen."""
        return [group for group in Group if all(step in self.done for step, its in STEPS.items() if its == group)]

    @property
    def is_compatible(self) -> bool:
        """A software is compatible when it connects, and sends or reads; a one-way package is no worse."""
        return Group.CONNECT in self.groups and len(self.groups) > 1


class MarkState(StrEnum):
    """Where the mark that a report gave stands: a newer report replaces it, staff withdraw it."""

    STANDING = "standing"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


MARK_TRANSITIONS: Final[dict[MarkState, frozenset[MarkState]]] = {
    MarkState.STANDING: frozenset({MarkState.REPLACED, MarkState.WITHDRAWN}),
    MarkState.REPLACED: frozenset(),
    MarkState.WITHDRAWN: frozenset(),
}

# How old a report may be when the service takes it: the mark tells of the software as it is now.
REPORT_LIFE: Final = timedelta(days=30)
# The clocks of two machines differ by less.
CLOCKS_DIFFER: Final = timedelta(minutes=5)


def is_same_software(slug: str, name: str, *, as_slug: str, as_name: str) -> bool:
    """Tell whether the sandbox and the service speak of one software: by its short name, or by its name.

    A short name may have got a number where another one had it first.
    """
    return slug == as_slug or name.casefold().split() == as_name.casefold().split()
