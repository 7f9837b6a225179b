"""All routes."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from apps.api.v2.openapi.view import serve_document
from apps.api.v2.sandbox import urls as sandbox_urls
from apps.api.v2.urls import urls as wire_urls
from apps.portal import account, health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("v2/openapi.json", serve_document, name="openapi"),
    *([path("v2/sandbox/", sandbox_urls)] if settings.SANDBOX else []),
    path("v2/", wire_urls),
    path("language/", account.switch_language, name="set_language"),
    path("accounts/2fa/totp/activate/", account.activate_app, name="mfa_activate_totp"),
    path("accounts/2fa/webauthn/add/", account.add_passkey, name="mfa_add_webauthn"),
    path("accounts/", include("allauth.urls")),
    *([path("anymail/", include("anymail.urls"))] if "WEBHOOK_SECRET" in settings.ANYMAIL else []),
    path("admin/", admin.site.urls),
    path("", include("apps.portal.urls")),
]
