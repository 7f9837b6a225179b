"""Limits that are counted from rows, so that a flushed Redis resets nothing that matters."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, QuerySet


def seconds_to_wait(rows: QuerySet[Any], *, at: str, limit: int, period: timedelta, now: datetime) -> int:
    """Return 0 while fewer than `limit` rows are younger than `period`, else the seconds until the oldest is not.

    `at` names the rows' instant.
    """
    recent = rows.filter(**{f"{at}__gt": now - period}).aggregate(count=Count("pk"), oldest=Min(at))
    if recent["count"] < limit or recent["oldest"] is None:
        return 0
    return max(1, int((recent["oldest"] + period - now).total_seconds()))
