"""Doorways to the services of accounting offices."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.accounting_offices import imports
from apps.core import clock
from apps.events.services import TryLater
from apps.jobs.services import JobBusy


@shared_task(name="accounting_offices.import_clients", acks_late=True)
def import_clients(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Import an office's list of clients, unless somebody does so at this moment: then look again later."""
    try:
        imports.run_client_import(job_uuid=UUID(subject_uuid), read_clock=clock.now)
    except JobBusy as error:
        raise TryLater from error
