"""What a job's problems say to a person, and which jobs were done for somebody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.module_loading import import_string

from apps.core.errors import NotFound
from apps.jobs.models import Job, JobProblem
from apps.jobs.rules import FOR_REAL


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """The problems of a job that have one code: how many, and the first lines with what each says."""

    code: str
    count: int
    lines: list[tuple[int, str]]


def list_jobs_for(*, subject_uuid: UUID, kind: str) -> QuerySet[Job]:
    """Return the jobs of a kind that were done for somebody, newest first."""
    return Job.objects.filter(subject_uuid=subject_uuid, kind=kind).order_by("-id")


def list_jobs_to_show(*, subject_uuid: UUID, kind: str) -> QuerySet[Job]:
    """Return the same without the rehearsals that were done for real: what they became stands there."""
    return list_jobs_for(subject_uuid=subject_uuid, kind=kind).exclude(parameters__has_key=FOR_REAL)


def get_job_for(*, subject_uuid: UUID, kind: str, job_uuid: UUID) -> Job:
    """Return one job of a kind that was done for somebody, with its file.

    :raises NotFound: for anybody else's, as for nothing at all.
    """
    job = list_jobs_for(subject_uuid=subject_uuid, kind=kind).select_related("input").filter(uuid=job_uuid).first()
    if job is None:
        raise NotFound
    return job


def list_problem_groups(*, job: Job, shown: int) -> list[ProblemGroup]:
    """Return a job's problems by code, the most frequent first, with at most so many lines of each; one query."""
    ranked = job.problems.annotate(
        place=Window(RowNumber(), partition_by=["code"], order_by=["line", "id"]),
        count=Window(Count("id"), partition_by=["code"]),
    ).filter(place__lte=shown)
    groups: dict[str, ProblemGroup] = {}
    for problem in ranked.order_by("-count", "code", "line", "id"):
        group = groups.setdefault(problem.code, ProblemGroup(problem.code, problem.count, []))
        group.lines.append((problem.line, _describe(job.kind, problem.code, problem.params)))
    return list(groups.values())


def read_problems(*, job: Job) -> Iterator[JobProblem]:
    """Give every problem of a job, by line, without keeping them all in memory."""
    for problem in job.problems.order_by("line", "id").iterator(chunk_size=2000):
        problem.job = job
        yield problem


def describe_kind(kind: str) -> str:
    """Return what a kind of job is called in the active language."""
    return str(settings.JOB_NAMES.get(kind, kind))


def describe_problem(problem: JobProblem) -> str:
    """Return a line's problem as a sentence in the active language."""
    return _describe(problem.job.kind, problem.code, problem.params)


def describe_failure(job: Job) -> str:
    """Return why a job failed as a sentence, or an empty text when it did not."""
    error = job.report.get("error")
    return _describe(job.kind, error["code"], error) if error else ""


def _describe(kind: str, code: str, params: Mapping[str, Any]) -> str:
    """Ask the app whose work it is (`config/jobs.py`), which lies above this one."""
    return str(import_string(settings.JOB_SENTENCES[kind])(code, params))
