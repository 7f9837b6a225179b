"""The trail and what is still due, in the back-office."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.admin import ReadOnlyAdmin
from apps.events import services
from apps.events.models import Event, PendingReaction


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin[Event]):
    """What happened."""

    list_display = ("at", "name", "subject_uuid", "company_uuid", "actor")
    list_filter = ("name",)
    search_fields = ("=subject_uuid", "=company_uuid")
    ordering = ("-id",)


@admin.register(PendingReaction)
class PendingReactionAdmin(ReadOnlyAdmin[PendingReaction]):
    """What is still due, what failed, and what is held because it was killed too often."""

    list_display = ("task", "event", "attempts", "deaths", "held_at", "due_at", "last_error")
    list_filter = (("held_at", admin.EmptyFieldListFilter), "task")
    list_select_related = ("event",)
    ordering = ("due_at",)
    actions = ("run_now",)

    @admin.action(description=_("Try the selected reactions now"))
    def run_now(self, request: HttpRequest, queryset: QuerySet[PendingReaction]) -> None:
        """Nudge the worker for the chosen rows, whatever their time, the held ones too."""
        del request
        for pending_id in queryset.values_list("pk", flat=True):
            services.start_again(pending_id=pending_id, now=clock.now())
