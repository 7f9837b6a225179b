"""Many reactions of one task at once: quick, and none of them waits for, or fails with, another."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core import locks
from apps.events import services
from apps.events.batches import run_with_its_like
from apps.events.models import PendingReaction
from apps.events.rules import Batch

pytestmark = pytest.mark.django_db
ONE, MANY = "test.do_one", "test.do_many"


@pytest.fixture(autouse=True)
def wired(settings: Any) -> None:
    settings.EVENT_REACTIONS = {"test.happened": (ONE, "test.other")}
    settings.EVENT_BATCHES = {ONE: Batch(MANY, most=4)}


class Worker:
    """Runs a reaction as the worker does, and notes what was called with which subjects."""

    def __init__(self, now: datetime, bad: UUID | None = None, error: type[BaseException] = ValueError) -> None:
        self.now, self.bad, self.error = now, bad, error
        self.calls: list[tuple[str, list[UUID]]] = []

    def run(self, task: str, subject: UUID) -> None:
        self.run_many(task, [subject])

    def run_many(self, task: str, subjects: Sequence[UUID]) -> None:
        self.calls.append((task, list(subjects)))
        if self.bad in subjects:
            raise self.error("out of order")

    def take(self, pending: PendingReaction) -> int:
        return run_with_its_like(pending_id=pending.pk, run=self.run, run_many=self.run_many, now=self.now)


def record(now: datetime, count: int) -> list[UUID]:
    subjects = [uuid4() for _ in range(count)]
    with transaction.atomic():
        news = [services.News("test.happened", subject) for subject in subjects]
        services.record_many(news, actor="t", now=now)
    return subjects


def queue() -> list[PendingReaction]:
    return list(PendingReaction.objects.filter(task=ONE).order_by("id"))


def test_a_reaction_takes_the_next_ones_of_its_task_along_up_to_the_most(now: datetime) -> None:
    subjects, worker = record(now, 6), Worker(now)
    first, *_others, last = queue()

    assert worker.take(first) == 4
    assert worker.take(first) == 0, "somebody's batch took it along"
    assert worker.take(last) == 1

    assert worker.calls == [(MANY, subjects[:4]), (MANY, subjects[5:])]
    assert [row.event.subject_uuid for row in queue()] == subjects[4:5]
    assert PendingReaction.objects.filter(task="test.other").count() == 6


def test_a_task_without_a_batch_runs_alone(now: datetime) -> None:
    subjects, worker = record(now, 2), Worker(now)

    worker.take(PendingReaction.objects.filter(task="test.other").earliest("id"))

    assert worker.calls == [("test.other", subjects[:1])]


@pytest.mark.parametrize("error", [ValueError, services.TryLater])
def test_one_that_fails_keeps_its_failure_and_the_others_are_done(now: datetime, error: type[Exception]) -> None:
    subjects = record(now, 3)
    worker = Worker(now, bad=subjects[1], error=error)

    assert worker.take(queue()[0]) == 2

    assert worker.calls == [(MANY, subjects), *((ONE, [subject]) for subject in subjects)]
    (left,) = queue()
    assert (left.event.subject_uuid, left.started_at) == (subjects[1], None)
    assert left.attempts == (1 if error is ValueError else 0)
    assert left.due_at > now


def test_what_failed_before_runs_alone(now: datetime) -> None:
    subjects, worker = record(now, 3), Worker(now)
    first, second, _third = queue()
    PendingReaction.objects.filter(pk=second.pk).update(attempts=1)

    assert (worker.take(first), worker.take(second)) == (2, 1)

    assert worker.calls == [(MANY, [subjects[0], subjects[2]]), (ONE, [subjects[1]])]


def test_a_batch_that_was_killed_is_taken_up_one_by_one_and_each_counts_a_death(now: datetime) -> None:
    subjects = record(now, 3)
    killed = Worker(now, bad=subjects[2], error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        killed.take(queue()[0])
    assert {row.started_at for row in queue()} == {now}

    worker = Worker(now + timedelta(seconds=1))
    assert [worker.take(row) for row in queue()] == [1, 1, 1]

    assert worker.calls == [(ONE, [subject]) for subject in subjects]
    assert not queue()


def test_what_is_not_due_or_held_stays(now: datetime) -> None:
    subjects, worker = record(now, 4), Worker(now)
    first, later, held, _last = queue()
    PendingReaction.objects.filter(pk=later.pk).update(due_at=now + timedelta(seconds=1))
    PendingReaction.objects.filter(pk=held.pk).update(held_at=now)

    assert worker.take(first) == 2

    assert worker.calls == [(MANY, [subjects[0], subjects[3]])]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_what_another_worker_runs_is_left_to_it(now: datetime) -> None:
    subjects, worker = record(now, 3), Worker(now)
    first, second, _third = queue()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks.REACTIONS, second.pk])
        assert worker.take(first) == 2
        assert worker.take(second) == 0
    finally:
        other.close()

    assert worker.calls == [(MANY, [subjects[0], subjects[2]])]
    assert [row.pk for row in queue()] == [second.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_a_batch_costs_no_statement_a_reaction(now: datetime) -> None:
    counts = []
    for count in (1, 4):
        record(now, count)
        with CaptureQueriesContext(connection) as queries:
            assert Worker(now).take(queue()[0]) == count
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 7, counts


def test_one_message_is_sent_for_each_batch(now: datetime, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        record(now, 6)

    assert len(callbacks) == 6 + 2, "one for each of the other task, two for the batches of four"
