"""A task that takes its process along, as one does that wants more memory than there is."""

import os
import signal
from pathlib import Path

from celery import shared_task

TASK = "support.die_while_told"


@shared_task(name=TASK, acks_late=True)  # type: ignore[untyped-decorator] # Celery ships no types
def die_while_told(*, subject_uuid: str) -> None:
    """Write a line per start; end like the kernel's OOM killer would end it while the folder says so."""
    folder = Path(os.environ["DEATHS_DIR"])
    with (folder / subject_uuid).open("a") as file:
        file.write("started\n")
    if (folder / "die").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / "done").touch()
