"""Where software is told what happens, in the back-office; staff pause an endpoint and have it go on."""

from typing import Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin, ReadOnlyInline, column, in_words, run_for_each
from apps.webhooks import services
from apps.webhooks.models import Attempt, Endpoint, Message
from apps.webhooks.sentences import failure_sentence

REASON: Final = column("failure_code", failure_sentence, title=_("reason"))
STOP: Final = column("stop_code", failure_sentence, title=_("paused by us because of"))


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin[Endpoint]):
    """Which software is told where, and which of these addresses fail."""

    list_display = ("url", "software", "state", STOP, "failures", REASON, "delivered_at")
    list_filter = ("state", ("failure_code", in_words(failure_sentence)), "software")
    list_select_related = ("software",)
    search_fields = ("url", "software__name", "=uuid")
    ordering = ("-failures", "-id")
    actions = ("pause", "resume")

    @admin.action(description=_("Pause the selected endpoints"))
    def pause(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        """Let what comes for the chosen endpoints wait."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.pause(endpoint_uuid=row.uuid, actor=actor, now=now),
            str(_("paused")),
        )

    @admin.action(description=_("Resume the selected endpoints"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        """Send what waits for the chosen endpoints."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: services.resume(endpoint_uuid=row.uuid, actor=actor, now=now),
            str(_("resumed")),
        )


class AttemptInline(ReadOnlyInline[Attempt]):
    """How often a message was tried."""

    model = Attempt
    fields = ("started_at", "ended_at", "outcome", "status", "code", "answer")


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin[Message]):
    """What software was told, or will be."""

    list_display = ("topic", "endpoint", "state", "happened_at", "attempt_count", REASON)
    list_filter = ("state", "topic", ("failure_code", in_words(failure_sentence)))
    list_select_related = ("endpoint",)
    search_fields = ("=uuid", "=subject_uuid")
    ordering = ("-id",)
    inlines = (AttemptInline,)
