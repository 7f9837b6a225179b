"""The back-office: staff sign in through the same page as everybody."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy as _


class CodaboxAdminSite(admin.AdminSite):
    """Django's admin under our name."""

    site_header = settings.SITE_NAME
    site_title = settings.SITE_NAME
    index_title = _("Back-office")

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send staff to the common sign-in page; there is no other one that a second factor could be missed on.

        :raises PermissionDenied: when somebody without rights is signed in.
        """
        del extra_context
        wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
        if not url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
            wanted = reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")
        if not self.has_permission(request):
            raise PermissionDenied
        return redirect(wanted)

    def password_change(  # type: ignore[override] # Django's returns a page, which a redirect is not
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Send staff to everybody's page, which tells them by mail that their password changed."""
        del request, extra_context
        return redirect("account_change_password")


class CodaboxAdminConfig(AdminConfig):
    """Makes the site above the default one."""

    default_site = "config.admin_site.CodaboxAdminSite"
