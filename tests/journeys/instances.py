"""A whole instance of the service, started by the launcher as a newcomer would; a plugin of the test run."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.journeys.tour import ROOT
from tests.support.databases import database_of_a_service

T = TypeVar("T")
# What the mail service's webhooks bring along.
WEBHOOK_SECRET = "hook:of the journeys"
ENGINES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
OURS = (
    *("SECRET_KEY", "TOKEN_KEY", "ENCRYPTION_KEY", "SELF_TEST_SIGNING_KEY", "SELF_TEST_PUBLIC_KEYS"),
    *("DATA_DIR", "PORT", "BASE_URL", "FEED_HISTORY_DAYS", "EMBEDDED"),
)


@dataclass(frozen=True)
class Instance:
    """A running service."""

    port: int
    data_dir: Path
    environment: Mapping[str, str]
    launcher: "subprocess.Popen[str]"

    @property
    def base(self) -> str:
        """Return the address of its pages."""
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a management command against it, from another terminal."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=dict(self.environment), capture_output=True, text=True, check=False, timeout=120
        )

    def demo(self) -> dict[str, Any]:
        """Return the demo world."""
        return dict(json.loads(self.manage("demo", "--json").stdout))

    def processes(self, word: str) -> list[int]:
        """Return the launcher's own children whose command line has a word."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                    command = (folder / "cmdline").read_bytes().decode().split("\0")
                except OSError:
                    continue
                if parent == self.launcher.pid and word in command:
                    found.append(int(folder.name))
        return found


def eventually(look: Callable[[], T], *, seconds: float = 60, every: float = 0.2) -> T:
    """Return what `look` finds as soon as it is true; fail when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {look}"
        time.sleep(every)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(base: str) -> bool:
    """Tell whether the service says it can do its work."""
    try:
        with urllib.request.urlopen(f"{base}/health/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def running_instance(
    data_dir: Path, *, without: tuple[str, ...] = (), variables: Mapping[str, str] | None = None
) -> Iterator[Instance]:
    """Start everything but the sandbox on a free port, wait until it is ready, and stop it in the end."""
    environment = {key: value for key, value in os.environ.items() if key not in {*OURS, *without}}
    port = free_port()
    environment |= {"DATA_DIR": str(data_dir), "PORT": str(port), "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment |= {"ANYMAIL_WEBHOOK_SECRET": WEBHOOK_SECRET, "SANDBOX_PORT": "0", **(variables or {})}
    log = (data_dir.parent / f"{data_dir.name}.log").open("w")
    launcher = subprocess.Popen(
        [sys.executable, "-m", "deploy.embedded", "run"], cwd=ROOT, env=environment, stdout=log, stderr=log, text=True
    )
    instance = Instance(port, data_dir, environment, launcher)
    try:
        eventually(lambda: is_ready(instance.base), seconds=180)
        yield instance
    finally:
        launcher.send_signal(signal.SIGTERM)
        launcher.wait(30)
        log.close()
        _remove_relocated(data_dir)


def _remove_relocated(data_dir: Path) -> None:
    """As root below a private folder the engines live elsewhere; nobody else would remove them."""
    pointer = data_dir / "relocated"
    if pointer.exists():
        shutil.rmtree(pointer.read_text().splitlines()[0], ignore_errors=True)


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Instance]:
    """Return a service on the servers that the test run was given, as in production."""
    with (
        database_of_a_service("journeys") as addresses,
        running_instance(tmp_path_factory.mktemp("given") / "data", variables=addresses) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def world(instance: Instance) -> dict[str, Any]:
    """Return the demo world of the service on the given servers."""
    return instance.demo()


@pytest.fixture(scope="session")
def embedded_instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """Return a service on embedded engines of its own, from an empty folder."""
    with running_instance(tmp_path_factory.mktemp("embedded") / "data", without=ENGINES) as running:
        yield running
