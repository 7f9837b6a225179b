"""What an attempt's end does to the message and its endpoint, in one short transaction."""

from datetime import datetime
from typing import Final

from django.db import transaction

from apps.core.states import check_transition
from apps.events import services as events
from apps.webhooks.composing import NOT_TOLD
from apps.webhooks.models import Attempt, Endpoint, Message
from apps.webhooks.posting import Answer, NotTaken
from apps.webhooks.rules import (
    ENDPOINT_TRANSITIONS,
    GONE,
    MESSAGE_TRANSITIONS,
    PAUSE_AFTER,
    RETRY_FOR,
    EndpointState,
    MessageState,
    Outcome,
    wait_of_endpoint,
    wait_of_message,
)

STOPPED: Final = "webhook_endpoint.stopped"


def end_interrupted(*, now: datetime) -> int:
    """Mark the attempts whose process was killed; the caller is the only one that sends. Returns how many."""
    return Attempt.objects.filter(ended_at=None).update(ended_at=now, outcome=Outcome.INTERRUPTED, code="interrupted")


@transaction.atomic
def record_success(*, attempt: Attempt, answer: Answer, now: datetime) -> None:
    """Record that a message was taken; whatever waited for its endpoint goes on."""
    endpoint, message = _lock(attempt)
    attempt.status, attempt.answer = answer.status, answer.text
    _end(attempt, Outcome.DONE, now)
    if message.state == MessageState.PENDING:
        move_message(message, MessageState.DELIVERED, now)
    endpoint.delivered_at = now
    endpoint.save(update_fields=["delivered_at"])
    if endpoint.failures:
        forget_failures(endpoint)


@transaction.atomic
def record_failure(*, attempt: Attempt, error: NotTaken, now: datetime) -> None:
    """Record why a message was not taken and when it is tried again; after some days it is given up.

    An endpoint that took nothing for as long is paused instead, and what it did not get waits.
    """
    endpoint, message = _lock(attempt)
    attempt.status, attempt.code, attempt.answer = error.status or None, error.code, error.answer
    _end(attempt, Outcome.FAILED, now)
    _fail_endpoint(endpoint, error, now)
    if message.state != MessageState.PENDING:
        return
    message.attempt_count += 1
    message.failure_code = error.code
    message.due_at = now + wait_of_message(message.attempt_count)
    message.save(update_fields=["attempt_count", "failure_code", "due_at"])
    if endpoint.state != EndpointState.PAUSED and message.queued_at <= now - RETRY_FOR:
        move_message(message, MessageState.FAILED, now)


@transaction.atomic
def give_up_untold(*, messages: list[Message], now: datetime) -> None:
    """Fail messages of which nothing may be told any more."""
    for message in messages:
        message.failure_code = NOT_TOLD
        move_message(message, MessageState.FAILED, now)


def move_message(message: Message, state: MessageState, now: datetime) -> None:
    """Take a step of the state machine; the caller holds the endpoint's lock, or is the only one that sends."""
    check_transition(MESSAGE_TRANSITIONS, MessageState(message.state), state)
    message.state, message.state_at = state, now
    message.due_at = now if state is MessageState.PENDING else None
    if state is MessageState.DELIVERED:
        message.delivered_at, message.failure_code = now, ""
        message.attempt_count += 1
    message.save(update_fields=["state", "state_at", "due_at", "delivered_at", "failure_code", "attempt_count"])


def move_endpoint(endpoint: Endpoint, state: EndpointState, now: datetime, *, stop_code: str = "") -> None:
    """Take a step of the state machine; the row is locked. `stop_code` is why we pause it ourselves."""
    check_transition(ENDPOINT_TRANSITIONS, EndpointState(endpoint.state), state)
    endpoint.state, endpoint.state_at, endpoint.stop_code = state, now, stop_code
    endpoint.save(update_fields=["state", "state_at", "stop_code"])


def forget_failures(endpoint: Endpoint) -> None:
    """Begin anew with an endpoint that works again, or that somebody changed; what waited is sent now."""
    endpoint.failures, endpoint.failing_since, endpoint.retry_at = 0, None, None
    endpoint.failure_code = endpoint.failure_answer = ""
    endpoint.save(update_fields=["failures", "failing_since", "retry_at", "failure_code", "failure_answer"])


def _fail_endpoint(endpoint: Endpoint, error: NotTaken, now: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.retry_at = now + wait_of_endpoint(endpoint.failures, has_answered=bool(error.status))
    endpoint.failure_code, endpoint.failure_answer = error.code, error.answer
    endpoint.save(update_fields=["failures", "failing_since", "retry_at", "failure_code", "failure_answer"])
    is_over = error.code == GONE or now - endpoint.failing_since >= PAUSE_AFTER
    if is_over and endpoint.state == EndpointState.ACTIVE:
        move_endpoint(endpoint, EndpointState.PAUSED, now, stop_code=error.code)
        events.record(STOPPED, subject_uuid=endpoint.uuid, actor="system", now=now, payload={"code": error.code})


def _lock(attempt: Attempt) -> tuple[Endpoint, Message]:
    """Lock the endpoint, then the message: whoever replays or changes one takes them in that order."""
    endpoint = Endpoint.objects.select_for_update(of=("self",), no_key=True).get(pk=attempt.message.endpoint_id)
    message = Message.objects.select_for_update(of=("self",), no_key=True).get(pk=attempt.message_id)
    return endpoint, message


def _end(attempt: Attempt, outcome: Outcome, now: datetime) -> None:
    attempt.ended_at, attempt.outcome = now, outcome
    attempt.save(update_fields=["ended_at", "outcome", "status", "code", "answer"])
