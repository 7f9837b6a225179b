"""Running many pending reactions of one task at once, where the task has a way to: many cost little more than one.

A batch is a way to be quick, and never a reason to wait or to fail: what failed or was killed before runs alone, and
the reactions of a batch that fails run again one by one, so that the one at fault is found and the others are done.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q

from apps.core import locks
from apps.events.models import PendingReaction
from apps.events.rules import Batch
from apps.events.services import run_reaction, write_unhurried

logger = logging.getLogger(__name__)

# How many rows of the queue are looked at for each one wanted: those of other tasks lie between them.
_WINDOW: Final = 8
_FRESH: Final = Q(held_at=None, started_at=None, attempts=0, deaths=0)
_TAKE: Final = """
WITH near AS MATERIALIZED (
    SELECT id FROM (SELECT * FROM events_pendingreaction WHERE id >= %s ORDER BY id LIMIT %s) AS ahead
    WHERE task = %s AND due_at <= %s AND held_at IS NULL AND started_at IS NULL AND attempts = 0 AND deaths = 0
    ORDER BY id LIMIT %s
)
SELECT id FROM near WHERE pg_try_advisory_lock(%s, (id %% 2147483648)::integer)
"""
_GIVE_BACK: Final = "SELECT pg_advisory_unlock(%s, (id %% 2147483648)::integer) FROM unnest(%s::bigint[]) AS id"


def run_with_its_like(
    *,
    pending_id: int,
    run: Callable[[str, UUID], None],
    run_many: Callable[[str, Sequence[UUID]], None],
    now: datetime,
) -> int:
    """Run one pending reaction, and with it the next ones of its task when the task takes many; returns how many ran.

    `run` gets a task's name and the subject's uuid, `run_many` the name of the task for many and their uuids.
    """
    row = PendingReaction.objects.filter(pk=pending_id).values_list("task", "attempts", "deaths", "started_at").first()
    if row is None:
        # Somebody's batch took it along.
        return 0
    task, *past = row
    batch = settings.EVENT_BATCHES.get(task)
    if batch is None or any(past):
        return int(run_reaction(pending_id=pending_id, run=run, now=now))
    with _take(pending_id, task, batch, now) as pending:
        if pending_id not in pending:
            return 0
        if _run(batch, pending, run_many, now):
            return len(pending)
    return sum(run_reaction(pending_id=each, run=run, now=now) for each in pending)


def run_all_pending(
    *,
    run: Callable[[str, UUID], None],
    run_many: Callable[[str, Sequence[UUID]], None],
    now: datetime,
) -> int:
    """Run what is due, the consequences included, until nothing is due; returns how many ran."""
    ran = 0
    while due := list(
        PendingReaction.objects.filter(due_at__lte=now, held_at=None).order_by("id").values_list("pk", flat=True)[:100]
    ):
        done = sum(run_with_its_like(pending_id=pk, run=run, run_many=run_many, now=now) for pk in due)
        ran += done
        if not done:
            break
    return ran


@contextmanager
def _take(pending_id: int, task: str, batch: Batch, now: datetime) -> Iterator[dict[int, UUID]]:
    """Hold the locks of a reaction and of the next fresh ones of its task that are free; yields their subjects."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [pending_id, batch.most * _WINDOW, task, now, batch.most, locks.REACTIONS])
        held = [row[0] for row in cursor.fetchall()]
    try:
        # Read under the locks: some may have run between the look and the lock.
        rows = PendingReaction.objects.filter(_FRESH, pk__in=held).order_by("pk")
        yield dict(rows.values_list("pk", "event__subject_uuid"))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [locks.REACTIONS, held])


def _run(
    batch: Batch, pending: dict[int, UUID], run_many: Callable[[str, Sequence[UUID]], None], now: datetime
) -> bool:
    ids = list(pending)
    write_unhurried("UPDATE events_pendingreaction SET started_at = %s", "id = ANY(%s)", now, ids)
    try:
        run_many(batch.task, list(pending.values()))
    except Exception:  # whatever it is, the reaction at fault keeps it when it runs alone
        logger.warning("%d reactions run one by one, as %s failed", len(ids), batch.task, exc_info=True)
        PendingReaction.objects.filter(pk__in=ids).update(started_at=None)
        return False
    write_unhurried("DELETE FROM events_pendingreaction", "id = ANY(%s)", ids)
    return True
