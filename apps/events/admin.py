"""The trail and what is still due, in the back-office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core import clock, queue
from apps.core.admin import ReadOnlyAdmin
from apps.events.models import Event, PendingReaction
from apps.events.services import RUN_TASK


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin[Event]):
    """What happened."""

    list_display = ("at", "name", "subject_uuid", "company_uuid", "actor")
    list_filter = ("name",)
    search_fields = ("=subject_uuid", "=company_uuid")
    ordering = ("-id",)


@admin.register(PendingReaction)
class PendingReactionAdmin(ReadOnlyAdmin[PendingReaction]):
    """What is still due, and what failed."""

    list_display = ("task", "event", "attempts", "due_at", "last_error")
    list_filter = ("task",)
    list_select_related = ("event",)
    ordering = ("due_at",)
    actions = ("run_now",)

    @admin.action(description=_("Try the selected reactions now"))
    def run_now(self, request: HttpRequest, queryset: QuerySet[PendingReaction]) -> None:
        """Nudge the worker for the chosen rows, whatever their time."""
        del request
        queryset.update(due_at=clock.now())
        for pending_id in queryset.values_list("pk", flat=True):
            queue.nudge(RUN_TASK, pending_id=pending_id)
