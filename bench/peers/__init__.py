"""Other CODA readers, each in an environment of its own: two of them install a module of the same name.

They are installed here from their lock when the bench first needs them, and are no part of the project.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from django.conf import settings

FOLDER: Final = Path(__file__).parent
NAMES: Final = ("febelfin_coda", "pycoda", "codapy")


def python_of(name: str) -> str:
    """Return the interpreter of a peer's environment, building that when it is not there."""
    lock = FOLDER / f"{name}.lock"
    environment = Path(settings.DATA_DIR) / "bench-peers" / name
    python = environment / "bin" / "python"
    stamp = environment / "lock"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        options = ["--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
        subprocess.run([str(python), "-m", "pip", "install", *options, "-r", str(lock)], check=True)
        stamp.write_bytes(lock.read_bytes())
    return str(python)
