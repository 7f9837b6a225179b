"""When an account's statements come, learned from those that came; and so when the next one is expected.

A rhythm is told by the days of the statements, counted in bank days. The last sixty say it, so that a bank that
changes its ways is understood within weeks. Nothing here is more than a guess with a measure of how sure it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from apps.core.clock import BRUSSELS
from apps.statements.health.bank_days import count_bank_days, step_bank_days

# How many statements, the newest, tell a rhythm; and how few can tell none.
LOOKED_AT: Final = 60
FEWEST: Final = 4
# The share of steps that must fit for a rhythm that a statement can be missed in.
FITTING: Final = 0.8
# A statement a day with some left out may well be an account that is busy: that needs to be nearly always so.
SHARE_DAILY: Final = 0.9
SURE: Final = 0.95
SURE_STEPS: Final = 15
# Statements that arrive within so short a time came together: only the newest tells how late a bank delivers.
_TOGETHER: Final = timedelta(hours=1)
_SLOWEST_BANK_DAYS: Final = 5
# So few arrivals tell no punctuality: the last of a history that was loaded may be days old.
_FEWEST_ARRIVALS: Final = 3
# What is believed of a bank whose punctuality nobody has seen yet: the next bank day, by noon.
_USUAL_DELAY: Final = 1
_USUAL_HOUR: Final = time(12, 0)
# How long after the usual moment a statement is late.
GRACE: Final = timedelta(hours=2)
# Around Easter a Friday's statement comes on Tuesday; but most are a week apart to the day.
_WEEK: Final = range(3, 12)
_DAYS_OF_WEEK: Final = 7
_MONTH: Final = range(25, 38)


class RhythmKind(StrEnum):
    """How often statements come."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    MOVEMENTS = "movements"
    UNKNOWN = "unknown"


REGULAR: Final = frozenset({RhythmKind.DAILY, RhythmKind.WEEKLY, RhythmKind.MONTHLY})


@dataclass(frozen=True, slots=True)
class Came:
    """One statement that came: the day that it is of, and the (aware) instant when it arrived."""

    day: date
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What was learned.

    Of `judged` steps between statements `fitting` follow the rhythm. A statement arrives `delay` bank days after its
    day, by `hour` in Brussels. `silence` is the longest run of bank days without a statement that was seen.
    """

    kind: RhythmKind
    judged: int = 0
    fitting: int = 0
    delay: int = _USUAL_DELAY
    hour: time = _USUAL_HOUR
    silence: int = 0

    @property
    def is_regular(self) -> bool:
        """Tell whether a statement can be missed: one that comes only with movements cannot."""
        return self.kind in REGULAR

    @property
    def is_sure(self) -> bool:
        """Tell whether nearly all of many steps follow it."""
        return self.judged >= SURE_STEPS and self.fitting >= SURE * self.judged


@dataclass(frozen=True, slots=True)
class Expected:
    """The next statement: the day that it is of, when it usually arrives, and from when it is late."""

    day: date
    arrives_at: datetime
    late_at: datetime


def learn_rhythm(came: Sequence[Came]) -> Rhythm:
    """Learn from the statements of an account, in any order; only the newest `LOOKED_AT` days count.

    Daily, weekly and monthly are what four of five steps between statements say. What is none of these comes only when
    there are movements. Too few statements say nothing.
    """
    by_day: dict[date, Came] = {}
    for each in came:
        first = by_day.setdefault(each.day, each)
        if each.arrived_at < first.arrived_at:
            by_day[each.day] = each
    newest = [by_day[day] for day in sorted(by_day)][-LOOKED_AT:]
    delay, hour = _punctuality(newest)
    days = [each.day for each in newest]
    if len(days) < FEWEST:
        return Rhythm(RhythmKind.UNKNOWN, judged=max(len(days) - 1, 0), delay=delay, hour=hour)
    steps = [count_bank_days(former, day) for former, day in pairwise(days)]
    kind, fitting = _kind(days, steps)
    return Rhythm(kind, len(steps), fitting, delay, hour, max(steps))


def _kind(days: Sequence[date], steps: Sequence[int]) -> tuple[RhythmKind, int]:
    calendar = [(day - former).days for former, day in pairwise(days)]
    fitting = {
        RhythmKind.DAILY: sum(1 for step in steps if step <= 1),
        RhythmKind.WEEKLY: sum(1 for step in calendar if step in _WEEK),
        RhythmKind.MONTHLY: sum(1 for step in calendar if step in _MONTH),
    }
    if 2 * calendar.count(_DAYS_OF_WEEK) < len(steps):
        fitting[RhythmKind.WEEKLY] = 0
    kind = max(fitting, key=lambda each: fitting[each])
    share = SHARE_DAILY if kind is RhythmKind.DAILY else FITTING
    if fitting[kind] >= share * len(steps):
        return kind, fitting[kind]
    return RhythmKind.MOVEMENTS, len(steps)


def _punctuality(newest: Sequence[Came]) -> tuple[int, time]:
    """Return after how many bank days and by which hour nine of ten statements were here."""
    alone = list(_on_their_own(newest))
    delays = [count_bank_days(each.day, each.arrived_at.astimezone(BRUSSELS).date()) for each in alone]
    usual = sorted(max(delay, 0) for delay in delays if delay <= _SLOWEST_BANK_DAYS)
    if len(usual) < _FEWEST_ARRIVALS:
        return _USUAL_DELAY, _USUAL_HOUR
    delay = usual[_nine_of_ten(len(usual))]
    hours = sorted(each.arrived_at.astimezone(BRUSSELS).time() for each in alone)
    latest = hours[_nine_of_ten(len(hours))]
    return delay, _half_hour_after(latest)


def _on_their_own(newest: Sequence[Came]) -> Iterator[Came]:
    """Yield those that arrived alone, and the newest of those that arrived together: a history tells no punctuality."""
    for position, each in enumerate(newest):
        later = newest[position + 1 :]
        if not any(abs(other.arrived_at - each.arrived_at) < _TOGETHER for other in later):
            yield each


def _nine_of_ten(count: int) -> int:
    return min((9 * count + 9) // 10, count) - 1


def _half_hour_after(moment: time) -> time:
    halves = -(-(moment.hour * 60 + moment.minute) // 30)
    return time(*divmod(halves * 30, 60)) if halves < 48 else time(23, 30)


def expect_next(rhythm: Rhythm, *, last: date) -> Expected | None:
    """Return the statement that follows the last one; nothing where the rhythm does not say one will come."""
    day = {
        RhythmKind.DAILY: lambda: step_bank_days(last, 1),
        RhythmKind.WEEKLY: lambda: step_bank_days(last + timedelta(days=7), 0),
        RhythmKind.MONTHLY: lambda: step_bank_days(_month_after(last), 0),
    }.get(rhythm.kind)
    return expect_of_day(rhythm, day()) if day else None


def expect_of_day(rhythm: Rhythm, day: date) -> Expected:
    """Return when the statement of a day arrives, were it to come; one not so sure is given a bank day more."""
    arrives_on = step_bank_days(day, rhythm.delay)
    arrives_at = datetime.combine(arrives_on, rhythm.hour, BRUSSELS)
    patience = 0 if rhythm.is_sure or rhythm.kind is RhythmKind.DAILY else 1
    late_on = step_bank_days(arrives_on, patience) if patience else arrives_on
    return Expected(day, arrives_at, datetime.combine(late_on, rhythm.hour, BRUSSELS) + GRACE)


def _month_after(day: date) -> date:
    """Return the same day of the next month; the last day stays the last day."""
    year, month = day.year + day.month // 12, day.month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    last = following - timedelta(days=1)
    if (day + timedelta(days=1)).day == 1:
        return last
    return date(year, month, min(day.day, last.day))
