"""One diagnosis of an account: why nothing new is there, who acts next, and until when.

The first that applies is the one, in this order, which is that of the way of a statement, with what somebody must do
before what goes on by itself:

1. the mandate: without one no bank delivers, whatever else is wrong;
2. a statement that came and is held, or that came and could not be routed: it is here, and we act;
3. statements that are here and that a software or an office does not fetch;
4. a statement that is late: by the bank for everyone, else for this account alone;
5. nothing is late: no movements for longer than usual, too early to tell, or all is well.

Missing numbers and broken balance chains are no diagnosis: they are findings shown beside it, because the account may
go on well after a gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from apps.core.clock import BRUSSELS, brussels_day
from apps.statements.health.bank_days import count_bank_days, step_bank_days
from apps.statements.health.rhythm import (
    Came,
    Expected,
    Rhythm,
    RhythmKind,
    expect_next,
    learn_rhythm,
)

# Statements that wait so long are not being fetched: two bank days hold every holiday of a software's own.
UNFETCHED_BANK_DAYS: Final = 2
# A bank is late for everyone when so many of its accounts are, and at least this share of those it owes a statement.
MANY: Final = 3
SHARE: Final = 0.5
# A new mandate without a statement is too early to judge for so long.
NEW_BANK_DAYS: Final = 10
# Silence that is worth a word: so much longer than the longest one seen, and never less than a week.
_LONGER: Final = 1.5
_SHORTEST_QUIET: Final = 5
# How long we take for what is ours to do, and a bank for an answer.
OUR_BANK_DAYS: Final = 1
BANK_ANSWER_DAYS: Final = 3


class DiagnosisCode(StrEnum):
    """What is the matter with an account, in order of precedence."""

    MANDATE_MISSING = "mandate_missing"
    MANDATE_REQUESTED = "mandate_requested"
    MANDATE_SIGNED = "mandate_signed"
    MANDATE_REFUSED = "mandate_refused"
    MANDATE_ENDED = "mandate_ended"
    HELD = "held"
    UNROUTED = "unrouted"
    NOT_FETCHED = "not_fetched"
    BANK_LATE = "bank_late"
    ACCOUNT_LATE = "account_late"
    NEVER_CAME = "never_came"
    QUIET = "quiet"
    TOO_EARLY = "too_early"
    WELL = "well"


class Actor(StrEnum):
    """Who acts next."""

    COMPANY = "company"
    BANK = "bank"
    CONSUMER = "consumer"
    US = "us"
    NOBODY = "nobody"


ACTORS: Final[dict[DiagnosisCode, Actor]] = {
    DiagnosisCode.MANDATE_MISSING: Actor.COMPANY,
    DiagnosisCode.MANDATE_REQUESTED: Actor.COMPANY,
    DiagnosisCode.MANDATE_SIGNED: Actor.BANK,
    DiagnosisCode.MANDATE_REFUSED: Actor.COMPANY,
    DiagnosisCode.MANDATE_ENDED: Actor.COMPANY,
    DiagnosisCode.HELD: Actor.US,
    DiagnosisCode.UNROUTED: Actor.US,
    DiagnosisCode.NOT_FETCHED: Actor.CONSUMER,
    DiagnosisCode.BANK_LATE: Actor.BANK,
    DiagnosisCode.ACCOUNT_LATE: Actor.US,
    DiagnosisCode.NEVER_CAME: Actor.COMPANY,
    DiagnosisCode.QUIET: Actor.NOBODY,
    DiagnosisCode.TOO_EARLY: Actor.NOBODY,
    DiagnosisCode.WELL: Actor.NOBODY,
}
_MANDATES: Final = {
    "requested": DiagnosisCode.MANDATE_REQUESTED,
    "signed": DiagnosisCode.MANDATE_SIGNED,
    # Active, and its first day is still to come.
    "active": DiagnosisCode.MANDATE_SIGNED,
    "refused": DiagnosisCode.MANDATE_REFUSED,
    "ended": DiagnosisCode.MANDATE_ENDED,
}


class Urgency(StrEnum):
    """How a diagnosis is sorted and coloured; the letters sort what needs somebody first."""

    ACT = "a"
    LATE = "b"
    WATCH = "c"
    FINE = "d"


URGENCIES: Final[dict[DiagnosisCode, Urgency]] = {
    **dict.fromkeys(
        [
            DiagnosisCode.MANDATE_MISSING,
            DiagnosisCode.MANDATE_REQUESTED,
            DiagnosisCode.MANDATE_REFUSED,
            DiagnosisCode.MANDATE_ENDED,
            DiagnosisCode.HELD,
            DiagnosisCode.UNROUTED,
            DiagnosisCode.NOT_FETCHED,
            DiagnosisCode.NEVER_CAME,
        ],
        Urgency.ACT,
    ),
    DiagnosisCode.ACCOUNT_LATE: Urgency.LATE,
    DiagnosisCode.BANK_LATE: Urgency.LATE,
    DiagnosisCode.MANDATE_SIGNED: Urgency.WATCH,
    DiagnosisCode.QUIET: Urgency.FINE,
    DiagnosisCode.TOO_EARLY: Urgency.FINE,
    DiagnosisCode.WELL: Urgency.FINE,
}


@dataclass(frozen=True, slots=True)
class MandateFact:
    """The mandate in force, or else the newest one: its state, its days (half-open), when it came to this state."""

    state: str
    since: datetime
    starts_on: date | None = None
    ends_on: date | None = None
    signer: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class WaitingFact:
    """A statement that came and is held or unrouted."""

    day: date
    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class UnfetchedFact:
    """What lies ready for one consumer: its name, how many statements, and since when the oldest of them."""

    consumer: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class BankFact:
    """A bank on a day: how many accounts it owed a statement by now, how many are late, and since when."""

    name: str
    expected: int = 0
    late: int = 0
    since: datetime | None = None

    @property
    def is_late(self) -> bool:
        """Tell whether it is late for everyone, and not for some accounts."""
        return self.late >= MANY and self.late >= SHARE * self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an account; `came` are its good statements, `known_since` is when the newest arrived."""

    came: Sequence[Came]
    bank: BankFact
    known_since: datetime | None = None
    mandate: MandateFact | None = None
    held: WaitingFact | None = None
    unrouted: WaitingFact | None = None
    unfetched: Sequence[UnfetchedFact] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is the matter. `facts` are the values that its sentences name: dates, numbers and names as they are."""

    code: DiagnosisCode
    since: datetime | None
    until: datetime | None = None
    facts: Mapping[str, date | datetime | int | str] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        """Return who acts next."""
        return ACTORS[self.code]

    @property
    def urgency(self) -> Urgency:
        """Return how much it needs somebody."""
        return URGENCIES[self.code]


@dataclass(frozen=True, slots=True)
class Health:
    """An account's rhythm, its last good statement, what is expected next, and the diagnosis."""

    rhythm: Rhythm
    last: Came | None
    expected: Expected | None
    diagnosis: Diagnosis


def examine(facts: Facts, *, now: datetime) -> Health:
    """Learn the rhythm of an account and name the one thing that is the matter."""
    rhythm = learn_rhythm(facts.came)
    last = max(facts.came, key=lambda each: each.day, default=None)
    expected = expect_next(rhythm, last=last.day) if last else None
    diagnosis = (
        _mandate(facts, now)
        or _here(facts, now)
        or _unfetched(facts, now)
        or _late(facts, expected, now)
        or _quiet(facts, rhythm, last, now)
        or _well(facts, rhythm, last, expected)
    )
    return Health(rhythm, last, expected, diagnosis)


def _mandate(facts: Facts, now: datetime) -> Diagnosis | None:
    mandate, today = facts.mandate, brussels_day(now)
    if mandate is None:
        return Diagnosis(DiagnosisCode.MANDATE_MISSING, facts.known_since)
    is_open = mandate.ends_on is None or today < mandate.ends_on
    if mandate.state in {"active", "ended"} and mandate.starts_on and mandate.starts_on <= today and is_open:
        return None
    named: dict[str, date | datetime | int | str] = {"signer": mandate.signer, "reason": mandate.reason}
    if mandate.ends_on:
        named["ends_on"] = mandate.ends_on
    if mandate.starts_on:
        named["starts_on"] = mandate.starts_on
    since = _start_of(mandate.ends_on) if mandate.ends_on else mandate.since
    return Diagnosis(_MANDATES[mandate.state], since, facts=named)


def _here(facts: Facts, now: datetime) -> Diagnosis | None:
    for code, waiting in ((DiagnosisCode.HELD, facts.held), (DiagnosisCode.UNROUTED, facts.unrouted)):
        if waiting:
            until = _end_of(step_bank_days(brussels_day(now), OUR_BANK_DAYS))
            return Diagnosis(code, waiting.since, until, {"day": waiting.day, "number": f"{waiting.number:03d}"})
    return None


def _unfetched(facts: Facts, now: datetime) -> Diagnosis | None:
    today = brussels_day(now)
    waiting = [
        each for each in facts.unfetched if count_bank_days(brussels_day(each.since), today) > UNFETCHED_BANK_DAYS
    ]
    if not waiting:
        return None
    oldest = min(waiting, key=lambda each: each.since)
    return Diagnosis(
        DiagnosisCode.NOT_FETCHED, oldest.since, facts={"consumer": oldest.consumer, "count": oldest.count}
    )


def _late(facts: Facts, expected: Expected | None, now: datetime) -> Diagnosis | None:
    if expected is None or now < expected.late_at:
        return None
    named: dict[str, date | datetime | int | str] = {
        "day": expected.day, "usually": expected.arrives_at, "late": facts.bank.late, "owed": facts.bank.expected,
    }  # fmt: skip
    if facts.bank.is_late:
        since = min(expected.late_at, facts.bank.since or expected.late_at)
        return Diagnosis(DiagnosisCode.BANK_LATE, since, _end_of(step_bank_days(brussels_day(now), 1)), named)
    until = _end_of(step_bank_days(brussels_day(expected.late_at), BANK_ANSWER_DAYS))
    return Diagnosis(DiagnosisCode.ACCOUNT_LATE, expected.late_at, until, named)


def _quiet(facts: Facts, rhythm: Rhythm, last: Came | None, now: datetime) -> Diagnosis | None:
    today = brussels_day(now)
    if last is None:
        starts_on = facts.mandate.starts_on if facts.mandate else None
        if starts_on and count_bank_days(starts_on, today) > NEW_BANK_DAYS:
            return Diagnosis(DiagnosisCode.NEVER_CAME, _start_of(starts_on), facts={"starts_on": starts_on})
        return None
    silence = count_bank_days(last.day, today)
    shortest = NEW_BANK_DAYS if rhythm.kind is RhythmKind.UNKNOWN else _SHORTEST_QUIET
    if rhythm.is_regular or silence <= max(_LONGER * rhythm.silence, shortest):
        return None
    named: dict[str, date | datetime | int | str] = {"day": last.day, "silence": silence, "longest": rhythm.silence}
    return Diagnosis(DiagnosisCode.QUIET, last.arrived_at, facts=named)


def _well(facts: Facts, rhythm: Rhythm, last: Came | None, expected: Expected | None) -> Diagnosis:
    if last is None or rhythm.kind is RhythmKind.UNKNOWN:
        starts_on = facts.mandate.starts_on if facts.mandate else None
        since = _start_of(starts_on) if starts_on else facts.known_since
        return Diagnosis(DiagnosisCode.TOO_EARLY, since, facts={"count": len(facts.came)})
    named: dict[str, date | datetime | int | str] = {"day": last.day}
    if expected:
        named |= {"expected": expected.arrives_at}
    return Diagnosis(DiagnosisCode.WELL, last.arrived_at, expected.late_at if expected else None, named)


def next_look(health: Health, *, now: datetime) -> datetime:
    """Return when an account should be examined again though nothing has happened to it."""
    soon = now + timedelta(minutes=15) if health.diagnosis.urgency is Urgency.LATE else now + timedelta(hours=1)
    late_at = health.expected.late_at if health.expected else None
    return min(soon, late_at) if late_at and late_at > now else soon


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(0), BRUSSELS)


def _end_of(day: date) -> datetime:
    """Return the close of a bank day, as far as we promise something by it."""
    return datetime.combine(day, time(17, 0), BRUSSELS)
