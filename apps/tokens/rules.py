"""States of software, requests, tokens, connections and cases, and the checks that come before a token.

Words, states and codes: the product page, "States" and "Activation".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class SoftwareState(StrEnum):
    """Whether a software may call us, and against what."""

    SANDBOX = "sandbox"
    LIVE = "live"
    DISABLED = "disabled"


class ApplicationState(StrEnum):
    """What staff made of a maker's application; it may apply again whatever became of an earlier one."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"


APPLICATION_TRANSITIONS: Final[dict[ApplicationState, frozenset[ApplicationState]]] = {
    ApplicationState.APPLIED: frozenset({ApplicationState.APPROVED, ApplicationState.REFUSED}),
    ApplicationState.APPROVED: frozenset(),
    ApplicationState.REFUSED: frozenset(),
}


class RequestState(StrEnum):
    """Where a connection request stands."""

    WAITING = "waiting"
    SENDING = "sending"
    TOKEN_SENT = "token_sent"  # noqa: S105 # a state, not a secret
    ACTIVATED = "activated"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


# How far an open request is.
REQUEST_PROGRESS: Final = {RequestState.WAITING: 0, RequestState.SENDING: 1, RequestState.TOKEN_SENT: 2}
OPEN_REQUEST_STATES: Final = (RequestState.WAITING, RequestState.SENDING, RequestState.TOKEN_SENT)
_ENDS: Final = frozenset({RequestState.EXPIRED, RequestState.WITHDRAWN, RequestState.CLOSED})

# An exchange may come before the mail's hand-over is recorded, hence sending → activated.
REQUEST_TRANSITIONS: Final[dict[RequestState, frozenset[RequestState]]] = {
    RequestState.WAITING: _ENDS | {RequestState.SENDING},
    RequestState.SENDING: _ENDS | {RequestState.TOKEN_SENT, RequestState.WAITING, RequestState.ACTIVATED},
    RequestState.TOKEN_SENT: _ENDS | {RequestState.SENDING, RequestState.WAITING, RequestState.ACTIVATED},
    RequestState.ACTIVATED: frozenset(),
    RequestState.EXPIRED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
    RequestState.CLOSED: frozenset(),
}


class RequestPurpose(StrEnum):
    """What the token of a request is for, the weaker first: an open request never goes back to a weaker one."""

    CONNECT = "connect"
    ROTATE = "rotate"
    REPLACE_STOLEN = "replace_stolen"


def stronger_purpose(one: RequestPurpose, other: RequestPurpose) -> RequestPurpose:
    """Return which of two purposes an open request keeps: asking again must not take back a report of a theft."""
    order = list(RequestPurpose)
    return max(one, other, key=order.index)


class BankAccess(StrEnum):
    """What the software of a connection sees of its company's money; the company's owners choose."""

    CREDITS = "credits"
    STATEMENTS = "statements"
    EVERYTHING = "everything"


class TokenState(StrEnum):
    """Where a one-time token stands."""

    ISSUED = "issued"
    EXCHANGED = "exchanged"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REVOKED = "revoked"


TOKEN_TRANSITIONS: Final[dict[TokenState, frozenset[TokenState]]] = {
    TokenState.ISSUED: frozenset({TokenState.EXCHANGED, TokenState.SUPERSEDED, TokenState.EXPIRED, TokenState.REVOKED}),
    TokenState.EXCHANGED: frozenset(),
    TokenState.SUPERSEDED: frozenset(),
    TokenState.EXPIRED: frozenset(),
    TokenState.REVOKED: frozenset(),
}


class ConnectionState(StrEnum):
    """Where a company's connection with a software stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


CONNECTION_TRANSITIONS: Final[dict[ConnectionState, frozenset[ConnectionState]]] = {
    ConnectionState.ACTIVE: frozenset({ConnectionState.SUSPENDED, ConnectionState.REVOKED}),
    ConnectionState.SUSPENDED: frozenset({ConnectionState.ACTIVE, ConnectionState.REVOKED}),
    ConnectionState.REVOKED: frozenset(),
}


class CaseState(StrEnum):
    """Where a non-activation case stands."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


CASE_TRANSITIONS: Final[dict[CaseState, frozenset[CaseState]]] = {
    CaseState.OPEN: frozenset({CaseState.IN_PROGRESS, CaseState.RESOLVED, CaseState.CLOSED}),
    CaseState.IN_PROGRESS: frozenset({CaseState.OPEN, CaseState.RESOLVED, CaseState.CLOSED}),
    CaseState.RESOLVED: frozenset(),
    CaseState.CLOSED: frozenset(),
}


class Check(StrEnum):
    """Checks 5 to 11 of the product page, in their order; the first that fails is the reason."""

    COMPANY_KNOWN = "enterprise_unknown"
    COMPANY_ACTIVE = "company_inactive"
    OFFICE_LINKED = "no_accounting_office"
    OFFICE_IS_CLIENT = "office_not_client"
    EMAIL_KNOWN = "email_unknown"
    EMAIL_DELIVERABLE = "email_undeliverable"
    MAIL_AVAILABLE = "mail_unavailable"


CASE_CODES: Final = frozenset(check.value for check in Check if check is not Check.MAIL_AVAILABLE)


class CheckStanding(StrEnum):
    """What a person is shown of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks look at."""

    is_company_known: bool
    is_company_active: bool
    has_office: bool
    is_office_client: bool
    has_email: bool
    is_email_deliverable: bool
    is_mail_available: bool


def run_checks(facts: Facts) -> list[tuple[Check, bool]]:
    """Return the checks in order with their outcome, up to and including the first that fails."""
    outcomes = (
        (Check.COMPANY_KNOWN, facts.is_company_known),
        (Check.COMPANY_ACTIVE, facts.is_company_active),
        (Check.OFFICE_LINKED, facts.has_office),
        (Check.OFFICE_IS_CLIENT, facts.is_office_client),
        (Check.EMAIL_KNOWN, facts.has_email),
        (Check.EMAIL_DELIVERABLE, facts.is_email_deliverable),
        (Check.MAIL_AVAILABLE, facts.is_mail_available),
    )
    done: list[tuple[Check, bool]] = []
    for check, passed in outcomes:
        done.append((check, passed))
        if not passed:
            break
    return done


def is_pair_void(*, voided_at: datetime | None, overlap_until: datetime | None, now: datetime) -> bool:
    """Tell whether a pair of credentials no longer works: it was voided, or its overlap with a newer one is over."""
    return voided_at is not None or (overlap_until is not None and overlap_until <= now)


def may_exchange_again(
    *, exchanged_at: datetime, last_pair_used_at: datetime | None, repeat: timedelta, now: datetime
) -> bool:
    """Tell whether an exchanged token may be exchanged once more: a lost answer must be harmless.

    It may until the first use of the pair given last, and for at most `repeat` after the first exchange.
    """
    return last_pair_used_at is None and now <= exchanged_at + repeat


# RFC 3463: mailbox or domain does not exist, address not valid, mailbox moved or disabled. Other permanent refusals
# (5.7.1 "relaying denied", 5.1.8 "bad sender") may be our own fault, and would condemn every address at once.
_REFUSED_ADDRESS: Final = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")


def is_address_refused(code: int, answer: str) -> bool:
    """Tell whether a mail server's answer to a recipient says that the address itself does not work, for good."""
    return 500 <= code < 600 and answer.strip().partition(" ")[0] in _REFUSED_ADDRESS


@dataclass(frozen=True, slots=True)
class MailsTo:
    """The codes that one address got in a period: how many, for which companies (the first few), when room returns."""

    count: int
    companies: list[tuple[str, str, int]]
    more_companies: int
    language: str
    oldest_at: datetime
