"""The bytes of a feed entry in a format."""

from dataclasses import dataclass
from datetime import datetime

from apps.delivery.models import FeedEntry
from apps.delivery.rules import MEDIA_TYPES
from apps.invoices import selectors as invoices
from apps.statements.services.renditions import rendition


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to hand over."""

    content: bytes
    media_type: str
    file_name: str


def read_paper(*, entry: FeedEntry, file_format: str, now: datetime) -> Paper:
    """Return an entry's file in a format that `get_entry` allowed."""
    if entry.statement is not None:
        content = rendition(statement=entry.statement, file_format=file_format, now=now)
        return Paper(content, MEDIA_TYPES[file_format], f"{entry.statement.file_stem}.{file_format}")
    invoice = entry.invoice
    assert invoice is not None  # noqa: S101 # the table's constraint: one document per entry
    content = (
        invoices.read_document(invoice)
        if file_format == "xml"
        else invoices.read_pdf(invoice, language=invoice.company.language)
    )
    safe_number = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in invoice.number)
    return Paper(content, MEDIA_TYPES[file_format], f"{safe_number}.{file_format}")
