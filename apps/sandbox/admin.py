"""The self-tests of software, in the back-office of the sandbox."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.sandbox.models import SelfTestReport


@admin.register(SelfTestReport)
class SelfTestReportAdmin(ReadOnlyAdmin[SelfTestReport]):
    """What each software had shown, and when."""

    list_display = ("made_at", "software", "is_compatible", "missing")
    list_filter = ("is_compatible", "software")
    list_select_related = ("software",)
    ordering = ("-id",)
