"""How long to wait before something that failed is tried again."""

from datetime import timedelta


def doubled(first: timedelta, failures: int, *, longest: timedelta) -> timedelta:
    """Return the wait after so many failures in a row (1 or more): doubled each time, up to the longest."""
    doublings: int = 1 << min(failures - 1, 20)
    return min(first * doublings, longest)
