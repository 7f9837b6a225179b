from datetime import datetime

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
