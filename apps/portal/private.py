"""Pages that a mailed link opens, whose address is as good as a right, and what every form without a sign-in shares."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import DomainError
from apps.core.visitors import TooManyFromHere, count_visit
from apps.portal.templatetags.portal import instant


def speak(request: HttpRequest, language: str) -> None:
    """Go on in the language of the mail, unless its reader chose another one or keeps one."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and not request.user.is_authenticated:
        translation.activate(language)


def render_private(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Return a page that tells its address to no other page and is kept by no cache."""
    response = render(request, template, context)
    # Not `no-referrer`: browsers then send `Origin: null` with the page's own form, which the check against forged
    # forms refuses. `strict-origin` tells the name of the site alone.
    response.headers["Referrer-Policy"] = "strict-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


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


def answer_too_many(request: HttpRequest, template: str, form: Form, error: TooManyFromHere) -> HttpResponse:
    """Return the page of a form that was sent too often, with from when on it works again."""
    form.add_error(None, when_again(error, clock.now()))
    response = render(request, template, {"form": form}, status=429)
    response.headers["Retry-After"] = str(error.params["retry_after"])
    return response
