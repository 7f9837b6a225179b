"""What the mail service tells afterwards of a message with invoices: it came back, or its reader complained.

Its deliveries did not arrive after all: they fail, with the reason. Nothing more is sent to that address until a person
of the office has it tried again, or gives another one; what comes meanwhile waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.core.states import check_transition
from apps.delivery.destinations import record
from apps.delivery.models import Delivery, DeliveryAttempt, Destination, Mailing
from apps.delivery.results import news_of
from apps.delivery.rules import DELIVERY_TRANSITIONS, DeliveryState, DestinationState, Outcome
from apps.delivery.sending import bounded
from apps.events import services as events

# By how much the mail service's clock may be behind ours.
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Bounce:
    """What was reported: `code` is `address_bounced` or `address_complained`, `recipient` may be unknown (empty)."""

    code: str
    recipient: str
    answer: str
    at: datetime


@transaction.atomic
def record_bounce(*, parcel_uuid: UUID, bounce: Bounce, now: datetime) -> bool:
    """Fail what a message brought, and stop its address; returns whether the message is one of ours.

    A mail service may tell it any number of times: what it told before the newest attempt is about an earlier one.
    """
    mailing = Mailing.objects.filter(uuid=parcel_uuid).first()
    rows = Delivery.objects.filter(mailing=mailing) if mailing else Delivery.objects.filter(uuid=parcel_uuid)
    destination_id = rows.values_list("destination", flat=True).first()
    if destination_id is None:
        return False
    locked = Destination.objects.select_for_update(of=("self",), no_key=True).select_related("office", "company")
    destination = locked.get(pk=destination_id)
    attempts = DeliveryAttempt.objects.filter(mailing=mailing) if mailing else DeliveryAttempt.objects.filter(
        delivery__uuid=parcel_uuid
    )  # fmt: skip
    newest = attempts.order_by("-id").first()
    if newest is None or newest.code == bounce.code or bounce.at < newest.started_at - _SKEW:
        return True
    failed = _fail(list(rows.select_for_update(of=("self",), no_key=True).order_by("pk")), bounce, now)
    if not failed and newest.ended_at is not None:
        return True
    if newest.ended_at is not None:
        # One that is still under way ends by itself, and finds the address stopped.
        _log(newest, bounce, now)
    if mailing:
        Mailing.objects.filter(pk=mailing.pk).update(sent_at=None, due_at=None)
    if bounce.recipient.casefold() in {"", destination.address.casefold()}:
        _stop(destination, bounce, now)
    return True


def _fail(rows: Sequence[Delivery], bounce: Bounce, now: datetime) -> list[Delivery]:
    arrived = [row for row in rows if row.state == DeliveryState.DELIVERED]
    for row in arrived:
        check_transition(DELIVERY_TRANSITIONS, DeliveryState.DELIVERED, DeliveryState.FAILED)
        row.state, row.state_at, row.delivered_at = DeliveryState.FAILED, now, None
        row.failure_code, row.due_at = bounce.code, None
    Delivery.objects.bulk_update(arrived, ["state", "state_at", "delivered_at", "failure_code", "due_at"])
    told = Delivery.objects.filter(pk__in=[row.pk for row in arrived]).select_related("invoice__company")
    news = [news_of("invoice.delivery_failed", row) for row in told.order_by("pk")]
    events.record_many(news, actor="mail service", now=now)
    return arrived


def _log(tried: DeliveryAttempt, bounce: Bounce, now: datetime) -> None:
    DeliveryAttempt.objects.create(
        destination_id=tried.destination_id,
        delivery_id=tried.delivery_id,
        mailing_id=tried.mailing_id,
        started_at=now,
        ended_at=now,
        outcome=Outcome.FAILED,
        code=bounce.code,
        answer=bounded(bounce.answer),
    )


def _stop(destination: Destination, bounce: Bounce, now: datetime) -> None:
    """Let nothing more go to the address, and tell the office, once until it works again."""
    if destination.state == DestinationState.REMOVED:
        return
    destination.failures += 1
    destination.failing_since = destination.failing_since or now
    destination.retry_at, destination.failure_code = None, bounce.code
    destination.failure_answer = bounded(bounce.answer)
    fields = ["failures", "failing_since", "retry_at", "failure_code", "failure_answer"]
    if destination.office_told_at is None:
        destination.office_told_at = now
        fields.append("office_told_at")
        record("destination.failing", destination, actor="mail service", now=now, code=bounce.code)
    destination.save(update_fields=fields)
