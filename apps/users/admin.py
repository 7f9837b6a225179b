"""People in the back-office."""

from allauth.account import admin as address_admin
from allauth.mfa import admin as second_factor_admin
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.core import clock
from apps.core.admin import LightPagesAdmin, ReadOnlyAdmin
from apps.users import services
from apps.users.models import MailedLink, User

# It would show and edit the stored secrets. What staff need of it is the action below.
admin.site.unregister(second_factor_admin.Authenticator)
# It would let staff call an address confirmed that nobody has proven to read.
admin.site.unregister(address_admin.EmailAddress)


@admin.register(address_admin.EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin[address_admin.EmailAddress]):
    """With which addresses people sign in. Their owners change them, through a link mailed to each."""

    list_display = ("email", "user", "primary", "verified")
    list_filter = ("primary", "verified")
    search_fields = ("email",)
    list_select_related = ("user",)


@admin.register(User)
class UserAdmin(LightPagesAdmin[User]):
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
    actions = ("remove_second_factor",)

    @admin.action(description=_("Remove the second factor of the selected people, who lost it"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let people in again who lost their telephone and their recovery codes; each is told by mail."""
        now = clock.now()
        removed = [person for person in queryset if services.remove_second_factor(user_uuid=person.uuid, now=now)]
        for person in removed:
            self.log_change(request, person, "second factor removed")
        self.message_user(
            request,
            ngettext(
                "The second factor of %(count)d person was removed.",
                "The second factor of %(count)d people was removed.",
                len(removed),
            )
            % {"count": len(removed)},
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
