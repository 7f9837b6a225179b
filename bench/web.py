"""The web server as the embedded default starts it, on a free port, and loads put on it by another process."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.databases import address_of
from deploy.embedded import ports, processes

CONNECTIONS: Final = 4
_ROOT: Final = Path(__file__).parent.parent
_READY_SECONDS: Final = 60.0
_LONGEST_LOAD_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many requests over a few kept connections, spread over paths; with a document they are uploads.

    `first` numbers the uploads, so that no two of a run are the same.
    """

    headers: dict[str, str]
    paths: Sequence[str]
    requests: int
    document: str = ""
    pdf: str = ""
    first: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What a load took: in all, and request by request."""

    seconds: float
    latencies: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server."""

    port: int

    def answer(self, load: Load) -> Answered:
        """Put a load on the server from a process of its own.

        :raises RuntimeError: when an answer was not a success.
        """
        plan: dict[str, Any] = {"port": self.port, "connections": CONNECTIONS, **asdict(load)}
        ended = subprocess.run(
            [sys.executable, "-m", "bench.client"],
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            cwd=_ROOT,
            check=False,
            timeout=_LONGEST_LOAD_SECONDS,
        )
        if ended.returncode != 0:
            raise RuntimeError(f"A load failed: {ended.stderr.strip()[-2000:]}")
        result = json.loads(ended.stdout)
        return Answered(result["seconds"], result["latencies"])


@contextmanager
def serving(database: str, log: Path) -> Iterator[Server]:
    """Run a web server on a database of this run."""
    port = ports.find_free()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", "2", "--blocking-threads", "2", "--no-ws", "--log-level", "warning"]
    environment = {**os.environ, "DATABASE_URL": address_of(database), "DJANGO_SETTINGS_MODULE": "bench.settings"}
    with log.open("ab") as output:
        process = processes.start(
            [*command, "config.wsgi:application"],
            environment=environment,
            folder=_ROOT,
            output=output,
            death_signal=signal.SIGKILL,
        )
    try:
        _wait_until_ready(process, port, log)
        yield Server(port)
    finally:
        processes.stop(process, ((signal.SIGTERM, 10.0), (signal.SIGKILL, 2.0)))


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The web server did not start: {log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
