"""States of accounting offices, client links and mandates (product page, "States")."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

# The kind of job that imports an office's clients.
CLIENT_IMPORT: Final = "client_import"


class OfficeState(StrEnum):
    """Where an accounting office stands with us."""

    APPLIED = "applied"
    CLIENT = "client"
    FORMER = "former"


OFFICE_TRANSITIONS: Final[dict[OfficeState, frozenset[OfficeState]]] = {
    OfficeState.APPLIED: frozenset({OfficeState.CLIENT}),
    OfficeState.CLIENT: frozenset({OfficeState.FORMER}),
    OfficeState.FORMER: frozenset({OfficeState.CLIENT}),
}


class ApplicationState(StrEnum):
    """What staff made of an application; an office may apply again whatever became of an earlier one."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"


APPLICATION_TRANSITIONS: Final[dict[ApplicationState, frozenset[ApplicationState]]] = {
    ApplicationState.OPEN: frozenset({ApplicationState.APPROVED, ApplicationState.DECLINED}),
    ApplicationState.APPROVED: frozenset(),
    ApplicationState.DECLINED: frozenset(),
}


class LinkState(StrEnum):
    """A company's relation with an office; only `current` and `ended` links hold days."""

    CLAIMED = "claimed"
    CURRENT = "current"
    ENDED = "ended"


LINK_TRANSITIONS: Final[dict[LinkState, frozenset[LinkState]]] = {
    LinkState.CLAIMED: frozenset({LinkState.CURRENT, LinkState.ENDED}),
    LinkState.CURRENT: frozenset({LinkState.ENDED}),
    LinkState.ENDED: frozenset(),
}


class ClientStanding(StrEnum):
    """How far a client is with connecting; what needs somebody first comes first."""

    REFUSED = "refused"
    CONNECTED = "connected"
    WAITING = "waiting"
    UNASKED = "unasked"


class MandateState(StrEnum):
    """The company's authorisation that its bank delivers CODA for an account."""

    REQUESTED = "requested"
    SIGNED = "signed"
    ACTIVE = "active"
    ENDED = "ended"
    REFUSED = "refused"


MANDATE_TRANSITIONS: Final[dict[MandateState, frozenset[MandateState]]] = {
    MandateState.REQUESTED: frozenset({MandateState.SIGNED, MandateState.REFUSED}),
    MandateState.SIGNED: frozenset({MandateState.ACTIVE, MandateState.REFUSED}),
    MandateState.ACTIVE: frozenset({MandateState.ENDED}),
    MandateState.ENDED: frozenset(),
    MandateState.REFUSED: frozenset(),
}


class MandatePurpose(StrEnum):
    """What a mandate lets through."""

    CODA = "coda"
    PURCHASE_INVOICES = "purchase_invoices"


def is_in_force(starts_on: date | None, ends_on: date | None, *, on: date) -> bool:
    """Tell whether a half-open period [starts_on, ends_on) holds a day."""
    return starts_on is not None and starts_on <= on and (ends_on is None or on < ends_on)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from one (included) until another (excluded); without an end it is open."""

    starts_on: date
    ends_on: date | None

    @property
    def is_empty(self) -> bool:
        """Tell whether it holds no day."""
        return self.ends_on is not None and self.ends_on <= self.starts_on


def free_days(wanted: Period, taken: Iterable[Period]) -> list[Period]:
    """Return what is left of a period once others have their days, oldest first; nothing when they have them all."""
    left: list[Period] = []
    start = wanted.starts_on
    for period in sorted(taken, key=lambda period: period.starts_on):
        if period.is_empty or (period.ends_on is not None and period.ends_on <= start):
            continue
        if wanted.ends_on is not None and period.starts_on >= wanted.ends_on:
            break
        left.append(Period(start, period.starts_on))
        if period.ends_on is None:
            return [piece for piece in left if not piece.is_empty]
        start = period.ends_on
    left.append(Period(start, wanted.ends_on))
    return [piece for piece in left if not piece.is_empty]
