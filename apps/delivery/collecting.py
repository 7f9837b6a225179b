"""The daily message: what waits for it is collected once a day, and divided into parts that a mail server takes."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from apps.core.clock import BRUSSELS
from apps.delivery.documents import sizes_of
from apps.delivery.models import Delivery, Destination, Mailing
from apps.delivery.rules import DeliveryState

# More wait only after a back-fill; the rest follows in the parts of the next go.
MOST_COLLECTED: Final = 2_000


def collecting_day(now: datetime) -> date:
    """Return the Belgian day whose message is the newest that may go out: before its hour, yesterday's."""
    local = now.astimezone(BRUSSELS)
    is_early = local.hour < settings.DAILY_MAIL_HOUR
    return local.date() - timedelta(days=1) if is_early else local.date()


@transaction.atomic
def collect(destination: Destination, now: datetime) -> int:
    """Put what waits into messages, unless that was done for the day; returns how many parts. Nothing makes none.

    Which documents are in which part is written before anything is sent: a repeated message is the same one.
    """
    locked = Destination.objects.select_for_update(of=("self",), no_key=True).get(pk=destination.pk)
    day = collecting_day(now)
    if locked.composed_on is not None and locked.composed_on >= day:
        return 0
    waiting = Delivery.objects.filter(destination=locked, state=DeliveryState.PENDING, mailing=None, queued_at__lt=now)
    rows = list(waiting.order_by("invoice__company_id", "id")[:MOST_COLLECTED])
    if len(rows) < MOST_COLLECTED:
        locked.composed_on = day
        locked.save(update_fields=["composed_on"])
    parts = list(_parts(zip(rows, sizes_of(rows), strict=True))) if rows else []
    for number, deliveries in enumerate(parts, start=1):
        mailing = Mailing.objects.create(
            destination=locked, collected_at=now, part=number, parts=len(parts), queued_at=now, due_at=now
        )
        Delivery.objects.filter(pk__in=[row.pk for row in deliveries]).update(mailing=mailing)
    return len(parts)


def _parts(rows: Iterable[tuple[Delivery, int]]) -> Iterator[list[Delivery]]:
    part: list[Delivery] = []
    total = 0
    for delivery, size in rows:
        if part and total + size > settings.MAIL_MAX_BYTES:
            yield part
            part, total = [], 0
        part.append(delivery)
        total += min(size, settings.MAIL_MAX_BYTES)
    if part:
        yield part
