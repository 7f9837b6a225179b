"""The papers that come with a document: the PDF beside it, and the files inside it, judged by their bytes alone."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from apps.invoices.checks.found import Found
from apps.invoices.checks.policy import own
from apps.invoices.pdf import PdfFacts, PdfUnreadable, inspect_pdf
from apps.invoices.ubl import Attachment
from apps.invoices.ubl.places import place_of
from apps.invoices.ubl.values import children, text_at

PART: Final = "pdf"
MAX_PAGES: Final = 500
MAX_FILES: Final = 20
_ATTACHMENT: Final = "cac:AdditionalDocumentReference/cac:Attachment"
_EXECUTABLES: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
_PDF: Final = "application/pdf"
_INVOICE_SUFFIX: Final = ".xml"


def check_part(pdf: bytes) -> list[Found]:
    """Return what there is to say of the PDF beside the document; one that does not open is fatal."""
    try:
        return list(_remarks(inspect_pdf(pdf), PART))
    except PdfUnreadable as error:
        return [own("pdf_unreadable", PART, reason=error.reason)]


def check_attachments(root: etree._Element) -> list[Found]:
    """Return what there is to say of the files inside a document: the first twenty are looked at."""
    findings: list[Found] = []
    for attachment in children(root, _ATTACHMENT)[:MAX_FILES]:
        for embedded in children(attachment, "cbc:EmbeddedDocumentBinaryObject"):
            findings += _check_embedded(embedded)
        for reference in children(attachment, "cac:ExternalReference"):
            address = (text_at(reference, "cbc:URI") or "")[:200]
            findings.append(own("attachment_elsewhere", place_of(reference), address=address))
    return findings


def check_presence(root: etree._Element, *, beside: bool) -> list[Found]:
    """Say that no PDF came, neither beside the document nor inside it: an unreadable one did come."""
    files = children(root, f"{_ATTACHMENT}/cbc:EmbeddedDocumentBinaryObject")
    if beside or any(each.get("mimeCode") == _PDF or _as_attachment(each).is_pdf for each in files):
        return []
    return [own("pdf_missing", PART)]


def _check_embedded(embedded: etree._Element) -> Iterator[Found]:
    file = _as_attachment(embedded)
    name, content, place = file.filename, file.content, place_of(embedded)
    if not content:
        yield own("attachment_unreadable", place, name=name)
    elif content.startswith(_EXECUTABLES):
        yield own("attachment_executable", place, name=name)
    elif file.is_pdf:
        yield from _check_embedded_pdf(content, place, name)
    elif file.mime_code == _PDF:
        yield own("attachment_false_type", place, name=name)


def _as_attachment(embedded: etree._Element) -> Attachment:
    name, mime = (embedded.get("filename") or "")[:200], embedded.get("mimeCode") or ""
    return Attachment(document_id="", filename=name, mime_code=mime, base64_text=embedded.text or "")


def _check_embedded_pdf(content: bytes, place: str, name: str) -> Iterator[Found]:
    try:
        yield from _remarks(inspect_pdf(content), place)
    except PdfUnreadable as error:
        yield own("embedded_pdf_unreadable", place, name=name, reason=error.reason)


def _remarks(facts: PdfFacts, place: str) -> Iterator[Found]:
    if facts.actions:
        yield own("pdf_active_content", place, actions=", ".join(facts.actions))
    if facts.pages > MAX_PAGES:
        yield own("pdf_many_pages", place, pages=f"{facts.pages:,}", most=str(MAX_PAGES))
    if invoices := [name for name in facts.files if name.lower().endswith(_INVOICE_SUFFIX)]:
        yield own("pdf_contains_invoice", place, name=invoices[0])
    if others := [name for name in facts.files if not name.lower().endswith(_INVOICE_SUFFIX)]:
        yield own("pdf_contains_files", place, name=", ".join(others)[:200])
    if facts.restricted:
        yield own("pdf_restricted", place)
