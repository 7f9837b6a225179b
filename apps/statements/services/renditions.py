"""Papers made from a statement on first download, and kept: `cod`, CODAPlus `xml` and `pdf`."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

import typst
from django.utils.translation import gettext_lazy as _

from apps.blobs.selectors import BlobDamaged, read_bytes
from apps.blobs.services import store_bytes
from apps.core.errors import DomainError, NotFound
from apps.statements.models import Rendition, Statement
from apps.statements.services import papers

MAKERS: Final[dict[str, Callable[[Statement], bytes]]] = {
    "cod": papers.make_cod,
    "xml": papers.make_xml,
    "pdf": papers.make_pdf,
}
_logger = logging.getLogger(__name__)


class RenditionFailed(DomainError):
    """The bank's file is damaged where it is stored, or cannot be drawn: an operator must look; nothing is lost."""

    code = "rendition_failed"
    sentence = _("This file cannot be made from the statement at this moment. It was recorded, and we look into it.")


def rendition(*, statement: Statement, file_format: str, now: datetime) -> bytes:
    """Return a statement's paper in a format, made now when nobody asked for it before.

    :raises NotFound: when there is no such format.
    :raises RenditionFailed: when it cannot be made; the next call tries again.
    """
    if file_format not in MAKERS:
        raise NotFound
    made = Rendition.objects.select_related("blob").filter(statement=statement, format=file_format).first()
    if made:
        try:
            return read_bytes(made.blob)
        except BlobDamaged:
            _logger.exception("A rendition is damaged and is made again.")
    content = _make(statement, file_format)
    blob = store_bytes(content, now=now)
    # Two first downloads at once made the same bytes: one row is enough.
    Rendition.objects.bulk_create(
        [Rendition(statement=statement, format=file_format, blob=blob)], ignore_conflicts=True
    )
    return content


def _make(statement: Statement, file_format: str) -> bytes:
    try:
        return MAKERS[file_format](statement)
    except (BlobDamaged, typst.TypstError) as error:
        _logger.exception("The %s of statement %s cannot be made.", file_format, statement.uuid)
        raise RenditionFailed from error
