"""The back-office: staff sign in through the same page as everybody."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class CodaboxAdminSite(admin.AdminSite):
    """Django's admin under our name."""

    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = _("Back-office")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send staff to the common sign-in page, and show people without rights the admin's own refusal."""
        if request.user.is_authenticated:
            return super().login(request, extra_context)
        return login_required(super().login)(request, extra_context)


class CodaboxAdminConfig(AdminConfig):
    """Makes the site above the default one."""

    default_site = "config.admin_site.CodaboxAdminSite"
