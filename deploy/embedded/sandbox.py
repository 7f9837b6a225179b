"""`python -m deploy.embedded.sandbox web|worker|beat`: one process of the sandbox beside the service.

All wait for the service itself, which is ready no later because of them. The web process then migrates the sandbox and
loads its world; the others begin once it answers.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

from deploy.embedded import launcher

_STEPS = (["migrate", "--no-input"], ["demo"])
_PAUSE_SECONDS = 0.5


def main(role: str) -> None:
    """Become one of the three."""
    port = int(os.environ["SANDBOX_PORT"])
    data = Path(os.environ["DATA_DIR"]) / "sandbox"
    _wait_for(int(os.environ["PORT"]))
    if role == "web":
        for name in ("beat", "blobs", "mail"):
            (data / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        for step in _STEPS:
            subprocess.run([sys.executable, "manage.py", *step], check=True, stdout=subprocess.DEVNULL)
        command = launcher.web_command(port, workers=1)
    else:
        _wait_for(port)
        command = launcher.worker_command(concurrency=1) if role == "worker" else launcher.beat_command(data)
    os.execv(command[0], command)  # noqa: S606 # its own interpreter


def _wait_for(port: int) -> None:
    while not launcher.answers(port):
        time.sleep(_PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
