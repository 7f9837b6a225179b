from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from apps.events import services
from apps.events.models import Event, PendingReaction
from apps.events.rules import LONGEST_WAIT, wait_before_retry
from apps.events.selectors import count_held_reactions

pytestmark = pytest.mark.django_db
Run = Callable[[str, UUID], None]


@pytest.fixture(autouse=True)
def two_tasks(settings: Any) -> None:
    """Wire one event to two tasks, whatever the project wires to it."""
    settings.EVENT_REACTIONS = {"statement.imported": ("reconciliation.match_statement", "delivery.fan_out_statement")}


def record(now: datetime) -> Event:
    with transaction.atomic():
        return services.record("statement.imported", subject_uuid=uuid4(), actor="t", now=now)


def test_an_event_brings_one_pending_reaction_for_each_task_that_is_wired_to_it(now: datetime) -> None:
    record(now)

    tasks = set(PendingReaction.objects.values_list("task", flat=True))
    assert tasks == {"reconciliation.match_statement", "delivery.fan_out_statement"}


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused(now: datetime) -> None:
    with pytest.raises(RuntimeError):
        services.record("company.registered", subject_uuid=uuid4(), actor="t", now=now)

    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE events_event SET actor = 'x'", "DELETE FROM events_event", "TRUNCATE events_event CASCADE"]
)
def test_the_application_cannot_change_the_trail(now: datetime, statement: str) -> None:
    record(now)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Event.objects.get().actor == "t"


def test_a_reaction_that_ran_is_gone_and_one_that_failed_waits_longer_each_time(now: datetime) -> None:
    record(now)
    ran: list[str] = []

    def run(task: str, _subject: UUID) -> None:
        ran.append(task)
        if task == "delivery.fan_out_statement":
            raise ValueError("out of order")

    for pending_id in PendingReaction.objects.order_by("id").values_list("pk", flat=True):
        services.run_reaction(pending_id=pending_id, run=run, now=now)

    left = PendingReaction.objects.get()
    assert ran == ["reconciliation.match_statement", "delivery.fan_out_statement"]
    assert (left.attempts, left.due_at) == (1, now + timedelta(seconds=5))
    assert "out of order" in left.last_error


def test_a_sweep_nudges_what_a_lost_message_left_behind_once_in_half_a_minute(now: datetime) -> None:
    record(now)

    assert services.sweep(now=now + timedelta(seconds=29)) == 0
    assert services.sweep(now=now + timedelta(seconds=31)) == 2
    assert services.sweep(now=now + timedelta(seconds=35)) == 0


def test_what_failed_is_brought_forward_and_nothing_else(now: datetime) -> None:
    record(now)
    failed, waiting = PendingReaction.objects.order_by("id")
    PendingReaction.objects.filter(pk=failed.pk).update(attempts=3, due_at=now + timedelta(hours=1))

    assert services.bring_forward(task=waiting.task, now=now) == 0
    assert services.bring_forward(task=failed.task, now=now) == 1

    assert set(PendingReaction.objects.values_list("due_at", "attempts")) == {(now, 3), (now, 0)}


def do_nothing(task: str, subject: UUID) -> None:
    """Run to the end."""


def kill_while_it_runs(pending_id: int, now: datetime) -> None:
    """Leave the row as a process leaves it that was killed in the middle; real ones are killed in the journeys."""

    def die(task: str, subject: UUID) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.run_reaction(pending_id=pending_id, run=die, now=now)


def test_the_start_of_a_run_is_written_before_it(now: datetime) -> None:
    record(now)
    pending = PendingReaction.objects.earliest("id")
    seen: list[datetime | None] = []

    def look(task: str, subject: UUID) -> None:
        seen.append(PendingReaction.objects.get(pk=pending.pk).started_at)
        raise services.TryLater

    services.run_reaction(pending_id=pending.pk, run=look, now=now)

    pending.refresh_from_db()
    assert seen == [now]
    assert (pending.started_at, pending.deaths, pending.attempts) == (None, 0, 0)


def test_a_killed_run_is_followed_at_once_then_later_and_later_and_held_at_last(now: datetime) -> None:
    record(now)
    pending = PendingReaction.objects.earliest("id")
    kill_while_it_runs(pending.pk, now)
    kill_while_it_runs(pending.pk, now)
    waits: list[timedelta] = []
    while not services.run_reaction(pending_id=pending.pk, run=do_nothing, now=now):
        pending.refresh_from_db()
        if pending.held_at:
            break
        waits.append(pending.due_at - now)
        kill_while_it_runs(pending.pk, now)

    assert waits == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10)]
    assert (pending.deaths, pending.held_at, pending.started_at) == (5, now, None)
    assert list(Event.objects.filter(name="reaction.held").values_list("payload__task", flat=True)) == [pending.task]
    assert services.sweep(now=now + timedelta(days=1)) == 1, "only the other task of the event"
    assert not services.run_reaction(pending_id=pending.pk, run=do_nothing, now=now + timedelta(days=1))


def test_staff_start_what_is_held_and_its_deaths_are_counted_anew(now: datetime) -> None:
    record(now)
    pending = PendingReaction.objects.earliest("id")
    PendingReaction.objects.filter(pk=pending.pk).update(deaths=5, held_at=now)
    assert count_held_reactions() == 1

    services.start_again(pending_id=pending.pk, now=now)

    pending.refresh_from_db()
    assert (pending.deaths, pending.held_at, count_held_reactions()) == (0, None, 0)
    assert services.run_reaction(pending_id=pending.pk, run=do_nothing, now=now)
    assert not PendingReaction.objects.filter(pk=pending.pk).exists()


def test_waits_double_up_to_an_hour() -> None:
    waits = [wait_before_retry(attempt) for attempt in range(1, 200)]

    assert waits[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
    assert max(waits) == waits[-1] == LONGEST_WAIT
