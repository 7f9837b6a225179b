"""Moving jobs, and saving their progress."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.blobs.models import Blob
from apps.blobs.services import store_bytes
from apps.core import locks
from apps.core.errors import DomainError, NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.jobs.models import Job, JobProblem
from apps.jobs.rules import FOR_REAL, JOB_TRANSITIONS, JobState

_Item = TypeVar("_Item")


class JobBusy(DomainError):
    """Somebody else works on the job at this moment."""

    code = "job_busy"
    sentence = _("This is being worked on already.")


class NotADryRun(DomainError):
    """Only a dry run that is done can be run for real."""

    code = "not_a_dry_run"
    sentence = _("Only a rehearsal that is done can be run for real.")


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A problem of one line, to be kept."""

    line: int
    code: str
    params: dict[str, Any] = field(default_factory=dict)


def create_job(
    *,
    kind: str,
    content: bytes,
    parameters: dict[str, Any],
    actor: str,
    now: datetime,
    subject_uuid: UUID | None = None,
) -> Job:
    """Keep the file and queue work on it; the event `<kind>.created` starts it in the worker."""
    blob = store_bytes(content, now=now)
    return queue_job(kind=kind, blob=blob, parameters=parameters, subject_uuid=subject_uuid, actor=actor, now=now)


def draft_job(
    *, kind: str, content: bytes, parameters: dict[str, Any], subject_uuid: UUID, actor: str, now: datetime
) -> Job:
    """Keep the file of work whose choices somebody must still make; nothing starts until `queue_draft`."""
    blob = store_bytes(content, now=now)
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            state=JobState.DRAFT,
            input=blob,
            subject_uuid=subject_uuid,
            parameters=parameters,
            created_at=now,
            actor=actor,
        )
        _record(job, "job.drafted", actor=actor, now=now)
    return job


@transaction.atomic
def queue_draft(*, job_uuid: UUID, parameters: Mapping[str, Any], actor: str, now: datetime) -> Job:
    """Queue a draft with the choices that were made.

    :raises NotFound: when there is no such job.
    :raises IllegalTransition: when it is no draft.
    """
    job = lock_job(job_uuid)
    check_transition(JOB_TRANSITIONS, JobState(job.state), JobState.QUEUED)
    job.state, job.parameters = JobState.QUEUED, {**job.parameters, **parameters}
    job.save(update_fields=["state", "parameters"])
    events.record(f"{job.kind}.created", subject_uuid=job.uuid, actor=actor, now=now)
    return job


@transaction.atomic
def repeat_job(*, job_uuid: UUID, parameters: Mapping[str, Any], actor: str, now: datetime) -> Job:
    """Queue new work on the bytes of an earlier job, with other choices; the earlier one stays as it is.

    :raises NotFound: when there is no such job.
    """
    earlier = lock_job(job_uuid)
    choices = {**earlier.parameters, **parameters}
    choices.pop(FOR_REAL, None)
    return queue_job(
        kind=earlier.kind,
        blob=earlier.input,
        parameters=choices,
        subject_uuid=earlier.subject_uuid,
        actor=actor,
        now=now,
    )


@transaction.atomic
def queue_job(
    *, kind: str, blob: Blob, parameters: dict[str, Any], actor: str, now: datetime, subject_uuid: UUID | None = None
) -> Job:
    """Queue work on bytes that are kept already; see `create_job`."""
    job = Job.objects.create(
        kind=kind, input=blob, subject_uuid=subject_uuid, parameters=parameters, created_at=now, actor=actor
    )
    events.record(f"{kind}.created", subject_uuid=job.uuid, actor=actor, now=now)
    return job


@transaction.atomic
def do_next_batch(
    *, job_uuid: UUID, items: Sequence[_Item], size: int, work: Callable[[Job, Sequence[_Item]], Job], now: datetime
) -> Job:
    """Do the next items of a running job in one transaction with its progress, which `work` reports.

    It finishes when none are left, and ends as cancelled when somebody asked for that; one that has ended is returned
    as it is.

    :raises NotFound: when there is no such job.
    """
    job = lock_job(job_uuid)
    if job.state != JobState.RUNNING:
        return job
    if job.cancel_asked_at:
        return cancel_job(job_uuid=job_uuid, actor=job.actor, now=now)
    batch = items[job.processed : job.processed + size]
    if not batch:
        return finish_job(job_uuid=job_uuid, actor=job.actor, now=now)
    return work(job, batch)


@transaction.atomic
def start_job(*, job_uuid: UUID, total: int, actor: str, now: datetime) -> Job:
    """Begin, or go on with a job that was interrupted.

    :raises IllegalTransition: when it has ended.
    """
    job = lock_job(job_uuid)
    if job.state == JobState.RUNNING:
        return job
    check_transition(JOB_TRANSITIONS, JobState(job.state), JobState.RUNNING)
    job.state, job.started_at, job.total = JobState.RUNNING, now, total
    job.save(update_fields=["state", "started_at", "total"])
    _record(job, "job.started", actor=actor, now=now)
    return job


@transaction.atomic
def report_progress(*, job_uuid: UUID, lines: int, problems: Sequence[LineProblem], counts: Mapping[str, int]) -> Job:
    """Save what a batch did, in the batch's own transaction: so many lines more, their problems, their counts."""
    job = lock_job(job_uuid)
    JobProblem.objects.bulk_create(JobProblem(job=job, line=p.line, code=p.code, params=p.params) for p in problems)
    job.processed += lines
    job.problem_count += len(problems)
    job.report = {**job.report, **{name: job.report.get(name, 0) + count for name, count in counts.items()}}
    job.save(update_fields=["processed", "problem_count", "report"])
    return job


@transaction.atomic
def ask_cancel(*, job_uuid: UUID, actor: str, now: datetime) -> Job:
    """Cancel a draft or queued job at once, and a running one after its batch; asking again changes nothing.

    :raises IllegalTransition: when it has ended otherwise.
    """
    job = lock_job(job_uuid)
    if job.cancel_asked_at:
        return job
    check_transition(JOB_TRANSITIONS, JobState(job.state), JobState.CANCELLED)
    job.cancel_asked_at = now
    job.save(update_fields=["cancel_asked_at"])
    _record(job, "job.cancel_asked", actor=actor, now=now)
    return cancel_job(job_uuid=job_uuid, actor=actor, now=now) if job.state != JobState.RUNNING else job


@transaction.atomic
def cancel_job(*, job_uuid: UUID, actor: str, now: datetime) -> Job:
    """Stop where it is, as was asked."""
    return _end(job_uuid, JobState.CANCELLED, "job.cancelled", actor=actor, now=now)


@transaction.atomic
def finish_job(*, job_uuid: UUID, actor: str, now: datetime) -> Job:
    """Record that the work is done; twice changes nothing."""
    return _end(job_uuid, JobState.DONE, "job.finished", actor=actor, now=now)


@transaction.atomic
def fail_job(*, job_uuid: UUID, error: Mapping[str, Any], actor: str, now: datetime) -> Job:
    """Record why the work cannot be done: a code and its particulars, kept under `error` in the summary."""
    job = lock_job(job_uuid)
    job.report = {**job.report, "error": dict(error)}
    job.save(update_fields=["report"])
    return _end(job_uuid, JobState.FAILED, "job.failed", actor=actor, now=now)


@contextmanager
def hold_job(*, job_uuid: UUID) -> Iterator[Job]:
    """Be the one who works on a job while the block runs; whoever is killed leaves it to the next at once.

    :raises NotFound: when there is no such job.
    :raises JobBusy: when somebody else works on it.
    """
    job = Job.objects.select_related("input").filter(uuid=job_uuid).first()
    if job is None:
        raise NotFound
    with locks.try_hold(locks.JOBS, job.pk) as is_mine:
        if not is_mine:
            raise JobBusy
        # What the one before did up to its last breath.
        job.refresh_from_db()
        yield job


@transaction.atomic
def run_for_real(*, job_uuid: UUID, actor: str, now: datetime) -> Job:
    """Queue the same work as a dry run that is done, on the same bytes and with the same choices, to be written.

    Asked twice, it is the same job; only one that failed or was cancelled is followed by another.

    :raises NotFound: when there is no such job.
    :raises NotADryRun: when it is no dry run, or not done.
    """
    rehearsal = lock_job(job_uuid)
    if rehearsal.state != JobState.DONE or not rehearsal.parameters.get("dry_run"):
        raise NotADryRun
    if FOR_REAL in rehearsal.parameters:
        earlier = Job.objects.get(uuid=rehearsal.parameters[FOR_REAL])
        if earlier.state not in {JobState.FAILED, JobState.CANCELLED}:
            return earlier
    job = repeat_job(job_uuid=job_uuid, parameters={"dry_run": False}, actor=actor, now=now)
    rehearsal.parameters = {**rehearsal.parameters, FOR_REAL: str(job.uuid)}
    rehearsal.save(update_fields=["parameters"])
    return job


def lock_job(job_uuid: UUID) -> Job:
    """Take the job's row in the caller's transaction.

    :raises NotFound: when there is none.
    """
    job = Job.objects.select_for_update(of=("self",), no_key=True).filter(uuid=job_uuid).first()
    if job is None:
        raise NotFound
    return job


def _end(job_uuid: UUID, state: JobState, event: str, *, actor: str, now: datetime) -> Job:
    job = lock_job(job_uuid)
    if job.state == state:
        return job
    check_transition(JOB_TRANSITIONS, JobState(job.state), state)
    job.state, job.finished_at = state, now
    job.save(update_fields=["state", "finished_at"])
    _record(job, event, actor=actor, now=now)
    return job


def _record(job: Job, name: str, *, actor: str, now: datetime) -> None:
    events.record(name, subject_uuid=job.uuid, actor=actor, now=now, payload={"kind": job.kind})
