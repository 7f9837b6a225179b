"""The self-tests of software in the back-office of the sandbox, and what they prove in that of the service."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin, reason_form, run_for_each
from apps.sandbox.labels import name_groups
from apps.sandbox.models import CompatibleMark, SelfTestReport
from apps.sandbox.services import marks


@admin.register(SelfTestReport)
class SelfTestReportAdmin(ReadOnlyAdmin[SelfTestReport]):
    """What each software had shown, and when."""

    list_display = ("made_at", "software", "is_compatible", "missing")
    list_filter = ("is_compatible", "software")
    list_select_related = ("software",)
    ordering = ("-id",)


@admin.register(CompatibleMark)
class CompatibleMarkAdmin(ReadOnlyAdmin[CompatibleMark]):
    """Which software was marked compatible by which report; staff withdraw a mark."""

    list_display = ("software", "tested_at", "shown", "state", "taken_at", "ended_at", "reason")
    list_filter = ("state",)
    exclude = ("works_for",)
    readonly_fields = ("shown",)
    list_select_related = ("software",)
    search_fields = ("software__name", "software__slug", "=report_uuid")
    ordering = ("-id",)
    action_form = reason_form(_("Reason (the maker reads it)"))
    actions = ("withdraw",)

    @admin.display(description=_("works for"))
    def shown(self, mark: CompatibleMark) -> str:
        """Show what the software works for, in words."""
        return name_groups(mark.works_for)

    @admin.action(description=_("Withdraw with the reason"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet[CompatibleMark]) -> None:
        """Take the chosen marks away."""
        reason = request.POST.get("reason", "")
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: marks.withdraw_mark(mark_uuid=row.uuid, reason=reason, actor=actor, now=now),
            str(_("withdrawn")),
        )
