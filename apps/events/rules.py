"""When a reaction that failed is tried again."""

from datetime import timedelta

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)


def wait_before_retry(attempts: int) -> timedelta:
    """Return the wait after so many failed attempts (1 or more): doubling from five seconds to one hour."""
    return min(FIRST_WAIT * (1 << min(attempts - 1, 20)), LONGEST_WAIT)
