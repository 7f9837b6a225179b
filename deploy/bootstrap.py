"""Build `.venv` beside the Makefile from a lock, with nothing but Python and pip: `bootstrap.py run|dev`.

Safe to start twice at once (the second waits) and to kill at any point (the next call builds anew).
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".locks.json"
UNFINISHED = VENV / ".unfinished"


def say(text: str) -> None:
    """Print one line for the person who waits."""
    print(text, flush=True)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold `.venv.lock`: two builders of the same folder would destroy each other's work."""
    with (ROOT / ".venv.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another build of .venv is running: waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def lock_file(name: str) -> Path:
    """Return the lock of a kind of installation, `run` or `dev`."""
    return ROOT / "deploy" / "requirements" / f"{name}.lock"


def fingerprint(name: str) -> str:
    """Return what identifies a lock's content under this Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return hashlib.sha256(version.encode() + lock_file(name).read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """Return the fingerprints of the locks that are installed completely."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_usable() -> bool:
    """Tell whether `.venv` was built to the end once and its Python still starts."""
    if UNFINISHED.exists() or not PYTHON.exists():
        return False
    return subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False).returncode == 0


def has_pip(python: str) -> bool:
    """Tell whether an interpreter has pip."""
    return subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0


def create() -> None:
    """Create `.venv` anew, marked as unfinished."""
    say("Creating .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir(exist_ok=True)
    UNFINISHED.touch()
    # Some distributions ship ensurepip apart: the base's own pip then installs from outside.
    without_pip = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", *without_pip, str(VENV)], check=True)


def install(name: str) -> None:
    """Install a lock's packages, each checked against its hash."""
    say(f"Installing the packages of deploy/requirements/{name}.lock …")
    UNFINISHED.touch()
    STAMP.unlink(missing_ok=True)
    python = str(PYTHON)
    pip = [python, "-m", "pip"] if has_pip(python) else [sys.executable, "-m", "pip", "--python", python]
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    subprocess.run([*pip, "install", *options, "-r", str(lock_file(name))], check=True)
    # The development lock holds every package of the run lock at the same version.
    covered = ("run", "dev") if name == "dev" else ("run",)
    write_whole(STAMP, json.dumps({kind: fingerprint(kind) for kind in covered}))
    UNFINISHED.unlink()


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or the former one."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text)
    beside.replace(path)


def compile_catalogues() -> None:
    """Compile each translation catalogue that changed; the compiled one carries its source's time."""
    for source in sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po")):
        compiled, changed_at = source.with_suffix(".mo"), source.stat().st_mtime_ns
        if compiled.exists() and compiled.stat().st_mtime_ns == changed_at:
            continue
        say(f"Compiling {source.relative_to(ROOT)} …")
        beside = compiled.with_name("django.mo.new")
        options = ["-q", "compile", "-i", str(source), "-o", str(beside)]
        subprocess.run([str(PYTHON), "-m", "babel.messages.frontend", *options], check=True)
        os.utime(beside, ns=(changed_at, changed_at))
        beside.replace(compiled)


def build(name: str) -> None:
    """Bring `.venv` and the catalogues up to date."""
    started = time.monotonic()
    if not is_usable():
        create()
    if installed().get(name) != fingerprint(name):
        install(name)
        say(f"The packages are installed ({time.monotonic() - started:.0f} s).")
    compile_catalogues()


def main(arguments: list[str]) -> int:
    """Build what is asked for; one clear line when that fails."""
    if sys.version_info < (3, 11):  # noqa: UP036 # whoever starts it with an older Python must be told
        say(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=/path/to/python3.11 …")
        return 1
    if arguments not in (["run"], ["dev"]):
        say("Usage: bootstrap.py run|dev")
        return 2
    try:
        with one_at_a_time():
            build(arguments[0])
    except subprocess.CalledProcessError as error:
        say(f"The build of .venv failed: {Path(str(error.cmd[0])).name} ended with {error.returncode}; see above.")
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the next call goes on.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
