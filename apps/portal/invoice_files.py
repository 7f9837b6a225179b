"""The papers of an invoice: its document and PDF, those of its versions, and the files inside it.

What strangers made goes out with a fixed type that its bytes bear out, is never sniffed, and loads and runs nothing. A
PDF may be looked at in its page's frame: the browser's own viewer shows it, which Chromium keeps out of a sandboxed
frame (tried with 156: it shows a blank one), so there is no `sandbox`; a PDF that may act by itself is only handed out.
"""

from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.clickjacking import xframe_options_sameorigin

from apps.core.languages import reader_language
from apps.invoices import selectors as invoices
from apps.invoices.files import PDF, FileKind, read_file, safe_name
from apps.portal.invoice_reader import Reader, reader_of

_LOCKED: Final = "default-src 'none'; sandbox"
_IN_FRAME: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
_XML: Final = FileKind("markup", "application/xml", "xml")


@login_required
@xframe_options_sameorigin
def paper(
    request: HttpRequest, invoice_uuid: UUID, file_format: str, version: int | None = None, **place: Any
) -> HttpResponse:
    """Hand over the document in force, or of one version, as received; or its PDF, to look at."""
    reader = reader_of(request, invoice_uuid, **place)
    number = version or reader.invoice.version
    row = invoices.get_version(invoice=reader.invoice, version=number)
    if file_format == "xml":
        return _handed_over(invoices.read_version_document(row), _name(reader, number, _XML), _XML)
    content = invoices.read_version_pdf(row, language=reader_language())
    name = _name(reader, number, PDF)
    if invoices.may_act_by_itself(row):
        return _handed_over(content, name, PDF)
    return HttpResponse(
        content,
        content_type=PDF.media_type,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=False, filename=name) or "inline",
            "Content-Security-Policy": _IN_FRAME,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


@login_required
def attachment(request: HttpRequest, invoice_uuid: UUID, number: int, **place: Any) -> HttpResponse:
    """Hand over a file from inside the document in force, under a safe name and as what its bytes are."""
    reader = reader_of(request, invoice_uuid, **place)
    file, content = read_file(invoices.read_ubl_in_force(reader.invoice), number)
    return _handed_over(content, file.name, file.kind)


def _handed_over(content: bytes, name: str, kind: FileKind) -> HttpResponse:
    """Answer with a download: a browser would run what a document may ask for."""
    return HttpResponse(
        content,
        content_type=kind.media_type,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
            "Content-Security-Policy": _LOCKED,
        },
    )


def _name(reader: Reader, version: int, kind: FileKind) -> str:
    suffix = f"-v{version}" if version > 1 else ""
    return safe_name(f"{reader.invoice.number.replace('.', '_')}{suffix}.", kind, fallback=str(reader.invoice.uuid))
