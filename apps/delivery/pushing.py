"""Taking documents to destinations. The row is the queue; nothing is sent inside a transaction.

One process at a time works on a destination: a session lock, which PostgreSQL frees the moment that process dies. An
attempt is written before it begins and ended after it, with the delivery. Killed in between, the document is sent
again: the mail has the same Message-ID, the file the same name and bytes.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.blobs.selectors import BlobDamaged
from apps.core import locks, queue
from apps.delivery.collecting import collect, collecting_day
from apps.delivery.models import Delivery, DeliveryAttempt, Destination, Mailing
from apps.delivery.results import end_interrupted, record_failure, record_success
from apps.delivery.rules import BOUNCED, STOPPING, Channel, DestinationState
from apps.delivery.sending import Answer, DestinationFailed, DocumentRefused, Send, open_sender

logger = logging.getLogger(__name__)

PUSH_TASK: Final = "delivery.push"
# So much in one go of a worker; the next go takes the rest.
AT_ONCE: Final = 100
# No go lasts longer, lest a slow destination hold a worker up to the hard limit of its task.
LONGEST_GO: Final = timedelta(minutes=5)
SWEEP_SIZE: Final = 500


def sweep(*, now: datetime) -> int:
    """Nudge the worker for every destination that has something to do now; returns how many."""
    ids = [pk for (pk,) in _with_work(now).values_list("pk")[:SWEEP_SIZE]]
    for destination_id in ids:
        queue.nudge(PUSH_TASK, destination_id=destination_id)
    return len(ids)


def push(*, destination_id: int, read_clock: Callable[[], datetime]) -> int:
    """Send what is due at a destination, at most so many; returns how many arrived.

    Returns at once when another process works on it. The clock is read for each, since a go may take minutes.
    """
    with locks.try_hold(locks.DESTINATIONS, destination_id) as is_mine:
        return _push(destination_id, read_clock) if is_mine else 0


def _with_work(now: datetime) -> QuerySet[Destination]:
    due = Exists(Delivery.objects.filter(destination=OuterRef("pk"), due_at__lte=now))
    mailing = Exists(Mailing.objects.filter(destination=OuterRef("pk"), due_at__lte=now))
    active = Destination.objects.filter(state=DestinationState.ACTIVE).exclude(failure_code__in=STOPPING)
    ready = active.filter(Q(retry_at=None) | Q(retry_at__lte=now))
    is_to_collect = Q(channel=Channel.EMAIL_DAILY) & (Q(composed_on=None) | Q(composed_on__lt=collecting_day(now)))
    return ready.filter(Q(due) | Q(mailing) | is_to_collect).order_by("pk")


def _push(destination_id: int, read_clock: Callable[[], datetime]) -> int:
    destination = Destination.objects.select_related("office", "company").get(pk=destination_id)
    started = read_clock()
    end_interrupted(destination, started)
    if destination.state != DestinationState.ACTIVE or destination.failure_code in STOPPING:
        return 0
    if destination.retry_at and destination.retry_at > started:
        return 0
    if destination.channel == Channel.EMAIL_DAILY:
        collect(destination, started)
    arrived = 0
    with open_sender(destination) as send:
        for _turn in range(AT_ONCE):
            now = read_clock()
            parcel = _next_parcel(destination, now) if now - started < LONGEST_GO else None
            if parcel is None:
                return arrived
            try:
                arrived += _try(destination, parcel, send, read_clock)
            except DestinationFailed:
                return arrived
    queue.nudge(PUSH_TASK, destination_id=destination.pk)
    return arrived


def _next_parcel(destination: Destination, now: datetime) -> Delivery | Mailing | None:
    if destination.channel == Channel.EMAIL_DAILY:
        mailings = Mailing.objects.filter(destination=destination, due_at__lte=now).order_by("due_at", "id")
        return mailings.select_related("destination__office", "destination__company").first()
    due = Delivery.objects.filter(destination=destination, due_at__lte=now).order_by("due_at", "id")
    return due.select_related("invoice__company", "office", "destination").first()


def _try(destination: Destination, parcel: Delivery | Mailing, send: Send, read_clock: Callable[[], datetime]) -> bool:
    """Send one thing, and write how it went; one that is refused alone stops nothing.

    :raises DestinationFailed: when the rest need not be tried.
    """
    attempt = DeliveryAttempt.objects.create(
        destination=destination,
        delivery=parcel if isinstance(parcel, Delivery) else None,
        mailing=parcel if isinstance(parcel, Mailing) else None,
        started_at=read_clock(),
    )
    try:
        answer = _send_known(send, parcel)
    except (DestinationFailed, DocumentRefused) as error:
        record_failure(attempt=attempt, error=error, now=read_clock())
        if isinstance(error, DestinationFailed):
            raise
        return False
    if not record_success(attempt=attempt, answer=answer, now=read_clock()):
        raise DestinationFailed(BOUNCED)
    return True


def _send_known(send: Send, parcel: Delivery | Mailing) -> Answer:
    """Send one thing; whatever goes wrong is about that one, unless it is known to be about more."""
    try:
        return send(parcel)
    except (DestinationFailed, DocumentRefused):
        raise
    except BlobDamaged as error:
        logger.exception("delivery %s has no document", parcel.pk)
        raise DocumentRefused("document_missing") from error
    except Exception as error:
        # Left to itself it would stand at the head of the queue for ever.
        logger.exception("delivery %s failed unexpectedly", parcel.pk)
        raise DocumentRefused("unexpected", type(error).__name__) from error
