"""The doorway from the queue to the reactions."""

from typing import Any
from uuid import UUID

from celery import current_app, shared_task

from apps.core import clock
from apps.events import services


def call_task(name: str, subject_uuid: UUID) -> None:
    """Run a task by its name in this process, with the subject of the event."""
    current_app.tasks[name](subject_uuid=str(subject_uuid))


@shared_task(name="events.run_reaction", acks_late=True)
def run_reaction(*, pending_id: int, **_kwargs: Any) -> None:
    """Run one pending reaction, if nobody else has or does."""
    services.run_reaction(pending_id=pending_id, run=call_task, now=clock.now())


@shared_task(name="events.sweep")
def sweep(**_kwargs: Any) -> None:
    """Nudge again what a lost message left behind."""
    services.sweep(now=clock.now())
