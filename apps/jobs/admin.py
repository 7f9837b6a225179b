"""Jobs in the back-office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, run_for_each
from apps.jobs import services
from apps.jobs.models import Job, JobProblem


class JobProblemInline(ReadOnlyInline[JobProblem]):
    """The lines that could not be done."""

    model = JobProblem
    ordering = ("line",)
    show_change_link = False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin[Job]):
    """Jobs with their progress; staff cancel one."""

    list_display = ("kind", "state", "processed", "total", "problem_count", "created_at", "finished_at", "actor")
    list_filter = ("state", "kind")
    ordering = ("-created_at",)
    inlines = (JobProblemInline,)
    actions = ("cancel",)

    @admin.action(description=_("Cancel"))
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Ask the chosen jobs to stop."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.ask_cancel(job_uuid=row.uuid, actor=actor, now=now),
            str(_("cancelled")),
        )
