"""What an office sees of its imports of clients."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounting_offices.client_files import read_head
from apps.accounting_offices.client_rows import Column, list_columns
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.problems import NOTES, describe_group
from apps.accounting_offices.rules import CLIENT_IMPORT
from apps.accounting_offices.selectors import get_visible_office
from apps.blobs.selectors import read_bytes
from apps.jobs.models import Job
from apps.jobs.rules import FOR_REAL, JobState
from apps.jobs.selectors import ProblemGroup, describe_failure, get_job_for, list_jobs_to_show, list_problem_groups
from apps.users.models import User

OUTCOMES = ("created", "updated", "unchanged", "claimed", "refused")
LINES_SHOWN = 20
# How long a finished import with refused lines asks for attention.
ATTENTION_DAYS = 7


@dataclass(frozen=True, slots=True)
class ClientImport:
    """One import of an office, as its pages show it."""

    office: AccountingOffice
    job: Job

    @property
    def file_name(self) -> str:
        """Return what the file was called; nothing when it came by another way than the portal."""
        return str(self.job.parameters.get("file_name", ""))

    @property
    def is_rehearsal(self) -> bool:
        """Tell whether nothing of it is written; a draft would be rehearsed first."""
        return bool(self.job.parameters.get("dry_run", True))

    @property
    def is_underway(self) -> bool:
        """Tell whether it waits for the worker or is being worked on."""
        return self.job.state in {JobState.QUEUED, JobState.RUNNING}

    @property
    def is_stopping(self) -> bool:
        """Tell whether it stops after the lines that are being done."""
        return self.is_underway and self.job.cancel_asked_at is not None

    @property
    def failure(self) -> str:
        """Return why it failed, or an empty text."""
        return describe_failure(self.job)

    @property
    def for_real(self) -> UUID | None:
        """Return the import that did for real what this one rehearsed."""
        done = self.job.parameters.get(FOR_REAL)
        return UUID(done) if done else None

    @property
    def counts(self) -> dict[str, int]:
        """Return how many lines had each outcome, those with none included."""
        return {outcome: self.job.report.get(outcome, 0) for outcome in OUTCOMES}

    @property
    def imported(self) -> int:
        """Return how many lines are written, or would be."""
        return self.job.processed - self.counts["refused"]


@dataclass(frozen=True, slots=True)
class NamedGroup:
    """Lines with one problem: their name with the count, whether they are imported all the same, what is said of which.

    `more` is how many lines are left out.
    """

    code: str
    count: int
    title: str
    is_note: bool
    sentences: dict[str, list[int]]
    more: int


def get_client_import(*, viewer: User, office_uuid: UUID, job_uuid: UUID) -> ClientImport:
    """Return one import of an office of which the person is a member.

    :raises NotFound: for strangers, and for another office's import.
    """
    office = get_visible_office(viewer=viewer, office_uuid=office_uuid)
    return ClientImport(office, get_job_for(subject_uuid=office.uuid, kind=CLIENT_IMPORT, job_uuid=job_uuid))


def list_client_imports(*, office: AccountingOffice, newest: int) -> list[ClientImport]:
    """Return the newest imports of an office."""
    shown = list_jobs_to_show(subject_uuid=office.uuid, kind=CLIENT_IMPORT)
    return [ClientImport(office, job) for job in shown[:newest]]


def find_import_to_look_at(*, office: AccountingOffice, now: datetime) -> ClientImport | None:
    """Return the office's newest import when it waits for a person: its columns, its go-ahead, or its refused lines."""
    newest = next(iter(list_client_imports(office=office, newest=1)), None)
    if newest is None or newest.job.state == JobState.CANCELLED:
        return None
    job = newest.job
    if job.state != JobState.DONE or newest.is_rehearsal:
        return newest
    is_recent = job.finished_at is not None and now - job.finished_at < timedelta(days=ATTENTION_DAYS)
    return newest if is_recent and newest.counts["refused"] else None


def list_named_groups(client_import: ClientImport) -> list[NamedGroup]:
    """Return the problems of an import by kind: first what keeps a line out, and the most frequent first."""
    groups = list_problem_groups(job=client_import.job, shown=LINES_SHOWN)
    return sorted((_name(group) for group in groups), key=lambda group: group.is_note)


def _name(group: ProblemGroup) -> NamedGroup:
    sentences: dict[str, list[int]] = {}
    for line, sentence in group.lines:
        sentences.setdefault(sentence, []).append(line)
    return NamedGroup(
        code=group.code,
        count=group.count,
        title=describe_group(group.code, group.count),
        is_note=group.code in NOTES,
        sentences=sentences,
        more=group.count - len(group.lines),
    )


def read_columns(client_import: ClientImport) -> list[Column]:
    """Return the columns of an import's file.

    :raises FileUnreadable: when it is no table.
    """
    return list_columns(read_head(read_bytes(client_import.job.input)))
