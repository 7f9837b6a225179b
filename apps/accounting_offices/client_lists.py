"""The steps by which an office's list of clients is imported on screen: kept, its columns chosen, rehearsed, done."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounting_offices.client_rows import Mapping
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.rules import CLIENT_IMPORT
from apps.core.errors import NotFound
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.rules import JobState

LONGEST_FILE_NAME = 100


def keep_client_list(*, office_uuid: UUID, content: bytes, file_name: str, actor: str, now: datetime) -> Job:
    """Keep a list whose columns are still to be chosen.

    :raises NotFound: when there is no such office.
    """
    if not AccountingOffice.objects.filter(uuid=office_uuid).exists():
        raise NotFound
    parameters = {"office": str(office_uuid), "file_name": file_name[-LONGEST_FILE_NAME:], "mapping": {}}
    return jobs.draft_job(
        kind=CLIENT_IMPORT, content=content, parameters=parameters, subject_uuid=office_uuid, actor=actor, now=now
    )


@transaction.atomic
def rehearse_client_list(*, job_uuid: UUID, mapping: Mapping, actor: str, now: datetime) -> Job:
    """Queue a rehearsal of a kept list with the columns that were chosen; of one tried before, a new rehearsal.

    Sent twice with the same columns, it is the same rehearsal as long as that one has not ended.

    :raises NotFound: when there is no such list.
    """
    job = jobs.lock_job(job_uuid)
    choices = {"mapping": dict(mapping), "dry_run": True}
    if job.state == JobState.DRAFT:
        return jobs.queue_draft(job_uuid=job_uuid, parameters=choices, actor=actor, now=now)
    is_same = job.parameters["mapping"] == choices["mapping"] and job.parameters["dry_run"]
    if is_same and job.state in {JobState.QUEUED, JobState.RUNNING}:
        return job
    return jobs.repeat_job(job_uuid=job_uuid, parameters=choices, actor=actor, now=now)
