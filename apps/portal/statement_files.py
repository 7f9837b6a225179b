"""The files of a statement: what a software gets of it, and CAMT.053 for other tools."""

from typing import Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from apps.core import clock
from apps.delivery.rules import MEDIA_TYPES
from apps.portal.statement_reader import statement_reader_of
from apps.statements.services.camt_files import write_camt
from apps.statements.services.renditions import rendition

_LOCKED: Final = "default-src 'none'; sandbox"
CAMT: Final = "camt"
CAMT_ENDING: Final = "camt.053.xml"


@login_required
def statement_file(request: HttpRequest, statement_uuid: UUID, file_format: str, **place: UUID) -> HttpResponseBase:
    """Hand over a statement in a format; of one that is held there is none yet."""
    reader = statement_reader_of(request, statement_uuid, **place)
    if reader.is_held:
        raise Http404
    statement = reader.statement
    if file_format == CAMT:
        pieces = write_camt([statement], message_uuid=statement.uuid, created_at=statement.stored_at)
        headers = headers_of(f"{statement.file_stem}.{CAMT_ENDING}")
        return StreamingHttpResponse(pieces, content_type="application/xml", headers=headers)
    content = rendition(statement=statement, file_format=file_format, now=clock.now())
    headers = headers_of(f"{statement.file_stem}.{file_format}")
    return HttpResponse(content, content_type=MEDIA_TYPES[file_format], headers=headers)


def headers_of(file_name: str) -> dict[str, str]:
    """Return the headers of a download under a name of ours: nothing in it is run, and nobody keeps it on the way."""
    return {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "Content-Security-Policy": _LOCKED,
        "Cache-Control": "private, no-store",
    }
