"""Pages whose address is as good as a right: links from mails, which need no sign-in."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation


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
