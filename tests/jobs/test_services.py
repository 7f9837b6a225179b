from datetime import datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.core.errors import IllegalTransition
from apps.events.models import Event
from apps.jobs import services
from apps.jobs.models import Job
from tests.factories import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(now: datetime) -> Job:
    return services.create_job(kind="test", content=b"x", parameters={}, actor="t", now=now)


def test_a_job_starts_once_counts_and_finishes(job: Job, now: datetime) -> None:
    for _ in range(2):
        services.start_job(job_uuid=job.uuid, total=3, actor="t", now=now)
    problem = services.LineProblem(2, "vat_invalid")
    services.report_progress(job_uuid=job.uuid, lines=2, problems=[problem], counts={"created": 1})
    services.report_progress(job_uuid=job.uuid, lines=1, problems=[], counts={"created": 1})
    done = services.finish_job(job_uuid=job.uuid, actor="t", now=now)

    assert (done.state, done.processed, done.problem_count, done.report) == ("done", 3, 1, {"created": 2})
    assert list(Event.objects.order_by("id").values_list("name", flat=True)) == [
        "test.created", "job.started", "job.finished",
    ]  # fmt: skip


def test_an_ended_job_cannot_be_cancelled_and_leaves_no_trace(job: Job, now: datetime) -> None:
    services.fail_job(job_uuid=job.uuid, error={"code": "x"}, actor="t", now=now)
    before = Event.objects.count()

    with pytest.raises(IllegalTransition):
        services.ask_cancel(job_uuid=job.uuid, actor="t", now=now)

    assert (Job.objects.get().cancel_asked_at, Event.objects.count()) == (None, before)


def test_staff_cancel_a_queued_job(job: Job) -> None:
    client = Client()
    client.force_login(registry.make_user("staff@example.be", is_staff=True))

    client.post(reverse("admin:jobs_job_changelist"), {"action": "cancel", "_selected_action": [job.pk]})

    job.refresh_from_db()
    assert job.state == "cancelled"


@pytest.mark.parametrize("changes", [{"state": "running"}, {"state": "done"}, {"processed": 1}])
def test_the_table_refuses_what_cannot_be(job: Job, changes: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.update(**changes)


def draft(now: datetime) -> Job:
    return services.draft_job(kind="test", content=b"x", parameters={"a": 1}, subject_uuid=uuid4(), actor="t", now=now)


def test_a_draft_starts_nothing_until_its_choices_are_made(now: datetime) -> None:
    kept = draft(now)
    before = list(Event.objects.values_list("name", flat=True))

    queued = services.queue_draft(job_uuid=kept.uuid, parameters={"b": 2}, actor="t", now=now)

    assert before == ["job.drafted"]
    assert (queued.state, queued.parameters) == ("queued", {"a": 1, "b": 2})
    assert Event.objects.filter(name="test.created", subject_uuid=kept.uuid).count() == 1
    with pytest.raises(IllegalTransition):
        services.queue_draft(job_uuid=kept.uuid, parameters={}, actor="t", now=now)


def test_a_draft_is_cancelled_at_once(now: datetime) -> None:
    dropped = services.ask_cancel(job_uuid=draft(now).uuid, actor="t", now=now)

    assert (dropped.state, dropped.finished_at) == ("cancelled", now)


def test_a_rehearsal_is_done_for_real_once_unless_that_was_cancelled(now: datetime) -> None:
    rehearsal = services.create_job(kind="test", content=b"x", parameters={"dry_run": True}, actor="t", now=now)
    services.start_job(job_uuid=rehearsal.uuid, total=0, actor="t", now=now)
    services.finish_job(job_uuid=rehearsal.uuid, actor="t", now=now)

    first, same = (services.run_for_real(job_uuid=rehearsal.uuid, actor="t", now=now) for _ in range(2))
    services.ask_cancel(job_uuid=first.uuid, actor="t", now=now)
    other = services.run_for_real(job_uuid=rehearsal.uuid, actor="t", now=now)

    assert first == same
    assert other != first
    assert first.parameters == other.parameters == {"dry_run": False}
