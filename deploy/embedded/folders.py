"""Where things are: the checkout, $DATA_DIR, the lock that makes a launcher the only one, files kept private."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


class EmbeddedError(Exception):
    """The launcher cannot go on; its text is the one line that a person reads."""


def data_folder(data_dir: str | Path) -> Path:
    """Return $DATA_DIR as an absolute path; a relative one is meant from the checkout."""
    return (ROOT / Path(data_dir).expanduser()).resolve()


def lock_path(data: Path) -> Path:
    """Return the file whose lock a running launcher holds."""
    return data / "launcher.lock"


def engines_path(data: Path) -> Path:
    """Return the file in which a running launcher says what it runs."""
    return data / "engines.json"


def create_private(folder: Path, mode: int = 0o700) -> Path:
    """Create a folder with a mode that does not depend on the umask; leave an existing one alone."""
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(mode)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, all of it or nothing."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object, empty when there is no file.

    :raises EmbeddedError: when it is not ours to read, or no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EmbeddedError(f"{path} cannot be read: {error}.") from error
    if not isinstance(content, dict):
        raise EmbeddedError(f"{path} holds no JSON object.")
    return content


def open_lock(path: Path, *, create: bool = False) -> int:
    """Open a lock file; programs that are started do not inherit it."""
    return os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600)


def take_lock(descriptor: int) -> bool:
    """Try to become the only holder."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
