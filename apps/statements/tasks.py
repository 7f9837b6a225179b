"""Doorways to the services of bank files."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.core import clock
from apps.events.services import TryLater
from apps.statements.services import intake, sources


@shared_task(name="statements.import_coda_file", acks_late=True)
def import_coda_file(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Import a bank's file that was received."""
    intake.import_coda_file(coda_file_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="statements.import_source_file", acks_late=True)
def import_source_file(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Import what a command did not, unless somebody does so at this moment: then look again later."""
    try:
        sources.import_source_file(source_file_uuid=UUID(subject_uuid), read_clock=clock.now)
    except sources.SourceFileBusy as error:
        raise TryLater from error
