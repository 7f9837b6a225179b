"""The files inside a document, told by their bytes alone: what its sender says of them is never believed."""

import base64
import binascii
import codecs
import re
from dataclasses import dataclass
from typing import Final

from apps.core.errors import NotFound
from apps.invoices.ubl import Attachment, UblDocument

_HEAD_CHARACTERS: Final = 8_192
_BLANKS: Final = re.compile(r"\s+")
_OCTETS: Final = "application/octet-stream"
_ODS: Final = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_PROGRAMS: Final = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
# Letters, digits and what is harmless in a file's name everywhere; a dot only inside.
_UNSAFE: Final = re.compile(r"[^\w \-.()]+")
_MAX_STEM: Final = 80


@dataclass(frozen=True, slots=True)
class FileKind:
    """What a file is: a code with a word in the portal, the type it is served as, and the end of its name."""

    code: str
    media_type: str
    extension: str


PDF: Final = FileKind("pdf", "application/pdf", "pdf")
PNG: Final = FileKind("png", "image/png", "png")
JPEG: Final = FileKind("jpeg", "image/jpeg", "jpg")
XLSX: Final = FileKind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
ODS: Final = FileKind("ods", "application/vnd.oasis.opendocument.spreadsheet", "ods")
TEXT: Final = FileKind("text", "text/plain; charset=utf-8", "txt")
# What may act, or is not known, is handed out as bytes that no browser opens.
MARKUP: Final = FileKind("markup", _OCTETS, "xml")
ARCHIVE: Final = FileKind("archive", _OCTETS, "zip")
PROGRAM: Final = FileKind("program", _OCTETS, "bin")
UNKNOWN: Final = FileKind("unknown", _OCTETS, "bin")


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file inside a document: its place among them from 1, a safe name, its size in bytes, and what it is.

    `size` is None when the text that should hold it is no Base64.
    """

    place: int
    name: str
    size: int | None
    kind: FileKind


def list_files(document: UblDocument) -> list[EmbeddedFile]:
    """Return the files inside a document, without decoding more than the beginning of each."""
    return [_look_at(place, attachment) for place, attachment in enumerate(document.attachments, start=1)]


def read_file(document: UblDocument, place: int) -> tuple[EmbeddedFile, bytes]:
    """Return one file inside a document, with its bytes.

    :raises NotFound: when there is none at this place, or it cannot be decoded.
    """
    if not 1 <= place <= len(document.attachments):
        raise NotFound
    attachment = document.attachments[place - 1]
    content = attachment.content
    if not content:
        raise NotFound
    return _look_at(place, attachment), content


def kind_of(head: bytes) -> FileKind:
    """Tell what a file is by its first bytes."""
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"PK\x03\x04"):
        return ODS if _ODS in head[:120] else XLSX if b"[Content_Types].xml" in head or b"xl/" in head else ARCHIVE
    if head.startswith(_PROGRAMS):
        return PROGRAM
    return _kind_of_text(head)


def safe_name(claimed: str, kind: FileKind, *, fallback: str) -> str:
    """Return a name for the file that is no path, hides nothing, and ends as what the file is."""
    base = re.split(r"[/\\]", claimed)[-1]
    stem, dot, _end = base.rpartition(".")
    stem = _UNSAFE.sub("_", stem if dot else base).strip(" ._")[:_MAX_STEM].strip(" .")
    return f"{stem or fallback}.{kind.extension}"


def _look_at(place: int, attachment: Attachment) -> EmbeddedFile:
    head = _head(attachment.base64_text)
    kind = kind_of(head) if head else UNKNOWN
    name = safe_name(attachment.filename or attachment.document_id, kind, fallback=f"file-{place}")
    return EmbeddedFile(place=place, name=name, size=_size(attachment.base64_text) if head else None, kind=kind)


def _head(text: str) -> bytes:
    start = _BLANKS.sub("", text[:_HEAD_CHARACTERS])
    try:
        return base64.b64decode(start[: len(start) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return b""


def _size(text: str) -> int:
    """Return how many bytes a Base64 text holds, without decoding it."""
    characters = len(text) - sum(text.count(blank) for blank in " \n\r\t")
    return characters // 4 * 3 - text.rstrip()[-2:].count("=")


def _kind_of_text(head: bytes) -> FileKind:
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=False)
    except UnicodeDecodeError:
        return UNKNOWN
    if any(ord(character) < ord(" ") and character not in "\t\r\n\f" for character in text):
        return UNKNOWN
    return MARKUP if text.lstrip().startswith("<") else TEXT
