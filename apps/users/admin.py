"""People in the back-office."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin
from apps.users.models import MailedLink, User

if TYPE_CHECKING:
    UserModelAdmin = admin.ModelAdmin[User]
else:
    UserModelAdmin = admin.ModelAdmin


@admin.register(User)
class UserAdmin(UserModelAdmin):
    """Who may sign in. Passwords are reset by the person, through the sign-in page."""

    list_display = ("email", "language", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "language")
    search_fields = ("email",)
    readonly_fields = ("uuid", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "language", "is_active")}),
        (_("Back-office"), {"fields": ("is_staff", "is_superuser", "groups")}),
        (_("History"), {"fields": ("uuid", "date_joined", "last_login")}),
    )


@admin.register(MailedLink)
class MailedLinkAdmin(ReadOnlyAdmin[MailedLink]):
    """Links that were mailed, and how each stands. What opens them is a signature that is stored nowhere."""

    list_display = (
        "purpose",
        "address",
        "role",
        "made_by",
        "made_at",
        "expires_at",
        "used_at",
        "replaced_at",
        "withdrawn_at",
    )
    list_filter = ("purpose",)
    search_fields = ("address", "subject_uuid")
    ordering = ("-id",)
