"""The rule that staff sign in with a second factor."""

from collections.abc import Callable
from typing import Final

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode

from apps.users.models import User
from apps.users.selectors import second_factor_of

# Where somebody wanted to go before they were led to set up a second factor.
NEXT_SESSION_KEY: Final = "second_factor_next"

# What opens to staff all the same: leaving, the language, and what it takes to fulfil the rule.
ALWAYS: Final = ("account_logout", "set_language")
TO_SET_UP: Final = ("account_reauthenticate",)
TO_PROVE: Final = ("mfa_reauthenticate", "mfa_reauthenticate_webauthn")


class SecondFactorMiddleware:
    """Leads staff to set up a second factor, or to use it, before anything else opens."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        # The wire API has credentials of its own, and machines look at the health pages.
        if not settings.STAFF_SECOND_FACTOR or request.path_info.startswith(("/v2/", "/health/")):
            return self.get_response(request)
        user = request.user
        if not isinstance(user, User) or not user.is_staff:
            return self.get_response(request)
        if not second_factor_of(user).is_set_up:
            return self._let_set_up(request)
        if not any(record["method"] == "mfa" for record in get_authentication_records(request, user)):
            return self._let_prove(request)
        if request.session.get(NEXT_SESSION_KEY) == request.get_full_path():
            del request.session[NEXT_SESSION_KEY]
        return self.get_response(request)

    def _let_set_up(self, request: HttpRequest) -> HttpResponseBase:
        set_up = reverse("mfa_index")
        if request.path.startswith(set_up) or request.path in _paths(ALWAYS + TO_SET_UP):
            return self.get_response(request)
        if request.method == "GET":
            request.session[NEXT_SESSION_KEY] = request.get_full_path()
        return HttpResponseRedirect(set_up)

    def _let_prove(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in _paths(ALWAYS + TO_PROVE):
            return self.get_response(request)
        wanted = request.get_full_path() if request.method == "GET" else reverse("portal:home")
        return HttpResponseRedirect(f"{reverse(TO_PROVE[0])}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")


def _paths(names: tuple[str, ...]) -> set[str]:
    return {reverse(name) for name in names}
