"""What a signed-in person keeps of their own: address, language, password, second factor, where they are signed in."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.i18n import set_language

from apps.core import clock
from apps.portal.forms import LANGUAGES
from apps.users import services
from apps.users.selectors import second_factor_of, viewer_of


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show a person their account, and change what the page itself changes."""
    if request.method == "POST":
        return _change(request)
    viewer = viewer_of(request)
    context = {
        "languages": LANGUAGES,
        "has_password": viewer.has_usable_password(),
        "second_factor": second_factor_of(viewer),
        "is_obliged": settings.STAFF_SECOND_FACTOR and viewer.is_staff,
    }
    return render(request, "portal/account.html", context)


def _change(request: HttpRequest) -> HttpResponse:
    match request.POST.get("action"):
        case "language" if request.POST.get("language") in dict(LANGUAGES):
            return _choose_language(request, request.POST["language"])
        case "end_sessions":
            return _end_other_sessions(request)
        case _:
            return HttpResponseBadRequest()


def _choose_language(request: HttpRequest, language: str) -> HttpResponse:
    services.choose_language(user_uuid=viewer_of(request).uuid, language=language)
    with translation.override(language):
        messages.success(request, _("We now write to you in this language."))
    answer = redirect("portal:account")
    # What was chosen for this browser before no longer counts.
    answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return answer


def _end_other_sessions(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    services.end_sessions(user_uuid=viewer.uuid, now=clock.now())
    viewer.refresh_from_db()
    update_session_auth_hash(request, viewer)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("portal:account")


class ProvesSecondFactor:
    """Who sets up a second factor has just used it: they are not asked for it again in this session."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        """Set it up, and remember."""
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc] # of the view that this is mixed into
        record_authentication(self.request, viewer_of(self.request), "mfa", reauthenticated=True)
        return answer


class ActivateAppView(ProvesSecondFactor, ActivateTOTPView):  # type: ignore[misc] # allauth ships no types
    """Set up an authenticator app."""


class AddPasskeyView(ProvesSecondFactor, AddWebAuthnView):  # type: ignore[misc] # allauth ships no types
    """Add a passkey."""


activate_app = ActivateAppView.as_view()
add_passkey = AddPasskeyView.as_view()


def switch_language(request: HttpRequest) -> HttpResponse:
    """Show pages in another language from now on, and keep it for a person who is signed in."""
    language = request.POST.get("language")
    if request.method == "POST" and request.user.is_authenticated and language in dict(LANGUAGES):
        services.choose_language(user_uuid=viewer_of(request).uuid, language=str(language))
    response: HttpResponse = set_language(request)
    return response
