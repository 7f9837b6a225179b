"""Long work that shows its progress, can be cancelled, and goes on where it was interrupted."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.blobs.models import Blob
from apps.core.fields import CodeField
from apps.jobs.labels import JOB_STATES
from apps.jobs.rules import JobState


class Job(models.Model):
    """One piece of long work: queued → running → done | failed | cancelled; a queued one may fail or be cancelled.

    A draft keeps its file until somebody made the choices that it needs, or cancels it: draft → queued | cancelled.
    `subject_uuid` is for whom it is done, such as an accounting office.
    `processed` is written with each batch, in the batch's transaction: a new run goes on from there.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    state = CodeField(_("state"), max_length=10, words=JOB_STATES, default=JobState.QUEUED)
    input = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="jobs", verbose_name=_("file"))
    subject_uuid = models.UUIDField(_("for whom"), null=True, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict)
    total = models.PositiveIntegerField(pgettext_lazy("job", "total"), default=0)
    processed = models.PositiveIntegerField(_("processed"), default=0)
    problem_count = models.PositiveIntegerField(_("problems"), default=0)
    created_at = models.DateTimeField(_("created"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    cancel_asked_at = models.DateTimeField(_("cancel asked"), null=True, blank=True)
    actor = models.CharField(_("by"), max_length=80)
    report = models.JSONField(_("summary"), default=dict)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "queued"], started_at__isnull=True, finished_at__isnull=True)
                | Q(state="running", started_at__isnull=False, finished_at__isnull=True)
                | Q(state="done", started_at__isnull=False, finished_at__isnull=False)
                | Q(state="failed", finished_at__isnull=False)
                | Q(state="cancelled", finished_at__isnull=False, cancel_asked_at__isnull=False),
                name="jobs_job_state_dated",
            ),
            models.CheckConstraint(condition=Q(processed__lte=F("total")), name="jobs_job_processed_within"),
        ]
        indexes = [models.Index(fields=["subject_uuid", "-id"], name="jobs_job_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class JobProblem(models.Model):
    """What a line of the job's file made impossible, as data."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="problems", verbose_name=_("job"))
    line = models.PositiveIntegerField(_("line"))
    code = models.CharField(_("code"), max_length=40)
    params = models.JSONField(_("particulars"), default=dict)

    class Meta:
        verbose_name = _("problem of a job")
        verbose_name_plural = _("problems of a job")
        constraints = [
            models.UniqueConstraint(fields=["job", "line", "code"], name="jobs_problem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"
