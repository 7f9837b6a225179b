"""A reaction that takes its worker process along each time it runs: a real worker, really killed."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from celery import current_app
from django.conf import settings as project_settings
from django.db import transaction
from django.test import Client

from apps.core import clock
from apps.events import services
from apps.events.models import Event, PendingReaction
from apps.events.rules import WAITS_AFTER_DEATH
from tests.journeys.instances import eventually
from tests.journeys.tour import ROOT
from tests.support.tasks import TASK


@pytest.fixture
def deaths_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "deaths"
    folder.mkdir()
    (folder / "die").touch()
    return folder


@pytest.fixture
def worker(deaths_dir: Path, transactional_db: None) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a Celery worker of one process on the test's database."""
    current_app.control.purge()
    address = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_URL": address._replace(path=f"/{project_settings.DATABASES['default']['NAME']}").geturl(),
        "DEATHS_DIR": str(deaths_dir),
    }
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "-q", "worker", "--concurrency", "1"]
    with (deaths_dir / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    yield process
    process.kill()
    process.wait()


def after_deaths(times: int) -> Callable[[], PendingReaction | None]:
    return lambda: PendingReaction.objects.filter(deaths=times, started_at=None).first()


def test_a_reaction_that_kills_its_worker_waits_longer_and_longer_and_is_held_at_last(
    worker: "subprocess.Popen[bytes]", deaths_dir: Path, settings: object, client: Client
) -> None:
    settings.EVENT_REACTIONS = {"test.happened": (TASK,)}  # type: ignore[attr-defined]
    subject = uuid4()
    with transaction.atomic():
        services.record("test.happened", subject_uuid=subject, actor="t", now=clock.now())

    for deaths in range(2, len(WAITS_AFTER_DEATH) + 1):
        reaction = eventually(after_deaths(deaths))
        assert reaction
        assert reaction.held_at is None
        # The test's clock runs ahead: it does not wait for the minutes to pass.
        assert services.sweep(now=reaction.due_at - timedelta(seconds=1)) == 0
        assert services.sweep(now=reaction.due_at + timedelta(seconds=1)) == 1
    held = eventually(lambda: PendingReaction.objects.exclude(held_at=None).first())

    assert held
    assert (deaths_dir / str(subject)).read_text().count("started") == len(WAITS_AFTER_DEATH) + 1
    assert services.sweep(now=clock.now() + timedelta(days=30)) == 0
    assert client.get("/health/ready").json()["held_reactions"] == 1
    assert Event.objects.get(name="reaction.held").payload == {"task": TASK}

    (deaths_dir / "die").unlink()
    services.start_again(pending_id=held.pk, now=clock.now())
    eventually(lambda: not PendingReaction.objects.exists())
    assert (deaths_dir / "done").exists()
