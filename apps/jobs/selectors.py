"""What a job's problems say to a person."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from apps.jobs.models import Job, JobProblem


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
