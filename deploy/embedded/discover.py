"""How `manage.py` in another terminal finds the engines of a running launcher. Imports nothing heavy."""

import os
from pathlib import Path

from deploy.embedded import folders


class NoEnginesRunning(Exception):
    """No launcher runs for this $DATA_DIR."""


# What describes the launcher itself; everything else yields to what the caller's environment says.
_FIXED = ("DATA_DIR", "EMBEDDED")


def environment(data_dir: str | Path) -> dict[str, str]:
    """Return the variables that a launcher gave to its own processes.

    :raises NoEnginesRunning: when none runs for this folder.
    """
    data = folders.data_folder(data_dir)
    absent = NoEnginesRunning(
        f"No engines are running for DATA_DIR={data_dir}: start `make run` in another terminal, "
        "or set DATABASE_URL and REDIS_URL."
    )
    try:
        if not _is_held(folders.lock_path(data)):
            raise absent
        variables = folders.read_json(folders.engines_path(data)).get("environment")
    except (OSError, folders.EmbeddedError) as error:
        raise NoEnginesRunning(f"{absent} ({error})") from error
    if not isinstance(variables, dict):
        raise absent
    return {name: text for name, text in variables.items() if name in _FIXED or not os.environ.get(name)}


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    descriptor = folders.open_lock(lock)
    try:
        return not folders.take_lock(descriptor)
    finally:
        os.close(descriptor)
