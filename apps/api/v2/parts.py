"""The parts of an upload, each within its limit."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from apps.api.v2 import errors


def read_parts(request: HttpRequest) -> tuple[bytes, bytes | None]:
    """Return the document (`file`) and the PDF beside it (`pdf`), if there is one.

    :raises UnsupportedMediaType: :raises FileTooLarge: :raises RequestTooLarge: :raises FileMissing: as they say.
    """
    if request.content_type != "multipart/form-data":
        raise errors.UnsupportedMediaType
    if is_too_long(request):
        raise _too_large()
    try:
        document, pdf = request.FILES.get("file"), request.FILES.get("pdf")
    except RequestDataTooBig as error:
        raise errors.RequestTooLarge from error
    if document is None:
        raise errors.FileMissing
    return _read_part(document), _read_part(pdf) if pdf is not None else None


def is_too_long(request: HttpRequest) -> bool:
    """Tell whether a request is longer than both parts at their limit and the envelope: it is refused unread."""
    declared = request.headers.get("Content-Length") or "0"
    return declared.isascii() and declared.isdecimal() and int(declared) > 2 * settings.MAX_PART_BYTES + 100_000


def _read_part(part: "UploadedFile[bytes]") -> bytes:
    if part.size is not None and part.size > settings.MAX_PART_BYTES:
        raise _too_large()
    # It may have been read before, to compare it with an earlier request.
    part.seek(0)
    content: bytes = part.read()
    return content


def _too_large() -> errors.FileTooLarge:
    return errors.FileTooLarge(megabytes=settings.MAX_PART_BYTES // 1_000_000)
