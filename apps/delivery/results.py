"""What an attempt's end does to the delivery, its destination and its invoice, in one short transaction each."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.core.states import check_transition
from apps.delivery.destinations import forget_failures, lock_destination, record
from apps.delivery.models import Delivery, DeliveryAttempt, Destination, Mailing
from apps.delivery.rules import (
    DELIVERY_TRANSITIONS,
    RETRY_FOR,
    STOPPING,
    TELL_AFTER,
    Channel,
    DeliveryState,
    Outcome,
    wait_before_retry,
)
from apps.delivery.sending import Answer, DestinationFailed, DocumentRefused, NotHandedOver
from apps.events import services as events
from apps.events.services import News

NOT_THERE_YET: Final = (DeliveryState.PENDING, DeliveryState.FAILED)


def end_interrupted(destination: Destination, now: datetime) -> int:
    """Mark the attempts whose process was killed; the destination's lock is held, so no other process works there."""
    left = DeliveryAttempt.objects.filter(destination=destination, ended_at=None)
    return left.update(ended_at=now, outcome=Outcome.INTERRUPTED, code="interrupted")


@transaction.atomic
def record_success(*, attempt: DeliveryAttempt, answer: Answer, now: datetime) -> bool:
    """Record that what was tried is there; returns whether it is.

    Not when the mail service said while it was sent that messages to this address come back: nothing began after that.
    """
    destination = Destination.objects.select_for_update(of=("self",), no_key=True).get(pk=attempt.destination_id)
    if destination.failure_code in STOPPING:
        _record_returned(attempt, destination, now)
        return False
    _end(attempt, answer.outcome, "", answer.text, now)
    for delivery in list(_of(attempt).select_for_update(of=("self",), no_key=True).order_by("pk")):
        _deliver(delivery, answer.place, now)
    if attempt.mailing_id is not None:
        Mailing.objects.filter(pk=attempt.mailing_id).update(sent_at=now, due_at=None)
    destination.delivered_at = now
    destination.save(update_fields=["delivered_at"])
    if destination.failures:
        forget_failures(destination)
    return True


def _record_returned(attempt: DeliveryAttempt, destination: Destination, now: datetime) -> None:
    _end(attempt, Outcome.FAILED, destination.failure_code, destination.failure_answer, now)
    if attempt.mailing_id is not None:
        Mailing.objects.filter(pk=attempt.mailing_id).update(due_at=None)
    _give_up(_of(attempt), destination.failure_code, now)


def _deliver(delivery: Delivery, place: str, now: datetime) -> None:
    if delivery.state == DeliveryState.DELIVERED:
        return
    check_transition(DELIVERY_TRANSITIONS, DeliveryState(delivery.state), DeliveryState.DELIVERED)
    delivery.state, delivery.state_at, delivery.delivered_at = DeliveryState.DELIVERED, now, now
    delivery.due_at, delivery.failure_code, delivery.place = None, "", place
    delivery.attempt_count += 1
    delivery.save(
        update_fields=["state", "state_at", "delivered_at", "due_at", "failure_code", "place", "attempt_count"]
    )
    events.record_many([news_of("invoice.delivered", delivery)], actor="system", now=now)


@transaction.atomic
def record_failure(*, attempt: DeliveryAttempt, error: NotHandedOver, now: datetime) -> None:
    """Record why something is not there, and when it is tried again; after some days it is given up.

    When the destination itself failed, everything that is due there waits with it.
    """
    _end(attempt, Outcome.FAILED, error.code, error.answer, now)
    destination = Destination.objects.select_for_update(of=("self",), no_key=True).select_related(
        "office", "company"
    ).get(pk=attempt.destination_id)  # fmt: skip
    if isinstance(error, DestinationFailed):
        _fail_destination(destination, error, now)
    if attempt.mailing is not None:
        _postpone_mailing(attempt.mailing, error, now)
        return
    due = Delivery.objects.filter(destination=destination, due_at__lte=now, state__in=NOT_THERE_YET)
    if attempt.delivery is None:
        return
    tried = due.filter(pk=attempt.delivery.pk)
    count = attempt.delivery.attempt_count + 1
    tried.update(attempt_count=count)
    _postpone(due if isinstance(error, DestinationFailed) else tried, error.code, now)
    if isinstance(error, DocumentRefused):
        tried.update(due_at=now + wait_before_retry(count))


def _fail_destination(destination: Destination, error: DestinationFailed, now: datetime) -> None:
    destination.failures += 1
    destination.failing_since = destination.failing_since or now
    destination.retry_at = now + wait_before_retry(destination.failures)
    destination.failure_code, destination.failure_answer = error.code, error.answer
    is_to_be_told = not error.is_ours and now - destination.failing_since >= TELL_AFTER
    fields = ["failures", "failing_since", "retry_at", "failure_code", "failure_answer"]
    if is_to_be_told and destination.office_told_at is None:
        destination.office_told_at = now
        fields.append("office_told_at")
        record("destination.failing", destination, actor="system", now=now, code=error.code)
    destination.save(update_fields=fields)


def _postpone_mailing(mailing: Mailing, error: NotHandedOver, now: datetime) -> None:
    count = mailing.attempt_count + 1
    is_over = mailing.queued_at <= now - RETRY_FOR
    due_at = None if is_over else now + wait_before_retry(count)
    Mailing.objects.filter(pk=mailing.pk).update(attempt_count=count, due_at=due_at)
    inside = Delivery.objects.filter(mailing=mailing, state__in=NOT_THERE_YET)
    if is_over:
        _give_up(inside, error.code, now)
    else:
        inside.update(state=DeliveryState.FAILED, state_at=now, failure_code=error.code)


def _postpone(deliveries: QuerySet[Delivery], code: str, now: datetime) -> None:
    """Fail what is due; it stays due, and the destination's own wait holds it back."""
    old = Q(queued_at__lte=now - RETRY_FOR)
    _give_up(deliveries.filter(old), code, now)
    newly = deliveries.exclude(old).filter(Q(state=DeliveryState.PENDING) | ~Q(failure_code=code))
    newly.update(state=DeliveryState.FAILED, state_at=now, failure_code=code)


def _give_up(deliveries: QuerySet[Delivery], code: str, now: datetime) -> None:
    """Fail some for good, until somebody asks for them by hand; their company sees it on the invoice's timeline."""
    rows = list(deliveries.select_for_update(of=("self",), no_key=True).select_related("invoice__company")[:10_000])
    ids = [row.pk for row in rows]
    Delivery.objects.filter(pk__in=ids).update(state=DeliveryState.FAILED, state_at=now, failure_code=code, due_at=None)
    events.record_many([news_of("invoice.delivery_failed", row) for row in rows], actor="system", now=now)


def _of(attempt: DeliveryAttempt) -> QuerySet[Delivery]:
    """Return what an attempt was about: one delivery, or those in a daily message."""
    rows = Delivery.objects.select_related("invoice__company", "destination")
    if attempt.mailing_id is not None:
        return rows.filter(mailing=attempt.mailing_id)
    return rows.filter(attempts=attempt)


def news_of(name: str, delivery: Delivery) -> News:
    """Return what happened to a delivery, whose invoice and company are joined, for its timeline."""
    payload = {"channel": Channel(delivery.channel).value, "version": delivery.version}
    return News(name, delivery.invoice.uuid, delivery.invoice.company.uuid, payload)


def _end(attempt: DeliveryAttempt, outcome: Outcome, code: str, answer: str, now: datetime) -> None:
    attempt.ended_at, attempt.outcome, attempt.code, attempt.answer = now, outcome, code, answer
    attempt.save(update_fields=["ended_at", "outcome", "code", "answer"])


@transaction.atomic
def retry_failed(*, destination: Destination, actor: str, now: datetime) -> int:
    """Try everything again that is not there yet, given up or not, from now on; returns how many documents.

    :raises NotFound: when the destination was removed.
    """
    locked = lock_destination(destination.uuid)
    forget_failures(locked)
    failed = Delivery.objects.filter(destination=locked, state=DeliveryState.FAILED)
    mailings = Mailing.objects.filter(pk__in=failed.exclude(mailing=None).values("mailing"), sent_at=None)
    mailings.update(due_at=now, queued_at=now)
    by_itself = failed.filter(mailing=None)
    count = failed.count()
    due_at = None if locked.channel == Channel.EMAIL_DAILY else now
    by_itself.update(state=DeliveryState.PENDING, state_at=now, queued_at=now, due_at=due_at)
    failed.update(state=DeliveryState.PENDING, state_at=now, queued_at=now)
    record("destination.retried", locked, actor=actor, now=now, count=count)
    return count
