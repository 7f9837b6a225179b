import os
import shutil
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.embedded import ports
from tests.deploy.launching import ROOT, Launcher, children, command_line, descendants, is_alive, wait_until

Start = Callable[..., Launcher]

_MANAGE = """
import sys
print("Portal of the demo" if sys.argv[1] == "demo" else "Applied")
"""
_WSGI = """
import signal
from deploy.embedded.lifeline import die_with_parent
die_with_parent(signal.SIGTERM)
def application(environ, start_response):
    start_response("404 Not Found", [])
    return [b""]
"""
_CELERY = """
import os, signal
from celery import Celery, signals
from deploy.embedded.lifeline import die_with_parent
app = Celery("stub", broker=os.environ["REDIS_URL"])
app.conf.worker_hijack_root_logger = False
@signals.worker_process_init.connect
def tie(**kwargs):
    die_with_parent(signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def checkout(open_folder: Path) -> Path:
    """A checkout with the launcher and the smallest application."""
    folder = open_folder / "checkout"
    shutil.copytree(ROOT / "deploy" / "embedded", folder / "deploy" / "embedded")
    (folder / "config").mkdir()
    for name, text in {
        "deploy/__init__.py": "",
        "manage.py": _MANAGE,
        "config/__init__.py": "",
        "config/wsgi.py": _WSGI,
        "config/celery.py": _CELERY,
    }.items():
        (folder / name).write_text(text)
    return folder


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2)
    except urllib.error.HTTPError as answer:
        answer.close()
        return True
    except OSError:
        return False
    return True


def _worker(launcher: Launcher) -> int | None:
    """Return the worker's process once its pool runs."""
    workers = [pid for pid in children(launcher.process.pid) if "worker --concurrency" in command_line(pid)]
    return workers[0] if workers and len(children(workers[0])) == 2 else None


def test_a_port_that_is_taken_is_refused_in_one_line_before_anything_starts(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        launcher = start(tmp_path / "var", "run", port=taken.getsockname()[1])
        assert launcher.process.wait(20) == 1
    assert launcher.said.count("\n") == 1
    assert "is in use" in launcher.said
    assert not (tmp_path / "var" / "postgres").exists()


def test_a_malformed_port_is_refused_in_one_line(start: Start, tmp_path: Path) -> None:
    launcher = start(tmp_path / "var", "run", port=70_000)
    assert launcher.process.wait(20) == 1
    assert launcher.said == "PORT='70000' is not a port: it must be a number from 1 to 65535.\n"


def test_everything_runs_heals_and_stops(start: Start, checkout: Path) -> None:
    port = ports.find_free()
    launcher = start(checkout / "var", "run", port=port, checkout=checkout)
    wait_until(lambda: "Ctrl-C stops everything" in launcher.said, "the block is shown", 60)
    assert _answers(port)
    assert "Portal of the demo" in launcher.said
    assert not [pid for pid in descendants(launcher.process.pid) if "sandbox" in command_line(pid)], "SANDBOX_PORT=0"
    assert f"http://127.0.0.1:{port} " in launcher.said

    wait_until(lambda: _worker(launcher) is not None, "the worker runs")
    killed = _worker(launcher)
    assert killed is not None
    pool = children(killed)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: _worker(launcher) not in {None, killed}, "the worker was started again")
    assert "worker | The process was ended by SIGKILL: starting it again in 1 s." in launcher.said
    assert not [pid for pid in pool if is_alive(pid)]

    started = descendants(launcher.process.pid)
    assert launcher.interrupt() == 0
    assert not [pid for pid in started if is_alive(pid)]
    assert not _answers(port)
    assert launcher.said.endswith("Everything is stopped.\n")


def test_a_killed_launcher_takes_every_process_along(start: Start, checkout: Path) -> None:
    port = ports.find_free()
    launcher = start(checkout / "var", "run", port=port, checkout=checkout)
    wait_until(lambda: _answers(port) and _worker(launcher) is not None, "web and worker run", 60)
    started = descendants(launcher.process.pid)

    launcher.kill()

    wait_until(lambda: not [pid for pid in started if is_alive(pid)], "all processes are gone", 10)
    assert not _answers(port)


def test_a_command_runs_on_engines_of_its_own_and_gives_its_exit_code(start: Start, checkout: Path) -> None:
    script = 'echo "$DATABASE_URL $DATA_DIR"; exit 3'
    launcher = start(checkout / "untouched", "exec", "--", "sh", "-c", script, checkout=checkout)

    assert launcher.process.wait(30) == 3
    database, data = launcher.said.split()
    assert database.startswith("postgresql://codabox_app:")
    assert not Path(data).exists()
    assert not (checkout / "untouched").exists()
