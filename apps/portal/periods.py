"""Periods of the calendar that a list can be narrowed to."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.clock import BRUSSELS

PERIODS: Final[Mapping[str, str | Promise]] = {
    "7-days": _("last 7 days"),
    "30-days": _("last 30 days"),
    "month": _("this month"),
    "previous-month": _("last month"),
    "quarter": _("this quarter"),
    "previous-quarter": _("last quarter"),
    "year": _("this year"),
    "previous-year": _("last year"),
}
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


def days_of(code: str, *, today: date) -> tuple[date, date]:
    """Return the first day of a period and the first day after it."""
    if code.endswith("-days"):
        return today - timedelta(days=int(code.removesuffix("-days")) - 1), today + timedelta(days=1)
    months = _MONTHS[code.removeprefix("previous-")]
    first = date(today.year, (today.month - 1) // months * months + 1, 1)
    return (_earlier(first, months), first) if code.startswith("previous-") else (first, today + timedelta(days=1))


def within(field: str, *, today: date, begins: Callable[[date], date] = lambda day: day) -> Callable[[str], Q]:
    """Return what keeps the rows of a period, told by its code; `begins` says where a day begins in that field."""

    def keep(code: str) -> Q:
        first, after = days_of(code, today=today)
        return Q(**{f"{field}__gte": begins(first), f"{field}__lt": begins(after)})

    return keep


def midnight(day: date) -> datetime:
    """Return the instant at which a Belgian day begins."""
    return datetime.combine(day, time.min, tzinfo=BRUSSELS)


def _earlier(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
