"""Jobs in the back-office."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.admin import ReadOnlyAdmin, column, in_words, run_for_each, staff_actor
from apps.core.errors import DomainError
from apps.jobs import services
from apps.jobs.models import Job, JobProblem
from apps.jobs.selectors import describe_failure, describe_kind, describe_problem


@admin.register(JobProblem)
class JobProblemAdmin(ReadOnlyAdmin[JobProblem]):
    """The lines that could not be done, or only in part; reached from their job."""

    list_display = ("line", "sentence", "code")
    list_display_links = None
    list_filter = ("code",)
    list_select_related = ("job",)
    ordering = ("line", "id")

    @admin.display(description=_("problem"))
    def sentence(self, problem: JobProblem) -> str:
        """Say what is wrong, and the way out."""
        return describe_problem(problem)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Keep it out of the index: without its job a line says nothing."""
        del request
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let a job's page show its own problems."""
        return lookup == "job__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    """Jobs with their progress; staff cancel one, or do for real what was rehearsed."""

    list_display = (
        column("kind", describe_kind, title=_("kind")),
        "subject_uuid",
        "state",
        "processed",
        "total",
        "problem_count",
        "created_at",
        "finished_at",
        "actor",
    )
    list_filter = ("state", ("kind", in_words(describe_kind)))
    ordering = ("-created_at",)
    fields = (
        "kind", "subject_uuid", "state", "processed", "total", "problem_count", "report", "failure", "parameters",
        "created_at", "started_at", "finished_at", "cancel_asked_at", "actor",
    )  # fmt: skip
    readonly_fields = ("failure",)
    actions = ("cancel",)

    @admin.display(description=_("why it failed"))
    def failure(self, job: Job) -> str:
        """Say why the job failed."""
        return describe_failure(job) or "–"

    @admin.action(description=_("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Ask the chosen jobs to stop."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.ask_cancel(job_uuid=row.uuid, actor=actor, now=now),
            str(_("cancelled")),
        )

    def get_urls(self) -> list[Any]:
        """Add the button of a rehearsal."""
        button = self.admin_site.admin_view(self._run_for_real)
        return [path("<int:pk>/for-real/", button, name="jobs_job_for_real"), *super().get_urls()]

    def _run_for_real(self, request: HttpRequest, pk: int) -> HttpResponse:
        rehearsal = Job.objects.filter(pk=pk).first()
        if rehearsal is None or request.method != "POST":
            raise Http404
        try:
            job = services.run_for_real(job_uuid=rehearsal.uuid, actor=staff_actor(request), now=clock.now())
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("admin:jobs_job_change", pk)
        return redirect("admin:jobs_job_change", job.pk)
