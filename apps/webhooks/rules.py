"""What a software can hear of, when a message that did not arrive is sent again, and what counts as arrived."""

from datetime import timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from apps.core.waits import doubled


class EndpointState(StrEnum):
    """Where an endpoint stands. What comes while it is paused waits for it; one that is off hears of nothing."""

    ACTIVE = "active"
    PAUSED = "paused"
    OFF = "off"


ENDPOINT_TRANSITIONS: Final[dict[EndpointState, frozenset[EndpointState]]] = {
    EndpointState.ACTIVE: frozenset({EndpointState.PAUSED, EndpointState.OFF}),
    EndpointState.PAUSED: frozenset({EndpointState.ACTIVE, EndpointState.OFF}),
    EndpointState.OFF: frozenset({EndpointState.ACTIVE}),
}


class MessageState(StrEnum):
    """Where one message stands; replaying leads back to `pending`."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


MESSAGE_TRANSITIONS: Final[dict[MessageState, frozenset[MessageState]]] = {
    MessageState.PENDING: frozenset({MessageState.DELIVERED, MessageState.FAILED}),
    MessageState.DELIVERED: frozenset({MessageState.PENDING}),
    MessageState.FAILED: frozenset({MessageState.PENDING}),
}


class Outcome(StrEnum):
    """How an attempt ended; an interrupted one was our process that ended."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Topic(StrEnum):
    """What an endpoint can ask for: the `type` of a message."""

    CONNECTION_ACTIVATED = "connection.activated"
    CONNECTION_SUSPENDED = "connection.suspended"
    CONNECTION_RESUMED = "connection.resumed"
    CONNECTION_REVOKED = "connection.revoked"
    REQUEST_REFUSED = "connection_request.refused"
    REQUEST_TOKEN_SENT = "connection_request.token_sent"  # noqa: S105 # the name of an event
    REQUEST_EXPIRED = "connection_request.expired"
    REQUEST_WITHDRAWN = "connection_request.withdrawn"
    REQUEST_CLOSED = "connection_request.closed"
    INVOICE_ACCEPTED = "invoice.accepted"
    INVOICE_REJECTED = "invoice.rejected"
    INVOICE_CORRECTION_ACCEPTED = "invoice.correction_accepted"
    INVOICE_CORRECTION_REJECTED = "invoice.correction_rejected"
    INVOICE_DELIVERED = "invoice.delivered"
    INVOICE_BOOKED = "invoice.booked"
    INVOICE_QUESTIONED = "invoice.questioned"
    INVOICE_REFUSED = "invoice.refused"
    INVOICE_PAYMENT_CHANGED = "invoice.payment_changed"
    STATEMENT_AVAILABLE = "statement.available"


# Sent when a person asks for it, whatever the endpoint wants to hear of.
TEST: Final = "webhook.test"

# A message that no attempt brought there for so long is given up, until somebody asks for it again.
RETRY_FOR: Final = timedelta(days=3)
# An endpoint that took nothing for so long is paused: what it did not get waits, and is not given up.
PAUSE_AFTER: Final = RETRY_FOR
# The server said that there will never be anything there again (HTTP 410): it is paused at once.
GONE: Final = "gone"
_FIRST_WAIT: Final = timedelta(seconds=10)
_LONGEST_WAIT: Final = timedelta(hours=4)
# A server that answers, but not with a yes, may do so for one message only: the others go on for so many in a row.
_PATIENCE: Final = 5

# Of an answer: so much is read, so much is kept.
MOST_READ: Final = 64 * 1024
ANSWER_LENGTH: Final = 2000
LONGEST_URL: Final = 500
SECRET_BYTES: Final = 32


def wait_of_message(attempts: int) -> timedelta:
    """Return the wait after so many failed attempts: ten seconds, doubled each time, four hours at most."""
    return doubled(_FIRST_WAIT, attempts, longest=_LONGEST_WAIT)


def wait_of_endpoint(failures: int, *, has_answered: bool) -> timedelta:
    """Return how long everything waits after so many failures in a row of an endpoint.

    A server that does not answer is asked by one message at a time, later and later. One that answers has a fault
    that may be about that message: the others go on, until it looks as if none is taken.
    """
    if has_answered:
        return (
            timedelta(0)
            if failures < _PATIENCE
            else doubled(_FIRST_WAIT, failures - _PATIENCE + 1, longest=_LONGEST_WAIT)
        )
    return doubled(_FIRST_WAIT, failures, longest=_LONGEST_WAIT)


def is_taken(status: int) -> bool:
    """Tell whether an answer says that the message arrived; a redirect does not: it is not followed."""
    return 200 <= status < 300


def code_of(status: int) -> str:
    """Return why an answer is no yes, as a code."""
    if 300 <= status < 400:
        return "redirected"
    return GONE if status == 410 else "status_refused"


def is_usable(url: str, *, needs_tls: bool) -> bool:
    """Tell whether an address can be posted to: http(s), a host, no login in it, and no fragment."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    schemes = {"https"} if needs_tls else {"https", "http"}
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    is_bare = not (parts.username or parts.password or parts.fragment or "@" in parts.netloc)
    return parts.scheme in schemes and bool(parts.hostname) and has_port and is_plain and is_bare
