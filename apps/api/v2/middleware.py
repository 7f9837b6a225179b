"""What holds for every call under `/v2/`, whatever answers it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.api.v2 import errors

PREFIX = "/v2/"
# The one GET that changes something: asking for its head must not, and nothing in between may keep its answer.
EXCHANGE = "/v2/get-credentials/"
# What a page of the framework says of itself, and the JSON in its place does not.
_OF_THE_BODY = frozenset({"content-length", "content-language", "location", "vary"})


class WireMiddleware:
    """Makes the trailing slash optional without a redirect, every error a JSON object with `detail`, HEAD a GET."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        if not (request.path_info.startswith(PREFIX) or request.path_info == PREFIX.rstrip("/")):
            return self.get_response(request)
        request.path_info = request.path_info.removesuffix("/")
        if not settings.EMBEDDED and not request.is_secure():
            return errors.refusal_response(request, errors.HttpsRequired())
        if request.path_info.startswith(EXCHANGE):
            response = _as_json(request, self.get_response(request))
            response.headers["Cache-Control"] = "no-store"
            return response
        if request.method == "HEAD":
            request.method = "GET"
            return _without_body(_as_json(request, self.get_response(request)))
        return _as_json(request, self.get_response(request))


def _as_json(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if response.status_code < 300 or response.headers.get("Content-Type") == "application/json":
        return response
    # A redirect here could only be a mistake of ours: no client follows one.
    status = 404 if response.status_code < 400 else response.status_code
    answer: HttpResponse = errors.plain_error(request, status)
    for name, value in response.headers.items():
        if name.lower() not in _OF_THE_BODY:
            answer.headers.setdefault(name, value)
    answer.headers["Vary"] = "Accept-Language"
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer


def _without_body(response: HttpResponseBase) -> HttpResponseBase:
    """Leave the headers of an answer, the length of what is left out among them."""
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    return response
