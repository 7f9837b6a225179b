"""When a reaction that failed, or whose process was killed, is tried again; and which run many at once."""

from dataclasses import dataclass
from datetime import timedelta

from apps.core.waits import doubled

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
# The first is usually no fault of the reaction: a deployment, a machine that went away.
WAITS_AFTER_DEATH = (timedelta(0), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Batch:
    """The task that does for many subjects what another does for one, and for how many at most."""

    task: str
    most: int


def wait_before_retry(attempts: int) -> timedelta:
    """Return the wait after so many failed attempts (1 or more): doubling from five seconds to one hour."""
    return doubled(FIRST_WAIT, attempts, longest=LONGEST_WAIT)


def wait_after_death(deaths: int) -> timedelta | None:
    """Return the wait after so many killed runs (1 or more); nothing when it is held for staff instead.

    What takes the memory or the time of a process does so again each time: it must not take all processes for ever.
    """
    return WAITS_AFTER_DEATH[deaths - 1] if deaths <= len(WAITS_AFTER_DEATH) else None
