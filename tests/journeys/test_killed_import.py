"""Thousands of clients, imported by a process that is killed on the way."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project_settings
from django.db.models import Count

from apps.accounting_offices.models import ClientLink
from apps.companies.models import Company, ContactEmail
from apps.events.models import Event
from apps.jobs.models import Job
from tests.factories import registry
from tests.journeys.instances import eventually
from tests.journeys.tour import ROOT

# Many times what is imported at once.
LINES, EVERY = (20_000 if os.environ.get("STRESS") == "1" else 8_000), 500


def start(*arguments: str) -> "subprocess.Popen[bytes]":
    address = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_URL": address._replace(path=f"/{project_settings.DATABASES['default']['NAME']}").geturl(),
        "BLOB_DIR": str(project_settings.BLOB_DIR),
    }
    command = [sys.executable, "manage.py", "import_clients", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(process: "subprocess.Popen[bytes]", *, processed: int) -> Job:
    def look() -> Job | None:
        assert process.poll() is None, process.communicate()
        return Job.objects.filter(processed__gte=processed).first()

    job = eventually(look, seconds=300)
    assert job
    return job


def make_list(path: Path) -> None:
    """Write a list of which every five hundredth line is wrong."""
    lines = [
        f"{registry.enterprise_number()};Zaak {row};klant{row}@example.be" if row % EVERY else "0123456789;Fout;"
        for row in range(LINES)
    ]
    path.write_text("\n".join(["btw;naam;e-mail", *lines]))


@pytest.mark.django_db(transaction=True)
def test_killed_twice_and_resumed_every_client_is_there_once(now: datetime, tmp_path: Path) -> None:
    office = registry.make_office(now)
    make_list(tmp_path / "list.csv")

    first = start(office.enterprise_number, str(tmp_path / "list.csv"))
    job = wait_for(first, processed=LINES * 3 // 20)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second = start("--resume", str(job.uuid))
    wait_for(second, processed=LINES * 9 // 20)
    second.send_signal(signal.SIGKILL)
    second.communicate()
    job.refresh_from_db()
    assert job.processed < LINES, "killed before its end"
    third = start("--resume", str(job.uuid))
    said, complained = third.communicate(timeout=300)

    good = LINES - LINES // EVERY
    job.refresh_from_db()
    assert third.returncode == 1, complained.decode()
    assert said.decode().splitlines()[-1] == f"done: {LINES} of {LINES} lines; created {good}, refused {LINES // EVERY}"
    assert (job.state, job.processed, job.total, job.problem_count) == ("done", LINES, LINES, LINES // EVERY)
    assert job.report == {"created": good, "refused": LINES // EVERY}
    assert [model.objects.count() for model in (Company, ContactEmail, ClientLink)] == [good] * 3
    assert ClientLink.objects.filter(office=office, state="current").count() == good
    assert job.problems.values("line").distinct().count() == LINES // EVERY
    told = Event.objects.filter(company_uuid__isnull=False).values("name").annotate(times=Count("id"))
    assert {row["name"]: row["times"] for row in told} == dict.fromkeys(
        ("company.registered", "company.contact_changed", "client_link.started"), good
    )
