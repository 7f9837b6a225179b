"""What is delivered to whom, by which way, in which formats, and when a way that failed is tried again."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from apps.core.waits import doubled
from apps.tokens.rules import BankAccess


class Channel(StrEnum):
    """A way by which an accounting office receives an invoice."""

    INBOX = "inbox"
    FEED = "feed"
    EMAIL = "email"
    EMAIL_DAILY = "email_daily"
    SFTP = "sftp"


# These take documents to the office; it comes and gets those of the others.
PUSH_CHANNELS: Final = (Channel.EMAIL, Channel.EMAIL_DAILY, Channel.SFTP)
SSH_PORT: Final = 22
# Below the client's folder and the year: what accounting software looks into for outgoing invoices.
OUT_FOLDER: Final = "Invoices-OUT-01"
MAIL_CHANNELS: Final = frozenset({Channel.EMAIL, Channel.EMAIL_DAILY})


class DeliveryState(StrEnum):
    """Where one delivery stands; `fetched` is for feed and inbox only."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FETCHED = "fetched"
    FAILED = "failed"


DELIVERY_TRANSITIONS: Final[dict[DeliveryState, frozenset[DeliveryState]]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED}),
    # What was mailed may come back.
    DeliveryState.DELIVERED: frozenset({DeliveryState.FETCHED, DeliveryState.FAILED}),
    DeliveryState.FETCHED: frozenset(),
    DeliveryState.FAILED: frozenset({DeliveryState.PENDING, DeliveryState.DELIVERED}),
}


class DestinationState(StrEnum):
    """Where a destination stands. Only confirmed ones count; what comes while one is paused waits for it."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


DESTINATION_TRANSITIONS: Final[dict[DestinationState, frozenset[DestinationState]]] = {
    DestinationState.UNCONFIRMED: frozenset({DestinationState.ACTIVE, DestinationState.REMOVED}),
    DestinationState.ACTIVE: frozenset({DestinationState.PAUSED, DestinationState.REMOVED}),
    DestinationState.PAUSED: frozenset({DestinationState.ACTIVE, DestinationState.REMOVED}),
    DestinationState.REMOVED: frozenset(),
}


# Kinds of jobs on large selections of invoices, and how many of these one takes.
BUNDLE: Final = "invoice_bundle"
REDELIVERY: Final = "invoice_redelivery"
MOST_INVOICES: Final = 20_000


class Occasion(StrEnum):
    """Why a document is sent: it came in, somebody asked for a period, or somebody asked for it again."""

    ARRIVAL = "arrival"
    BACKFILL = "backfill"
    AGAIN = "again"


class Outcome(StrEnum):
    """How an attempt to send ended; `there_already` when the other side had the very same file."""

    DONE = "done"
    THERE_ALREADY = "there_already"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


# Why nothing more is sent to an address until a person says so: its server, or its reader, sent a message back.
BOUNCED: Final = "address_bounced"
COMPLAINED: Final = "address_complained"
STOPPING: Final = frozenset({BOUNCED, COMPLAINED})
# A document that no attempt brought there for so long is given up, until somebody asks for it by hand.
RETRY_FOR: Final = timedelta(days=3)
# A destination that fails for so long is told to its office, once.
TELL_AFTER: Final = timedelta(hours=1)
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=4)
ANSWER_LENGTH: Final = 500


def wait_before_retry(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: one minute, doubled each time, four hours at most."""
    return doubled(_FIRST_WAIT, failures, longest=_LONGEST_WAIT)


class DocumentModel(StrEnum):
    """The wire's name of what a feed entry holds."""

    CODA = "coda"
    SALES_INVOICE = "sales_invoice"


FORMATS: Final[dict[DocumentModel, tuple[str, ...]]] = {
    DocumentModel.CODA: ("cod", "pdf", "xml"),
    DocumentModel.SALES_INVOICE: ("pdf", "xml"),
}
# A whole statement tells of what left, too: of the money, these have what came in alone.
_CREDITS_ONLY: Final = ("xml",)
MEDIA_TYPES: Final = {"cod": "application/vnd.coda", "xml": "application/xml", "pdf": "application/pdf"}

# No client of the wire protocol pages: the rest follows once these are marked.
FEED_PAGE: Final = 500
REDELIVERY_LIFE_DAYS: Final = 30


def formats_of(model: DocumentModel, bank_access: str) -> tuple[str, ...]:
    """Return the formats in which a reader gets a document, by what it sees of the bank."""
    is_bounded = model is DocumentModel.CODA and bank_access == BankAccess.CREDITS
    return _CREDITS_ONLY if is_bounded else FORMATS[model]
