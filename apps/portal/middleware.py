"""What holds for every page: a person's language, *not found* for what is not theirs, what a browser may load."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils import translation

from apps.blobs.selectors import BlobPurged
from apps.blobs.storage import StorageUnavailable
from apps.blobs.storage.contract import RETRY_AFTER_SECONDS
from apps.core.errors import NotFound
from apps.core.languages import reader_language
from apps.statements.services.renditions import RenditionFailed

_OF_PAPERS: Final = {BlobPurged: 410, StorageUnavailable: 503, RenditionFailed: 503}


class PersonalLanguageMiddleware:
    """Shows pages in the language a person keeps, unless they chose another in this browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        if request.path_info.startswith("/v2/"):
            return self.get_response(request)
        if not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = reader_language()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn *not found* into the 404 page, and papers that are gone or out of reach into a page that says so."""
        if isinstance(exception, NotFound):
            raise Http404 from exception
        status = _OF_PAPERS.get(type(exception))
        if status is None or request.path_info.startswith("/v2/"):
            return None
        response = render(request, "papers_away.html", {"sentence": str(exception)}, status=status)
        if status == 503:
            response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response


class ContentPolicyMiddleware:
    """Tells browsers what a page may load and run; a view that hands out somebody else's document says so itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one request."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages; the wire API stays byte for byte what its callers have always got."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress one answer, where that is ours to do."""
        if request.path_info.startswith("/v2/"):
            return response
        return super().process_response(request, response)
