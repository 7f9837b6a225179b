"""Whether a software is in use, by its own traffic: the counters of use tell, nobody has to say so."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Max, Q, QuerySet
from django.utils.translation import pgettext_lazy

from apps.tokens.models import Software

QUIET_DAYS: Final = 90
# The kinds of the counters of use (`apps.api.v2.auth.counted`); refused calls are counted apart and do not count here.
_UPLOADS: Final = ("upload",)
_READS: Final = ("poll", "download", "mark", "read")
_CALLS: Final = (*_UPLOADS, *_READS, "request", "exchange", "validate")


class Use(StrEnum):
    """How a software stands."""

    IN_USE = "in_use"
    QUIET = "quiet"
    NOT_SEEN = "not_seen"


USES: Final = {
    Use.IN_USE: pgettext_lazy("software", "in use"),
    Use.QUIET: pgettext_lazy("software", "quiet for 90 days"),
    Use.NOT_SEEN: pgettext_lazy("software", "not seen yet"),
}


def with_last_calls(softwares: QuerySet[Software]) -> QuerySet[Software]:
    """Return each software with the last days of a success: `called_on` of any call, `uploaded_on` and `read_on`."""
    return softwares.annotate(called_on=_last_day(_CALLS), uploaded_on=_last_day(_UPLOADS), read_on=_last_day(_READS))


def standing(use: Use, *, today: date) -> Q:
    """Return the filter, on `called_on`, of the softwares that stand so."""
    edge = today - timedelta(days=QUIET_DAYS)
    return {
        Use.IN_USE: Q(called_on__gte=edge),
        Use.QUIET: Q(called_on__lt=edge),
        Use.NOT_SEEN: Q(called_on=None),
    }[use]


def use_of(called_on: date | None, *, today: date) -> Use:
    """Return how a software stands that called last on a day: quiet after 90 days without a call."""
    if called_on is None:
        return Use.NOT_SEEN
    return Use.QUIET if today - called_on > timedelta(days=QUIET_DAYS) else Use.IN_USE


def _last_day(kinds: tuple[str, ...]) -> Max:
    return Max("usage__day", filter=Q(usage__kind__in=kinds))
