"""Applications of makers of software in the back-office."""

from django.contrib import admin
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin, reason_form, run_for_each
from apps.tokens.models import VendorApplication
from apps.tokens.rules import ApplicationState
from apps.tokens.services import applications


class VendorApplicationAdmin(ReadOnlyAdmin[VendorApplication]):
    """Applications sent by the form, the undecided ones first. Anybody can send one: check who asks."""

    list_display = (
        "software_name", "vendor_name", "state", "website", "email", "sector", "applied_at", "decided_at",
    )  # fmt: skip
    list_filter = ("state", "language", "sector")
    search_fields = ("software_name", "vendor_name", "email", "website")
    action_form = reason_form(_("Reason (the applicant reads it)"), longest=500)
    actions = ("approve", "refuse")

    def get_queryset(self, request: HttpRequest) -> QuerySet[VendorApplication]:
        """Return the applications, those that wait for staff first."""
        is_decided = Case(When(state=ApplicationState.APPLIED, then=Value(0)), default=Value(1))
        return super().get_queryset(request).order_by(is_decided, "-id")

    @admin.action(description=_("Approve: the software gets its key, its maker the link"))
    def approve(self, request: HttpRequest, queryset: QuerySet[VendorApplication]) -> None:
        """Approve the chosen applications."""
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: applications.approve_vendor_application(
                application_uuid=row.uuid, actor=actor, now=now
            ),
            str(_("approved")),
        )

    @admin.action(description=_("Refuse with the reason"))
    def refuse(self, request: HttpRequest, queryset: QuerySet[VendorApplication]) -> None:
        """Refuse the chosen applications."""
        reason = request.POST.get("reason", "")
        run_for_each(
            request,
            queryset,
            lambda row, *, actor, now: applications.refuse_vendor_application(
                application_uuid=row.uuid, reason=reason, actor=actor, now=now
            ),
            str(_("refused")),
        )
