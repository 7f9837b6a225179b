"""The Celery application. PostgreSQL is the truth; what travels here are nudges that may get lost."""

import os
import signal
from typing import Any

from celery import Celery, signals

from apps.core.collector import look_less_often

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("codabox")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_process_init.connect  # type: ignore[untyped-decorator] # Celery ships no types
def _die_with_the_worker(**_kwargs: Any) -> None:
    """A pool child must not outlive a killed main process in the embedded default."""
    if os.environ.get("EMBEDDED") == "1":
        from deploy.embedded.lifeline import die_with_parent  # noqa: PLC0415 # production has no launcher

        die_with_parent(signal.SIGKILL)


@signals.worker_process_init.connect  # type: ignore[untyped-decorator] # Celery ships no types
def _spare_the_collector(**_kwargs: Any) -> None:
    look_less_often()


@signals.worker_ready.connect  # type: ignore[untyped-decorator] # Celery ships no types
def _show_a_sign_of_life(**_kwargs: Any) -> None:
    """Let a worker that has just started be seen at once, not only after the first beat and what waits before it."""
    from apps.core.tasks import beat_heart  # noqa: PLC0415 # the settings are not read yet when this module is imported

    beat_heart()
