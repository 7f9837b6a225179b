"""Doorways to the services of bank files."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.core.cache import cache

from apps.core import clock
from apps.events.services import TryLater
from apps.jobs.rules import JobState
from apps.jobs.services import JobBusy
from apps.statements.inbox_folder import InboxFolder
from apps.statements.services import inbox, intake, routing, sources, uploads

logger = logging.getLogger(__name__)

# Then the worker turns to other work; the next look goes on.
INBOX_AT_ONCE: Final = timedelta(seconds=20)
INBOX_SAYS_AGAIN_SECONDS: Final = 300


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


@shared_task(name="statements.import_upload", acks_late=True)
def import_upload(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Import what staff uploaded; what takes longer than one go is gone on with later."""
    try:
        job = uploads.import_upload(job_uuid=UUID(subject_uuid), read_clock=clock.now)
    except JobBusy as error:
        raise TryLater from error
    if job.state == JobState.RUNNING:
        raise TryLater


@shared_task(name="statements.watch_inbox")
def watch_inbox(**_kwargs: Any) -> None:
    """Look into the inbox directory, where one is set, and import what is whole."""
    if not settings.CODA_INBOX:
        return
    folder = InboxFolder(Path(settings.CODA_INBOX))
    try:
        folder.prepare(is_made=settings.EMBEDDED)
        inbox.look_into_inbox(folder=folder, now=clock.now())
        inbox.import_from_inbox(folder=folder, read_clock=clock.now, until=clock.now() + INBOX_AT_ONCE)
    except OSError as error:
        # Every look would say the same.
        if cache.add("statements.inbox_away", 1, INBOX_SAYS_AGAIN_SECONDS):
            logger.error("The inbox %s cannot be worked on: %s", folder.root, error)


@shared_task(name="statements.import_coda_files", acks_late=True)
def import_coda_files(*, subject_uuids: Sequence[str], **_kwargs: Any) -> None:
    """Import banks' files that were received."""
    intake.import_coda_files(coda_file_uuids=[UUID(uuid) for uuid in subject_uuids], now=clock.now())


@shared_task(name="statements.route_statements", acks_late=True)
def route_statements(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Import the statements that waited for an account."""
    routing.route_statements(account_uuid=UUID(subject_uuid), now=clock.now())
