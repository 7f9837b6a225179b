"""Starting launchers and looking at what they leave: real processes, real servers, no Django."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
# A launcher under test must not see what the launcher of the test run has set.
_OF_THE_TEST_RUN = {
    *("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "BASE_URL", "PORT", "DATA_DIR", "EMBEDDED"),
    *("SECRET_KEY", "TOKEN_KEY", "ENCRYPTION_KEY", "SELF_TEST_SIGNING_KEY", "SELF_TEST_PUBLIC_KEYS"),
    *("FEED_HISTORY_DAYS", "DJANGO_SETTINGS_MODULE"),
}


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Wait until a condition holds, and fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"After {seconds} s still not: {what}."
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be collected does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def children(pid: int) -> list[int]:
    """Return the children of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def descendants(pid: int) -> list[int]:
    """Return the children of a process, their children, and so on."""
    return [other for child in children(pid) for other in (child, *descendants(child))]


def command_line(pid: int) -> str:
    """Return the command line of a process, empty when it is gone."""
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Launcher:
    """One `python -m deploy.embedded …` on a $DATA_DIR."""

    def __init__(
        self, data: Path, *arguments: str, port: int = 8000, checkout: Path = ROOT, prefix: tuple[str, ...] = ()
    ) -> None:
        environment = {name: text for name, text in os.environ.items() if name not in _OF_THE_TEST_RUN}
        self.data = data
        self.said_in = data.with_name(f"{data.name}.said")
        with self.said_in.open("wb") as said:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "deploy.embedded", *(arguments or ("engines",))],
                cwd=checkout,
                env={**environment, "SANDBOX_PORT": "0", "DATA_DIR": str(data), "PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self.said_in.read_text()

    @property
    def engines(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.data / "engines.json").read_text())
        return content

    def wait_until_ready(self) -> "Launcher":
        wait_until(lambda: (self.data / "engines.json").exists() or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, self.said
        return self

    def connect(self, url: str = "database_owner_url") -> "psycopg.Connection[tuple[Any, ...]]":
        return psycopg.connect(self.engines[url], autocommit=True)

    def interrupt(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    def kill(self) -> None:
        """Kill the launcher hard."""
        self.process.kill()
        self.process.wait()

    def clean_up(self) -> None:
        """End what a failed test left, and remove the folders of the engines."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(15)
        pointer = self.data / "relocated"
        if pointer.exists():
            shutil.rmtree(pointer.read_text().splitlines()[0], ignore_errors=True)
