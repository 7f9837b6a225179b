"""States of CODA files and statements, and what makes a statement the same one (product page)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class CodaFileState(StrEnum):
    """Where a bank's file stands."""

    RECEIVED = "received"
    IMPORTED = "imported"
    PARTLY_IMPORTED = "partly_imported"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"


CODA_FILE_TRANSITIONS: Final[dict[CodaFileState, frozenset[CodaFileState]]] = {
    CodaFileState.RECEIVED: frozenset(set(CodaFileState) - {CodaFileState.RECEIVED}),
    CodaFileState.IMPORTED: frozenset(),
    CodaFileState.PARTLY_IMPORTED: frozenset(),
    CodaFileState.QUARANTINED: frozenset(),
    CodaFileState.DUPLICATE: frozenset(),
}


class Source(StrEnum):
    """How a file came to us."""

    COMMAND = "command"
    UPLOAD = "upload"
    INBOX = "inbox"


class InboxState(StrEnum):
    """Where a file of the inbox directory stands; `gone` was removed by somebody before it was taken in."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"


INBOX_TRANSITIONS: Final[dict[InboxState, frozenset[InboxState]]] = {
    InboxState.WAITING: frozenset({InboxState.TAKEN, InboxState.GONE}),
    InboxState.TAKEN: frozenset({InboxState.DONE, InboxState.FAILED, InboxState.GONE}),
    InboxState.DONE: frozenset(),
    InboxState.FAILED: frozenset(),
    InboxState.GONE: frozenset(),
}


class StatementState(StrEnum):
    """Where one account's statement stands; `held` wins over `unrouted`."""

    IMPORTED = "imported"
    HELD = "held"
    UNROUTED = "unrouted"
    DUPLICATE = "duplicate"


# A held one is released by staff or goes where a whole one of its identity goes; one that stands gives way to another
# of its identity only when staff choose so. What was had already stays that.
STATEMENT_TRANSITIONS: Final[dict[StatementState, frozenset[StatementState]]] = {
    StatementState.IMPORTED: frozenset({StatementState.HELD}),
    StatementState.HELD: frozenset({StatementState.IMPORTED, StatementState.UNROUTED}),
    StatementState.UNROUTED: frozenset({StatementState.IMPORTED, StatementState.HELD}),
    StatementState.DUPLICATE: frozenset(),
}
FEWEST_WORDS: Final = 3
# The kind of job that imports what staff uploaded.
CODA_UPLOAD: Final = "coda_upload"

# States that hold a statement's identity: a second statement of the same identity is a duplicate or a conflict.
HOLDING_IDENTITY: Final = (StatementState.IMPORTED, StatementState.UNROUTED)


@dataclass(frozen=True, slots=True)
class Identity:
    """Account (IBAN, else the account as written, with its currency), number and year of the new-balance date.

    With number 000 the number says nothing: then account, date and content.
    """

    account: str
    currency: str
    number: int
    day: date
    content_hash: str

    @property
    def text(self) -> str:
        """Return the identity as one text, for a unique constraint."""
        if self.number:
            return f"{self.account}|{self.currency}|{self.day.year}|{self.number:03d}"
        return f"{self.account}|{self.currency}|{self.day.isoformat()}|{self.content_hash}"


def storable(text: str) -> str:
    """Return a text with a blank for each zero byte, which no text of PostgreSQL has; the file itself keeps it."""
    return text.replace("\0", " ")


def level_of(transaction_code: str, *, has_parent: bool) -> int:
    """Return how deep a movement stands: 0 booked, 1 a part of it, 2 a part of a part (transaction type 9)."""
    if not has_parent:
        return 0
    return 2 if transaction_code.startswith("9") else 1


def is_reason(text: str) -> bool:
    """Tell whether somebody gave a reason, and not just a word."""
    return len(text.split()) >= FEWEST_WORDS


def file_state(states: Sequence[StatementState], *, is_quarantined: bool) -> CodaFileState:
    """Return a file's state from its statements'."""
    if is_quarantined:
        return CodaFileState.QUARANTINED
    if StatementState.HELD in states:
        return CodaFileState.PARTLY_IMPORTED
    if states and all(state is StatementState.DUPLICATE for state in states):
        return CodaFileState.DUPLICATE
    return CodaFileState.IMPORTED
