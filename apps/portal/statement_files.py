"""The files of a statement: what a software gets of it, and CAMT.053 for other tools."""

from typing import Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from apps.core import clock
from apps.delivery.rules import MEDIA_TYPES
from apps.portal.statement_reader import statement_reader_of
from apps.statements.services.renditions import rendition

_LOCKED: Final = "default-src 'none'; sandbox"


@login_required
def statement_file(request: HttpRequest, statement_uuid: UUID, file_format: str, **place: UUID) -> HttpResponse:
    """Hand over a statement in a format; of one that is held there is none yet."""
    reader = statement_reader_of(request, statement_uuid, **place)
    if reader.is_held:
        raise Http404
    content = rendition(statement=reader.statement, file_format=file_format, now=clock.now())
    headers = {
        "Content-Disposition": f'attachment; filename="{reader.statement.file_stem}.{file_format}"',
        "Content-Security-Policy": _LOCKED,
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=MEDIA_TYPES[file_format], headers=headers)
