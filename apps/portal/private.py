"""Pages that a mailed link opens, and what every form without a sign-in shares."""

from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.core.visitors import count_visit
from apps.portal.templatetags.portal import instant


def keep_private(response: HttpResponse) -> HttpResponse:
    """Keep a page whose address is as good as a right from leaking that address, and from any cache."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def speak(request: HttpRequest, language: str) -> None:
    """Show a page in the language of the mail that led to it, unless its reader chose one in this browser."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(language)


def count_sending(request: HttpRequest, *, form: str, now: datetime) -> None:
    """Count one sending of a form without a sign-in.

    :raises TooManyFromHere: when the visitor's network sent it too often.
    """
    address = get_adapter(request).get_client_ip(request)
    count_visit(form=form, address=address, limit=settings.FORMS_PER_VISITOR_PER_HOUR, now=now)


def when_again(error: DomainError, now: datetime) -> str:
    """Return the sentence of a limit with the instant from which it lets through again."""
    again_at = now + timedelta(seconds=int(error.params["retry_after"]))
    return f"{error} " + _("You can ask again from %(instant)s.") % {"instant": instant(again_at)}
