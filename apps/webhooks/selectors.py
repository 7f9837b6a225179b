"""Endpoints as people of the software's maker see them: their health, what was sent, and every attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from apps.core.errors import NotFound
from apps.tokens.models import Vendor
from apps.users.models import User
from apps.webhooks.models import Attempt, Endpoint, Message
from apps.webhooks.rules import EndpointState
from apps.webhooks.sentences import failure_remedy, failure_sentence


@dataclass(frozen=True, slots=True)
class Health:
    """An endpoint with how many messages wait for it."""

    endpoint: Endpoint
    waiting: int

    @property
    def state(self) -> str:
        """Return its state as a badge shows it: one that works and fails is `failing`."""
        if self.endpoint.state == EndpointState.ACTIVE and self.endpoint.failures:
            return "failing"
        return "stopped" if self.endpoint.stop_code else str(self.endpoint.state)

    @property
    def reason(self) -> str:
        """Return why it fails, or why we paused it, as a sentence."""
        code = self.endpoint.stop_code or self.endpoint.failure_code
        return failure_sentence(code) if code else ""

    @property
    def remedy(self) -> str:
        """Return what can be done about it."""
        code = self.endpoint.stop_code or self.endpoint.failure_code
        return failure_remedy(code) if code else ""


@dataclass(frozen=True, slots=True)
class LoggedAttempt:
    """An attempt with why it failed, as a sentence."""

    attempt: Attempt

    @property
    def reason(self) -> str:
        """Return why it failed; blank when it did not."""
        return failure_sentence(self.attempt.code) if self.attempt.code else ""

    @property
    def milliseconds(self) -> int | None:
        """Return how long it took; nothing while it is under way."""
        if self.attempt.ended_at is None:
            return None
        return round((self.attempt.ended_at - self.attempt.started_at).total_seconds() * 1000)


def list_endpoints(*, vendor: Vendor) -> list[Health]:
    """Return the endpoints of a maker's software, by software; two queries."""
    rows = Endpoint.objects.filter(software__vendor=vendor).select_related("software")
    return _healths(list(rows.order_by("software__name", "id")))


def get_endpoint(*, viewer: User, vendor_uuid: UUID, endpoint_uuid: UUID) -> Health:
    """Return an endpoint of a maker of which the person is a member.

    :raises NotFound: for strangers, as for nothing at all.
    """
    found = Endpoint.objects.select_related("software__vendor").filter(
        uuid=endpoint_uuid, software__vendor__uuid=vendor_uuid, software__vendor__members__user=viewer
    )
    endpoint = found.first()
    if endpoint is None:
        raise NotFound
    return _healths([endpoint])[0]


def list_messages(*, endpoint: Endpoint) -> QuerySet[Message]:
    """Return what an endpoint was told, or will be."""
    return Message.objects.filter(endpoint=endpoint)


def get_message(*, endpoint: Endpoint, message_uuid: UUID) -> Message:
    """Return one message of an endpoint.

    :raises NotFound: for another one's.
    """
    message = Message.objects.filter(endpoint=endpoint, uuid=message_uuid).first()
    if message is None:
        raise NotFound
    return message


def list_attempts(*, message: Message, newest: int) -> list[LoggedAttempt]:
    """Return the newest attempts to hand a message over."""
    return [LoggedAttempt(row) for row in message.attempts.order_by("-id")[:newest]]


def last_statuses(messages: Sequence[Message]) -> dict[int, Attempt]:
    """Return the last attempt of each of some messages, by the message's id; one query."""
    rows = Attempt.objects.filter(message__in=[message.pk for message in messages])
    return {row.message_id: row for row in rows.order_by("message_id", "-id").distinct("message_id")}


def _healths(endpoints: Sequence[Endpoint]) -> list[Health]:
    due = Message.objects.filter(endpoint__in=endpoints, due_at__isnull=False).values_list("endpoint")
    waiting = dict(due.annotate(count=Count("pk")))
    return [Health(endpoint, waiting.get(endpoint.pk, 0)) for endpoint in endpoints]
