"""The doorway from the queue to the reactions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from celery import current_app, shared_task

from apps.core import clock
from apps.events import batches, services


def call_task(name: str, subject_uuid: UUID) -> None:
    """Run a task by its name in this process, with the subject of the event."""
    current_app.tasks[name](subject_uuid=str(subject_uuid))


def call_task_for_many(name: str, subject_uuids: Sequence[UUID]) -> None:
    """Run a task for many by its name in this process, with the subjects of the events."""
    current_app.tasks[name](subject_uuids=[str(uuid) for uuid in subject_uuids])


@shared_task(name="events.run_reaction", acks_late=True)
def run_reaction(*, pending_id: int, **_kwargs: Any) -> None:
    """Run one pending reaction, if nobody else has or does, with others of its kind that are due."""
    batches.run_with_its_like(pending_id=pending_id, run=call_task, run_many=call_task_for_many, now=clock.now())


@shared_task(name="events.sweep")
def sweep(**_kwargs: Any) -> None:
    """Nudge again what a lost message left behind."""
    services.sweep(now=clock.now())
