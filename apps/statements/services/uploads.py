"""Banks' files that staff upload: kept whole, then imported as a job, one bank's file after the other.

How far it is follows from the files that are finished: whoever takes over from a killed worker counts none twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.blobs.services import store_file
from apps.core.errors import DomainError
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.rules import JobState
from apps.statements.models import CodaFile
from apps.statements.rules import CODA_UPLOAD, Source
from apps.statements.services.sources import count_members, hold_source_file, import_next, record_source_file

# As many as Django reads from one form.
MOST_FILES: Final = 100
MOST_BYTES: Final = 200_000_000
# Well within the time limit of a task; the next go follows at once.
LONGEST_GO: Final = timedelta(minutes=5)


class TooManyFiles(DomainError):
    """More files than are taken in one upload."""

    code = "too_many_files"
    sentence = _("At most %(most)s files are taken at once. Upload fewer at a time, or pack them as a ZIP.")


class UploadTooLarge(DomainError):
    """More bytes than are taken in one upload."""

    code = "upload_too_large"
    sentence = _("At most %(most)s MB are taken at once. Upload fewer files at a time, or pack them as a ZIP.")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of an upload: its name, its size in bytes, and the bytes to be read."""

    name: str
    size: int
    stream: IO[bytes]


def check_upload(*, count: int, size: int) -> None:
    """Refuse an upload of so many files, or bytes together, that it is not taken.

    :raises TooManyFiles: when there are more than `MOST_FILES`.
    :raises UploadTooLarge: when they are larger together than `MOST_BYTES`.
    """
    if count > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    if size > MOST_BYTES:
        raise UploadTooLarge(most=MOST_BYTES // 1_000_000)


def receive_upload(*, files: Sequence[Upload], actor: str, now: datetime) -> Job:
    """Keep files, of which there is at least one, and queue their import.

    All bytes are on disk before the job and its files are there, which is at once: a crash leaves no half upload.

    :raises TooManyFiles: as `check_upload`; nothing was kept.
    :raises UploadTooLarge: likewise.
    :raises StorageUnavailable: when the bytes cannot be kept; there is no job.
    """
    check_upload(count=len(files), size=sum(file.size for file in files))
    expected = sum(count_members(file.stream, name=file.name) for file in files)
    blobs = [store_file(file.stream, now=now) for file in files]
    with transaction.atomic():
        job = jobs.queue_job(kind=CODA_UPLOAD, blob=blobs[0], parameters={"coda_files": expected}, actor=actor, now=now)
        for file, blob in zip(files, blobs, strict=True):
            record_source_file(blob=blob, name=file.name, source=Source.UPLOAD, job=job, actor=actor, now=now)
    return job


def import_upload(*, job_uuid: UUID, read_clock: Callable[[], datetime]) -> Job:
    """Import an upload's files, or go on where it was left; an ended job is returned as it is.

    A cancel is honoured between two banks' files; what was imported stays. After some minutes the job is returned as
    it stands, `running`: the next go does the rest.

    :raises NotFound: when there is no such job.
    :raises JobBusy: when somebody else works on it.
    """
    with jobs.hold_job(job_uuid=job_uuid) as held:
        if held.state not in {JobState.QUEUED, JobState.RUNNING}:
            return held
        began = read_clock()
        job = jobs.start_job(job_uuid=job_uuid, total=held.parameters["coda_files"], actor=held.actor, now=began)
        # One may have been finished by somebody who was killed before counting it.
        finished = CodaFile.objects.filter(source_file__job=job).exclude(finished_at=None).count()
        job = _count(job, finished - job.processed, began)
        for source_file in job.source_files.filter(finished_at=None).order_by("id"):
            if job.state != JobState.RUNNING:
                return job
            with hold_source_file(source_file_uuid=source_file.uuid, is_patient=True) as mine:
                for _imported in import_next(mine, read_clock):
                    now = read_clock()
                    job = _count(job, 1, now)
                    if job.state != JobState.RUNNING or now - began >= LONGEST_GO:
                        return job
        return jobs.finish_job(job_uuid=job_uuid, actor=held.actor, now=read_clock())


@transaction.atomic
def _count(job: Job, files: int, now: datetime) -> Job:
    """Count files that are finished; stop when that was asked and some are left."""
    job = jobs.report_progress(job_uuid=job.uuid, lines=files, problems=(), counts={})
    if job.cancel_asked_at and job.processed < job.total:
        return jobs.cancel_job(job_uuid=job.uuid, actor=job.actor, now=now)
    return job
