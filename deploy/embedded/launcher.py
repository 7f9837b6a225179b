"""What `python -m deploy.embedded` does: run the application, only the engines, the tests, or one command."""

import http.client
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded import engines, folders, patience, ports, processes, supervisor
from deploy.embedded.engines import Engines
from deploy.embedded.folders import EmbeddedError
from deploy.embedded.patience import StopSignals
from deploy.embedded.supervisor import Service, Supervisor, say

_PROBE_SECONDS = 0.3
# By then a slow machine has answered; what the demo said must not stay unseen.
_LIVE_SECONDS = 60.0
_LINE = "-" * 78
# Idle connections are never closed by the web process: a thousand kept open must leave room for others.
_CONNECTIONS, _OTHER_FILES = 2000, 200


def run(stop: StopSignals) -> int:
    """Run engines, web, worker and beat until someone asks to stop."""
    began, data, port = time.monotonic(), _data(), _port()
    with engines.only_one(data) as lock:
        ports.require_free(port)
        say(f"Starting the engines (DATA_DIR={data}) …")
        with engines.running(data, lock, stop, port=port) as these:
            environment = _variables(these)
            say("Migrating the database …")
            _manage(["migrate", "--no-input"], these, environment, stop)
            say("Loading the demo, unless it is there …")
            demo = _manage(["demo"], these, environment, stop)
            ports.require_free(port)
            sandbox = _sandbox_services(environment)
            arrival = Arrival(
                port,
                demo,
                began,
                inbox=os.environ.get("CODA_INBOX") or str(data / "coda-inbox"),
                sandbox=environment["SANDBOX_BASE_URL"] if sandbox else "",
            )
            services = Supervisor([*_services(data, port), *sandbox], environment, these.log, stop)
            services.serve(ticks=(lambda: these.keep_alive(stop), arrival.watch))
            say("Stopping the engines …")
    say("Everything is stopped.")
    return 0


def only_engines(stop: StopSignals) -> int:
    """Run nothing but the engines: for servers started by hand."""
    data, port = _data(), _port()
    with engines.only_one(data) as lock, engines.running(data, lock, stop, port=port) as these:
        say(f"The engines run; their addresses are in {folders.engines_path(data)}. Ctrl-C stops them.")
        while not patience.wait_for(lambda: stop.requested, 0.2):
            these.keep_alive(stop)
    say("Everything is stopped.")
    return 0


def test(arguments: list[str], stop: StopSignals) -> int:
    """Run pytest on engines of its own; return its exit code.

    The whole suite runs in two processes more than there are cores: two of them mostly wait for services.
    """
    arguments = arguments or [f"--numprocesses={(os.cpu_count() or 1) + 2}", "--dist=loadscope"]
    # A crash of the machine may lose what a test wrote: nobody looks at it again.
    with _temporary_engines(stop, {"synchronous_commit": "off"}) as (_, environment):
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings_test"
        # The tests start our programs a hundred times: what is compiled is kept, whatever the caller's habit.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        return supervisor.run_in_front([sys.executable, "-m", "pytest", *arguments], environment, stop)


def execute(command: list[str], stop: StopSignals) -> int:
    """Run a command on migrated engines of its own; return its exit code."""
    with _temporary_engines(stop, {}) as (these, environment):
        _manage(["migrate", "--no-input"], these, environment, stop)
        return supervisor.run_in_front(command, environment, stop)


def answers(port: int) -> bool:
    """Tell whether a web process of ours answers on a port."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health/live")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


class Arrival:
    """Waits for the first answer of the web process, then shows how to use what runs."""

    def __init__(self, port: int, demo: str, began: float, *, inbox: str, sandbox: str) -> None:
        self._port = port
        self._sandbox = sandbox
        self._inbox = inbox
        self._demo = demo.strip()
        self._began = began
        self._probe_at = 0.0
        self._is_done = False

    def watch(self) -> None:
        """Look now and then; show the block once."""
        now = time.monotonic()
        if self._is_done or now < self._probe_at:
            return
        self._probe_at = now + _PROBE_SECONDS
        if answers(self._port) or now > self._began + _LIVE_SECONDS:
            self._is_done = True
            self._show(now - self._began)

    def _show(self, seconds: float) -> None:
        url = os.environ.get("BASE_URL") or f"http://127.0.0.1:{self._port}"
        inbox = f"Bank files (CODA, ZIP, gzip) put into {self._inbox} are imported."
        if self._sandbox:
            inbox += f"\nThe sandbox, which makes itself ready meanwhile: {self._sandbox}"
            inbox += f"\nA key there for a software of your own: {self._sandbox}/developers/register/"
        ready = f"{url}   (ready after {seconds:.0f} s)\nCtrl-C stops everything"
        say(f"\n{_LINE}\n{self._demo}\n\n{inbox}\n\n{ready}\n{_LINE}\n")


def _services(data: Path, port: int) -> list[Service]:
    return [
        Service(name="web", command=web_command(port, workers=2)),
        Service(name="worker", command=worker_command(concurrency=2)),
        Service(name="beat", command=beat_command(data)),
    ]


def _sandbox_services(environment: Mapping[str, str]) -> list[Service]:
    """Return what serves the sandbox, which makes itself ready while the rest runs; none where it is off."""
    port = environment.get("SANDBOX_PORT", "")
    if not port:
        return []
    if not ports.is_free(int(port)):
        say(f"Port {port} is in use, so there is no sandbox: SANDBOX_PORT chooses another, SANDBOX_PORT=0 none.")
        return []
    command = [sys.executable, "-m", "deploy.embedded.sandbox"]
    return [
        Service(name=f"sandbox-{name}", command=[*command, name], environment={"SANDBOX": "1"})
        for name in ("web", "worker", "beat")
    ]


def web_command(port: int, *, workers: int) -> list[str]:
    """Return what serves the pages and the API."""
    web = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--blocking-threads",
        "2",
        # A worker's open connections, idle ones included; beyond them it accepts no more.
        "--backpressure",
        str(min(_CONNECTIONS, processes.allow_open_files(2 * _CONNECTIONS) - _OTHER_FILES)),
    ]
    watchful = ["--no-ws", "--log-level", "warning", "--respawn-failed-workers", "--workers-kill-timeout", "5"]
    return [sys.executable, "-m", "granian", *web, *watchful, "config.wsgi:application"]


def worker_command(*, concurrency: int) -> list[str]:
    """Return what runs the tasks."""
    options = ["--concurrency", str(concurrency), "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return [*_celery(), "worker", *options]


def beat_command(data: Path) -> list[str]:
    """Return what starts the tasks that are due by the clock."""
    return [*_celery(), "beat", "-s", str(data / "beat" / "schedule"), "--pidfile=", "--loglevel", "WARNING"]


def _celery() -> list[str]:
    # Root in a container is told at length what it knows.
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    return [sys.executable, *quiet, "-m", "celery", "-A", "config.celery", "-q"]


def _manage(arguments: list[str], these: Engines, environment: Mapping[str, str], stop: StopSignals) -> str:
    """Run a management command; return what it said, or show it when it fails."""
    command = [sys.executable, "manage.py", *arguments]
    code, said = supervisor.run_step(command, environment, these.log(arguments[0]), stop)
    if code != 0:
        say(said.rstrip())
        raise EmbeddedError(f"manage.py {arguments[0]} ended with {code}; see above.")
    return said


@contextmanager
def _temporary_engines(
    stop: StopSignals, postgres_settings: dict[str, str]
) -> Iterator[tuple[Engines, dict[str, str]]]:
    """Run engines in a temporary folder, removed afterwards; $DATA_DIR is never touched."""
    data = Path(tempfile.mkdtemp(prefix="codabox-")).resolve()
    if os.geteuid() == 0:
        data.chmod(0o711)
    try:
        with (
            engines.only_one(data) as lock,
            engines.running(
                data, lock, stop, port=ports.find_free(), postgres_settings=postgres_settings, is_kept=False
            ) as these,
        ):
            yield these, _variables(these)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _variables(these: Engines) -> dict[str, str]:
    return {**os.environ, **these.environment(), "PYTHONUNBUFFERED": "1"}


def _data() -> Path:
    return folders.data_folder(os.environ.get("DATA_DIR") or "var")


def _port() -> int:
    return ports.read_port(os.environ.get("PORT") or "8000")
