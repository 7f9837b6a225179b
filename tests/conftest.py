"""The test run: real PostgreSQL and Redis, the application's unprivileged role, a fixed clock where time matters."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from xdist.scheduler import LoadScopeScheduling

from tests.support.databases import TEMPLATE, connect_as_owner, copy_template, drop_database, lock_template

hypothesis_settings.register_profile("suite", deadline=None, max_examples=60, derandomize=True)
hypothesis_settings.register_profile("stress", deadline=None, max_examples=2000)
hypothesis_settings.load_profile("stress" if os.environ.get("STRESS") == "1" else "suite")

# Where the tests are that start services or engines of their own.
BROWSER = "tests/browser/"
SERVICES = ("tests/journeys/", "tests/deploy/", BROWSER)
# Those of them that ask nothing of the service on the given engines.
APART = (
    "tests/deploy/",
    *(f"tests/journeys/test_{name}" for name in ("readme", "guides", "merging", "deadlocks")),
    *(f"tests/journeys/test_killed_{name}" for name in ("coda", "import", "reactions")),
)
pytest_plugins = ["tests.journeys.instances", "tests.support.kept"]
NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


class OneServiceAtATime(LoadScopeScheduling):  # type: ignore[misc] # it comes without types
    """Hands out tests one by one, except those that run services, which begin first and stay in three processes.

    Those on the given engines share a database, the browser's have one of their own, and the others none with either.
    """

    def _split_scope(self, nodeid: str) -> str:
        for scope, places in ((BROWSER, BROWSER), ("apart", APART)):
            if nodeid.startswith(places):
                return scope
        return "services" if nodeid.startswith(SERVICES) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneServiceAtATime:
    """Return how tests are handed to processes; only a run in several asks."""
    return OneServiceAtATime(config, log)


@pytest.fixture
def now() -> datetime:
    """Return the instant at which a test takes place."""
    return NOW


@pytest.fixture(autouse=True)
def at_that_instant(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the clock of this process stand at `now`, and go on from there; a service in its own process has its own.

    Otherwise what a test makes would be a day older tomorrow, and one day too old.
    """
    if request.node.nodeid.startswith(SERVICES):
        yield
    else:
        with time_machine.travel(NOW, tick=True):
            yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """Create a database as the owner, migrated, and connect to it as the application.

    The first process of a run migrates, and the others copy.
    """
    name = f"test_codabox_{os.getpid()}"
    with django_db_blocker.unblock(), connect_as_owner() as owner:
        if not lock_template(owner):
            _migrate(owner, name)
            owner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (name, TEMPLATE))))
        copy_template(owner, name)
        _connect_to(name)
    yield
    with django_db_blocker.unblock(), connect_as_owner() as owner:
        connections["default"].close()
        drop_database(owner, name)
        lock_template(owner)
        drop_database(owner, TEMPLATE)


def _migrate(owner: psycopg.Connection[Any], name: str) -> None:
    owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _connect_to(name)
    call_command("migrate", verbosity=0, interactive=False)
    for alias in connections:
        connections[alias].close()


def _connect_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        settings.DATABASES[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    """Give each test its own blobs and mails."""
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.EMAIL_DIR = tmp_path / "mail"


@pytest.fixture
def refused() -> Callable[[str], None]:
    """Return a function that wants the database to refuse a statement of the application."""

    def execute(statement: str) -> None:
        with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    return execute


@pytest.fixture(scope="session")
def tasks() -> None:
    """Let Celery find the tasks, as a worker does when it starts."""
    current_app.loader.import_default_modules()


def react() -> int:
    """Do what the worker would: run every pending reaction and what follows from it."""
    from apps.events.batches import run_all_pending
    from apps.events.tasks import call_task, call_task_for_many

    later = datetime.now(UTC).replace(year=NOW.year + 5)
    return run_all_pending(run=call_task, run_many=call_task_for_many, now=later)


@pytest.fixture
def run_reactions(tasks: None) -> Callable[[], int]:
    """Return `react`, with the tasks that it runs."""
    return react
