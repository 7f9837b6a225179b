"""Setting up where a software is told what happens, and having it told again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.core import queue
from apps.core.errors import DomainError, NotFound
from apps.core.letters import GIVE_UP_AFTER
from apps.core.sealing import seal
from apps.events import services as events
from apps.tokens.models import Software
from apps.webhooks import emails
from apps.webhooks.dispatching import DISPATCH_TASK, SEALED_FOR
from apps.webhooks.models import Endpoint, Message
from apps.webhooks.results import forget_failures, move_endpoint, move_message
from apps.webhooks.rules import TEST, EndpointState, MessageState, Topic, is_usable
from apps.webhooks.signing import make_secret

ENDPOINT_OFF: Final = "endpoint_off"
_BATCH: Final = 500


class AddressNotUsable(DomainError):
    """Nothing can be posted to this address."""

    code = "address_not_usable"
    sentence = _("This is not an address that we can post to: it begins with https:// and has no login in it.")


class TopicUnknown(DomainError):
    """There is nothing of that name to hear of, or nothing was chosen."""

    code = "topic_unknown"
    sentence = _("Choose at least one of the events.")


class TooManyEndpoints(DomainError):
    """The software has as many endpoints as we keep."""

    code = "too_many_endpoints"
    sentence = _("There are %(limit)s endpoints already. Change one of them instead.")


class EndpointIsOff(DomainError):
    """Nothing is sent to an endpoint that is off."""

    code = "endpoint_off"
    sentence = _("This endpoint is off. Switch it on first.")


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint with its new secret, shown this once."""

    endpoint: Endpoint
    secret: str


@transaction.atomic
def add_endpoint(*, software: Software, url: str, topics: Collection[str], actor: str, now: datetime) -> NewSecret:
    """Have a software told at an address what happens, from now on.

    :raises AddressNotUsable: when it is no address of the web, or not https where that is needed.
    :raises TopicUnknown: when nothing, or something unknown, is to be told.
    :raises TooManyEndpoints: when there are enough.
    """
    url, topics = _read_url(url), _read_topics(topics)
    locked = Software.objects.select_for_update(of=("self",), no_key=True).get(pk=software.pk)
    if Endpoint.objects.filter(software=locked).count() >= settings.MOST_ENDPOINTS:
        raise TooManyEndpoints(limit=settings.MOST_ENDPOINTS)
    secret = make_secret()
    endpoint = Endpoint.objects.create(
        software=locked,
        url=url,
        topics=topics,
        sealed_secret=seal(secret, purpose=SEALED_FOR),
        state=EndpointState.ACTIVE,
        state_at=now,
        created_at=now,
    )
    _record("webhook_endpoint.added", endpoint, actor, now)
    return NewSecret(endpoint, secret)


@transaction.atomic
def change_endpoint(*, endpoint_uuid: UUID, url: str, topics: Collection[str], actor: str, now: datetime) -> Endpoint:
    """Have another address told, or other events; what waited goes to the address of now.

    :raises NotFound: when there is no such endpoint.
    :raises AddressNotUsable: :raises TopicUnknown: as `add_endpoint`.
    """
    endpoint = _lock(endpoint_uuid)
    endpoint.url, endpoint.topics = _read_url(url), _read_topics(topics)
    endpoint.save(update_fields=["url", "topics"])
    forget_failures(endpoint)
    _record("webhook_endpoint.changed", endpoint, actor, now)
    return endpoint


@transaction.atomic
def pause(*, endpoint_uuid: UUID, actor: str, now: datetime) -> Endpoint:
    """Let what comes wait until it is resumed; pausing twice changes nothing.

    :raises NotFound: when there is no such endpoint.
    :raises IllegalTransition: when it is off.
    """
    return _step(endpoint_uuid, EndpointState.PAUSED, "webhook_endpoint.paused", actor, now)


@transaction.atomic
def resume(*, endpoint_uuid: UUID, actor: str, now: datetime) -> Endpoint:
    """Tell again, first what waited, for three days anew; also an endpoint that was off. Repeated it changes nothing.

    :raises NotFound: when there is no such endpoint.
    """
    endpoint = _step(endpoint_uuid, EndpointState.ACTIVE, "webhook_endpoint.resumed", actor, now)
    forget_failures(endpoint)
    Message.objects.filter(endpoint=endpoint, due_at__isnull=False).update(queued_at=now, due_at=now)
    queue.nudge_after_commit(DISPATCH_TASK)
    return endpoint


@transaction.atomic
def switch_off(*, endpoint_uuid: UUID, actor: str, now: datetime) -> Endpoint:
    """Tell nothing any more; what still waited fails with `endpoint_off`, and can be replayed. The log stays.

    :raises NotFound: when there is no such endpoint.
    """
    endpoint = _step(endpoint_uuid, EndpointState.OFF, "webhook_endpoint.switched_off", actor, now)
    forget_failures(endpoint)
    Message.objects.filter(endpoint=endpoint, due_at__isnull=False).update(
        state=MessageState.FAILED, state_at=now, due_at=None, failure_code=ENDPOINT_OFF
    )
    return endpoint


@transaction.atomic
def rotate_secret(*, endpoint_uuid: UUID, actor: str, now: datetime) -> NewSecret:
    """Give an endpoint a new secret; for some hours each message is signed with the former one, too.

    :raises NotFound: when there is no such endpoint.
    """
    endpoint, secret = _lock(endpoint_uuid), make_secret()
    endpoint.former_sealed_secret = endpoint.sealed_secret
    endpoint.former_until = now + timedelta(hours=settings.CREDENTIAL_OVERLAP_HOURS)
    endpoint.sealed_secret = seal(secret, purpose=SEALED_FOR)
    endpoint.save(update_fields=["sealed_secret", "former_sealed_secret", "former_until"])
    _record("webhook_endpoint.secret_rotated", endpoint, actor, now)
    return NewSecret(endpoint, secret)


@transaction.atomic
def send_test(*, endpoint_uuid: UUID, actor: str, now: datetime) -> Message:
    """Queue a message that says nothing but that it is a test.

    :raises NotFound: when there is no such endpoint.
    :raises EndpointIsOff: when it is off.
    """
    endpoint = _lock_hearing(endpoint_uuid)
    message = Message.objects.create(
        endpoint=endpoint,
        topic=TEST,
        subject_uuid=endpoint.uuid,
        happened_at=now,
        state=MessageState.PENDING,
        state_at=now,
        queued_at=now,
        due_at=now,
    )
    _record("webhook_endpoint.tested", endpoint, actor, now)
    queue.nudge_after_commit(DISPATCH_TASK)
    return message


@transaction.atomic
def replay_message(*, endpoint_uuid: UUID, message_uuid: UUID, actor: str, now: datetime) -> Message:
    """Send a message again, as the same one; one that still waits is sent now.

    :raises NotFound: when there is no such endpoint, or message of it.
    :raises EndpointIsOff: when the endpoint is off.
    """
    endpoint = _lock_hearing(endpoint_uuid)
    messages = Message.objects.select_for_update(of=("self",), no_key=True).filter(endpoint=endpoint)
    message = messages.filter(uuid=message_uuid).first()
    if message is None:
        raise NotFound
    if message.state == MessageState.PENDING:
        message.due_at = now
        message.save(update_fields=["due_at"])
    else:
        message.queued_at = message.replayed_at = now
        message.save(update_fields=["queued_at", "replayed_at"])
        move_message(message, MessageState.PENDING, now)
    _record("webhook_message.replayed", endpoint, actor, now, count=1)
    queue.nudge_after_commit(DISPATCH_TASK)
    return message


@transaction.atomic
def replay_period(
    *, endpoint_uuid: UUID, since: datetime, until: datetime, is_failed_only: bool, actor: str, now: datetime
) -> int:
    """Send again what happened in a period (`until` excluded), at most `MOST_REPLAYED` of the oldest; returns how many.

    What still waits is left alone. The worker sends them in the order in which they happened.

    :raises NotFound: when there is no such endpoint.
    :raises EndpointIsOff: when it is off.
    """
    endpoint = _lock_hearing(endpoint_uuid)
    states = [MessageState.FAILED] if is_failed_only else [MessageState.FAILED, MessageState.DELIVERED]
    ended = Message.objects.filter(endpoint=endpoint, state__in=states, happened_at__gte=since, happened_at__lt=until)
    ids = list(ended.order_by("id").values_list("pk", flat=True)[: settings.MOST_REPLAYED])
    for start in range(0, len(ids), _BATCH):
        Message.objects.filter(pk__in=ids[start : start + _BATCH]).update(
            state=MessageState.PENDING, state_at=now, due_at=now, queued_at=now, replayed_at=now
        )
    _record("webhook_message.replayed", endpoint, actor, now, count=len(ids))
    queue.nudge_after_commit(DISPATCH_TASK)
    return len(ids)


def tell_of_stop(*, endpoint_uuid: UUID, now: datetime) -> bool:
    """Mail the maker of a software that we paused an endpoint of it, while it is; repeated it is the same message."""
    endpoint = Endpoint.objects.select_related("software__vendor").get(uuid=endpoint_uuid)
    is_news = bool(endpoint.stop_code) and now - endpoint.state_at <= GIVE_UP_AFTER
    if not is_news or not endpoint.software.vendor.email:
        return False
    emails.endpoint_stopped(endpoint).send()
    return True


def forget_old_messages(*, now: datetime) -> int:
    """Delete messages that were kept for their time, with their attempts, so many at a time; returns how many."""
    old = Message.objects.filter(queued_at__lt=now - timedelta(days=settings.WEBHOOK_LOG_DAYS)).order_by("pk")
    ids = list(old.values_list("pk", flat=True)[: _BATCH * 10])
    Message.objects.filter(pk__in=ids).delete()
    return len(ids)


def _step(endpoint_uuid: UUID, state: EndpointState, event: str, actor: str, now: datetime) -> Endpoint:
    endpoint = _lock(endpoint_uuid)
    if endpoint.state != state:
        move_endpoint(endpoint, state, now)
        _record(event, endpoint, actor, now)
    return endpoint


def _lock(endpoint_uuid: UUID) -> Endpoint:
    locked = Endpoint.objects.select_for_update(of=("self",), no_key=True)
    endpoint = locked.filter(uuid=endpoint_uuid).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def _lock_hearing(endpoint_uuid: UUID) -> Endpoint:
    endpoint = _lock(endpoint_uuid)
    if endpoint.state == EndpointState.OFF:
        raise EndpointIsOff
    return endpoint


def _read_url(url: str) -> str:
    url = url.strip()
    if not is_usable(url, needs_tls=not settings.EMBEDDED):
        raise AddressNotUsable
    return url


def _read_topics(topics: Collection[str]) -> list[str]:
    chosen = [topic.value for topic in Topic if topic in topics]
    if not chosen or set(topics) - set(Topic):
        raise TopicUnknown
    return chosen


def _record(name: str, endpoint: Endpoint, actor: str, now: datetime, **payload: Any) -> None:
    """Record who did what to an endpoint; never its address or secret."""
    events.record(name, subject_uuid=endpoint.uuid, actor=actor, now=now, payload=payload)
