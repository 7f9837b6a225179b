"""`Idempotency-Key`: a write that is sent again under its key is answered as it was before, and does nothing more.

What counts as the same request: method, path, query and what the body says. The parts of a form are compared, not its
bytes, because a client draws a new boundary each time. Only successes are kept: a refusal changed nothing that a
repetition could double, and the same key may succeed once the cause is gone.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from apps.api.v2 import errors
from apps.api.v2.auth import name_caller
from apps.api.v2.middleware import PREFIX
from apps.api.v2.parts import is_too_long
from apps.core import clock
from apps.core.errors import DomainError
from apps.tokens.services.repeats import Answer, Turn, take_turn

HEADER: Final = "Idempotency-Key"
# Says that an answer is the one given before.
REPLAYED: Final = "Idempotency-Replayed"
_WRITES: Final = frozenset({"POST", "PUT", "DELETE"})
# Keeps nothing, so there is nothing to repeat.
_KEEPS_NOTHING: Final = "/v2/sales-invoices/validate"
# The draft standard writes the key as a quoted string, most clients send it bare.
_KEY: Final = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
_SUCCESS: Final = range(200, 300)
_FAILURE: Final = 500


class IdempotencyKeyMalformed(DomainError):
    """The header holds no key."""

    code = "idempotency_key_malformed"
    sentence = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")


class RepetitionMiddleware:
    """Answers a write that came before under the same key as it was answered then."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        if not _is_write_with_key(request):
            return self.get_response(request)
        try:
            return self._answer_once(request)
        except DomainError as error:
            return errors.refusal_response(request, error)

    def _answer_once(self, request: HttpRequest) -> HttpResponseBase:
        match = _KEY.fullmatch(request.headers[HEADER].strip())
        if match is None:
            raise IdempotencyKeyMalformed
        caller, digest = name_caller(request), _digest(request)
        if not caller or not digest:
            # The view says what is wrong, and writes nothing that a repetition could double.
            return self.get_response(request)
        with take_turn(caller=caller, key=match[1], request_digest=digest, now=clock.now()) as turn:
            return _replay(turn.kept) if turn.kept else _keep(turn, self.get_response(request))


def _is_write_with_key(request: HttpRequest) -> bool:
    is_ours = request.path_info.startswith(PREFIX) and request.path_info != _KEEPS_NOTHING
    return is_ours and request.method in _WRITES and HEADER in request.headers


def _keep(turn: Turn, response: HttpResponseBase) -> HttpResponseBase:
    if response.status_code in _SUCCESS and isinstance(response, HttpResponse):
        turn.keep(Answer(response.status_code, response.headers.get("Content-Type", ""), response.content))
    if response.status_code == _FAILURE:
        turn.undo()
    return response


def _replay(kept: Answer) -> HttpResponse:
    return HttpResponse(
        kept.body, status=kept.status, content_type=kept.content_type or None, headers={REPLAYED: "true"}
    )


def _digest(request: HttpRequest) -> str:
    """Return a hash of what a request asks; empty when it is longer than any that is taken."""
    if is_too_long(request):
        return ""
    told = hashlib.sha256()
    try:
        for piece in _pieces(request):
            told.update(f"{len(piece)}:".encode() + piece)
    except RequestDataTooBig:
        return ""
    return told.hexdigest()


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    yield from (str(request.method).encode(), request.path_info.encode(), request.META.get("QUERY_STRING", "").encode())
    if request.content_type != "multipart/form-data":
        yield request.body
        return
    for name, values in sorted(request.POST.lists()):
        yield from (str(value).encode() for value in (name, *values))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            content = hashlib.sha256()
            for chunk in file.chunks():
                content.update(chunk)
            yield from (str(name).encode(), content.digest())
