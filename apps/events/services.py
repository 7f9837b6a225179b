"""Recording events and running the reactions that they owe."""

import json
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q

from apps.core import locks, queue
from apps.core.arrays import array_of
from apps.events.models import Event, PendingReaction
from apps.events.rules import wait_after_death, wait_before_retry

logger = logging.getLogger(__name__)

NUDGE_AGAIN_AFTER: Final = timedelta(seconds=30)
SWEEP_SIZE: Final = 1000
RUN_TASK: Final = "events.run_reaction"


class TryLater(Exception):
    """Raised by a task whose subject somebody else is busy with: no failure, the reaction is tried again later."""

    wait: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class News:
    """One fact to record: ids and codes only. A quiet one is of a batch that has one event of its own to react to."""

    name: str
    subject_uuid: UUID
    company_uuid: UUID | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    is_quiet: bool = False


def record(
    name: str,
    *,
    subject_uuid: UUID,
    actor: str,
    now: datetime,
    company_uuid: UUID | None = None,
    payload: dict[str, Any] | None = None,
) -> Event:
    """Record one event with its pending reactions, in the caller's transaction, and nudge the worker after it.

    :raises RuntimeError: outside a transaction, where the event could outlive or miss what it tells.
    """
    news = News(name, subject_uuid, company_uuid, payload or {})
    return record_many([news], actor=actor, now=now)[0]


def record_many(news: Sequence[News], *, actor: str, now: datetime) -> list[Event]:
    """Record many events with their pending reactions in two statements, whatever their number.

    :raises RuntimeError: outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event must be recorded inside the transaction of what it tells.")
    events = Event.objects.bulk_create(
        Event(
            name=item.name,
            subject_uuid=item.subject_uuid,
            company_uuid=item.company_uuid,
            actor=actor,
            at=now,
            payload=item.payload,
        )
        for item in news
    )
    pending = PendingReaction.objects.bulk_create(
        PendingReaction(event=event, task=task, due_at=now, nudged_at=now)
        for event, item in zip(events, news, strict=True)
        if not item.is_quiet
        for task in settings.EVENT_REACTIONS.get(event.name, ())
    )
    for pending_id in _to_nudge(pending):
        queue.nudge_after_commit(RUN_TASK, pending_id=pending_id)
    return events


def record_same(
    name: str,
    *,
    subjects: Sequence[tuple[UUID | str, UUID | str]],
    actor: str,
    now: datetime,
    payload: dict[str, Any] | None = None,
) -> None:
    """Record that the same happened to each of many subjects (its uuid, its company's), in one statement.

    :raises RuntimeError: outside a transaction, and for a name that tasks react to: `record_many` owes those.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event must be recorded inside the transaction of what it tells.")
    if name in settings.EVENT_REACTIONS:
        raise RuntimeError(f"Tasks react to {name}.")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_event (uuid, name, subject_uuid, company_uuid, actor, at, payload)
            SELECT gen_random_uuid(), %s, subject, company, %s, %s, %s::jsonb
            FROM unnest(%s::uuid[], %s::uuid[]) AS each(subject, company)
            """,
            [name, actor, now, json.dumps(payload or {}), *map(array_of, zip(*subjects, strict=True))],
        )


def _to_nudge(pending: Sequence[PendingReaction]) -> Iterator[int]:
    """Yield the reactions to send a message for: one of each batch is enough, as it takes the next ones along."""
    seen: Counter[str] = Counter()
    for reaction in pending:
        batch = settings.EVENT_BATCHES.get(reaction.task)
        if batch is None or seen[reaction.task] % batch.most == 0:
            yield reaction.pk
        seen[reaction.task] += 1


def run_reaction(*, pending_id: int, run: Callable[[str, UUID], None], now: datetime) -> bool:
    """Run one pending reaction and delete its row; a failure is kept on the row with the time of the next try.

    A session lock keeps two workers from running the same one; PostgreSQL frees it the moment the worker's
    connection dies, so a killed worker's reaction can be taken over: the first time at once, then later and later,
    and in the end only when staff say so. `run` gets the task's name and the subject's uuid. Returns whether it ran
    to its end.
    """
    with locks.try_hold(locks.REACTIONS, pending_id) as is_mine:
        return is_mine and _run(pending_id, run, now)


def _run(pending_id: int, run: Callable[[str, UUID], None], now: datetime) -> bool:
    reaction = PendingReaction.objects.select_related("event").filter(pk=pending_id).first()
    if reaction is None or reaction.held_at:
        return False
    # Whoever started it would hold the lock that we have now, if they lived.
    if reaction.started_at and not _may_follow_death(reaction, now):
        return False
    write_unhurried("UPDATE events_pendingreaction SET started_at = %s", "id = %s", now, reaction.pk)
    try:
        run(reaction.task, reaction.event.subject_uuid)
    except TryLater as later:
        PendingReaction.objects.filter(pk=reaction.pk).update(due_at=now + later.wait, started_at=None)
        return False
    except Exception as error:  # noqa: BLE001 # whatever it is, it belongs on the row, where staff see it
        _keep_failure(reaction, error, now)
        return False
    reaction.delete()
    return True


def write_unhurried(statement: str, condition: str, *parameters: datetime | int | list[int]) -> None:
    """Commit that reactions start or ran, without waiting for the disk: a killed process loses nothing committed.

    A crash of the whole machine may lose the mark of a start, and is no fault of the reaction's; or the end of a
    batch, which is then repeated and changes nothing: only tasks that send nothing have batches. `statement` is an
    UPDATE or a DELETE without its condition.
    """
    join = "USING" if statement.startswith("DELETE") else "FROM"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{statement} {join} set_config('synchronous_commit', 'off', true) WHERE {condition}", parameters
        )


@transaction.atomic
def _may_follow_death(reaction: PendingReaction, now: datetime) -> bool:
    """Count a run that was killed; say whether the next may begin now. After too many, staff decide."""
    reaction.deaths, reaction.started_at = reaction.deaths + 1, None
    wait = wait_after_death(reaction.deaths)
    if wait is None:
        reaction.held_at = now
        _tell_of_hold(reaction, now)
    else:
        reaction.due_at = now + wait
    reaction.save(update_fields=["deaths", "started_at", "held_at", "due_at"])
    logger.error("reaction %s was killed while it ran (%d times)", reaction, reaction.deaths)
    return wait == timedelta(0)


def _tell_of_hold(reaction: PendingReaction, now: datetime) -> None:
    event = reaction.event
    record(
        "reaction.held",
        subject_uuid=event.subject_uuid,
        company_uuid=event.company_uuid,
        actor="system",
        now=now,
        payload={"task": reaction.task},
    )


@transaction.atomic
def start_again(*, pending_id: int, now: datetime) -> None:
    """Try a reaction now, whatever its time, also one that is held; its killed runs are counted anew.

    One that runs at this moment goes on, and is not started twice: it has the lock.
    """
    again = PendingReaction.objects.filter(pk=pending_id)
    again.update(due_at=now, nudged_at=now, deaths=0, held_at=None)
    queue.nudge_after_commit(RUN_TASK, pending_id=pending_id)


def sweep(*, now: datetime) -> int:
    """Nudge again every due reaction whose last nudge is older than half a minute; returns how many."""
    due = (
        PendingReaction.objects.filter(due_at__lte=now, held_at=None)
        .filter(Q(nudged_at=None) | Q(nudged_at__lt=now - NUDGE_AGAIN_AFTER) | Q(nudged_at__lt=F("due_at")))
        .order_by("due_at", "id")
        .values_list("pk", flat=True)[:SWEEP_SIZE]
    )
    ids = list(due)
    PendingReaction.objects.filter(pk__in=ids).update(nudged_at=now)
    for pending_id in ids:
        queue.nudge(RUN_TASK, pending_id=pending_id)
    return len(ids)


def bring_forward(*, task: str, now: datetime) -> int:
    """Make the reactions of a task that failed due now: what they failed on works again. Returns how many.

    The sweep nudges them, so that a thousand of them do not all start at once.
    """
    failed = PendingReaction.objects.filter(task=task, attempts__gt=0, due_at__gt=now)
    return failed.update(due_at=now)


def _keep_failure(reaction: PendingReaction, error: Exception, now: datetime) -> None:
    # A task may have left its transaction broken only inside its own atomic block, which has rolled back by now.
    attempts = reaction.attempts + 1
    logger.error("reaction %s failed (attempt %d)", reaction, attempts, exc_info=error)
    with transaction.atomic():
        PendingReaction.objects.filter(pk=reaction.pk).update(
            attempts=attempts,
            started_at=None,
            due_at=now + wait_before_retry(attempts),
            last_error="".join(traceback.format_exception(error))[-4000:],
        )
