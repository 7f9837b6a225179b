"""The days on which banks settle: the TARGET calendar of the Eurosystem, computed.

Closed are Saturdays, Sundays, 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December, each year since 2002
(European Central Bank, decision of 14 December 2000 on the long-term calendar). Belgian banks deliver by it, so
Ascension, Whit Monday and 21 July are bank days.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_ONE: Final = timedelta(days=1)
_SATURDAY: Final = 5


def easter(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the rule of Meeus, Jones and Butcher)."""
    century, of_century = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def closing_days(year: int) -> frozenset[date]:
    """Return the closing days of a year that are not already so as week-end."""
    sunday = easter(year)
    days = {sunday - 2 * _ONE, sunday + _ONE}
    days |= {date(year, month, day) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))}
    return frozenset(day for day in days if day.weekday() < _SATURDAY)


def is_bank_day(day: date) -> bool:
    """Tell whether banks settle on a day."""
    return day.weekday() < _SATURDAY and day not in closing_days(day.year)


def bank_days(first: date, last: date) -> Iterator[date]:
    """Yield the bank days from one day to another, both included, oldest first."""
    day = first
    while day <= last:
        if is_bank_day(day):
            yield day
        day += _ONE


def count_bank_days(after: date, until: date) -> int:
    """Count the bank days after a day up to another, which is included; negative when that one lies before."""
    if until < after:
        return -count_bank_days(until, after)
    weeks, rest = divmod((until - after).days, 7)
    working = 5 * weeks + sum(1 for step in range(1, rest + 1) if (after + step * _ONE).weekday() < _SATURDAY)
    years = range(after.year, until.year + 1)
    return working - sum(1 for year in years for day in closing_days(year) if after < day <= until)


def step_bank_days(day: date, count: int) -> date:
    """Return the bank day so many bank days after a day, or before it when the count is negative.

    A count of nought gives the day itself, or the next bank day when it is none.
    """
    step = -_ONE if count < 0 else _ONE
    while not is_bank_day(day) and count == 0:
        day += step
    for _ in range(abs(count)):
        day += step
        while not is_bank_day(day):
            day += step
    return day
