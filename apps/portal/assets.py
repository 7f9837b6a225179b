"""The one script of the pages: htmx, as its package ships it, and ours behind it."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse

_PARTS: Final = ("django_htmx/htmx-2.min.js", "portal.js", "parts/lists.js", "parts/worklist.js", "parts/passkeys.js")


@cache
def script() -> bytes:
    """Return the script; it changes with a release only."""
    return b"\n".join(Path(str(finders.find(part))).read_bytes() for part in _PARTS)


@cache
def script_version() -> str:
    """Return what tells one release's script from another's."""
    return hashlib.sha256(script()).hexdigest()[:12]


def serve_script(request: HttpRequest, version: str) -> HttpResponse:
    """Hand out the script; under its version it never changes, so browsers keep it."""
    del request
    if version != script_version():
        raise Http404
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return HttpResponse(script(), content_type="text/javascript; charset=utf-8", headers=headers)
