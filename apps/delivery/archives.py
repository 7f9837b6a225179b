"""Archives of sales invoices: safe file names, the list of what is inside, and a ZIP that is written while it is read.

Nothing here knows a table of the database. The same documents in the same order give the same bytes, so that an archive
that is made
again after a crash is recognised by its hash.
"""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from apps.delivery.zipping import Entry, pack, write_directory

MANIFEST: Final = "manifest.csv"
MANIFEST_COLUMNS: Final = (
    "path", "sha256", "size", "client_code", "enterprise_number", "company", "document", "number", "version",
    "issue_date", "customer", "currency", "total", "occasion", "left_out",
)  # fmt: skip
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
# Names that Windows keeps for devices, whatever their ending.
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")
_LONGEST: Final = 80
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# What a list of documents says of each, in this order (`Contents.rows`); amounts have the document's own sign.
LISTED: Final = (
    "client_code", "enterprise_number", "company_name", "document_type", "number", "version", "issue_date", "due_date",
    "customer_name", "structured_communication", "currency", "net_amount", "vat_amount", "total_amount",
    "payable_amount",
)  # fmt: skip
# Makes the files that list the documents in an archive, out of their rows: their names and their bytes.
Listing = Callable[[Sequence[Sequence[str]]], Iterable[tuple[str, bytes]]]


class FileLeftOut(Exception):
    """Raised by what reads a file that cannot be in the archive; the manifest says why, as a code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file of a document: its ending (`xml`, `pdf`) and what reads its bytes when its turn comes.

    `read` may raise `FileLeftOut`.
    """

    ending: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class ArchivedDocument:
    """One version of an invoice or credit note as it lies in an archive. Amounts are in its currency.

    `occasion` is why it is there (`arrival`, `backfill`, `again`); `left_out` says where to find a file that is not
    inside, when one was too large. The amounts and the day that have a default only stand in the lists.
    """

    client_code: str
    enterprise_number: str
    company_name: str
    document_type: str
    number: str
    version: int
    issue_date: date
    customer_name: str
    currency: str
    total_amount: Decimal
    files: Sequence[ArchivedFile]
    occasion: str = "arrival"
    left_out: str = ""
    due_date: date | None = None
    net_amount: Decimal | None = None
    vat_amount: Decimal | None = None
    payable_amount: Decimal | None = None
    structured_communication: str = ""

    @property
    def folder(self) -> str:
        """Return `CLIENTCODE/YEAR`, with the enterprise number for a client without a code."""
        return f"{safe_name(self.client_code or self.enterprise_number)}/{self.issue_date.year:04d}"

    @property
    def stem(self) -> str:
        """Return `NUMBER_vN`, the name of its files without their ending."""
        return f"{_document_name(self.document_type, self.number)}_v{self.version}"


def safe_name(text: str) -> str:
    """Return a text as the name of a file or folder that every system takes, and that climbs nowhere.

    A text that is not such a name itself gets `~` and six digits of its own hash, so that two texts never share one.
    """
    cleaned = _UNSAFE.sub("_", text).strip("._")[:_LONGEST]
    if cleaned == text and not _DEVICES.match(cleaned):
        return cleaned
    return f"{'_' if _DEVICES.match(cleaned) else ''}{cleaned or 'x'}~{_short_hash(text)}"


def _document_name(document_type: str, number: str) -> str:
    """Return the name of a document: a credit note may have an invoice's number, and case counts on some systems."""
    name = safe_name(number)
    if document_type == "invoice" and (name != number or number == number.upper()):
        return name
    prefix = "" if document_type == "invoice" else "CN-"
    return f"{prefix}{_UNSAFE.sub('_', number).strip('._')[:_LONGEST]}~{_short_hash(f'{document_type} {number}')}"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def file_name(document: ArchivedDocument, ending: str, content: bytes, taken: Callable[[str], bool]) -> str:
    """Return the name of a file in its folder; one whose name another content has gets its own hash in its name."""
    name = f"{document.stem}.{ending}"
    return f"{document.stem}~{hashlib.sha256(content).hexdigest()[:8]}.{ending}" if taken(name) else name


@dataclass(slots=True)
class Contents:
    """What was packed so far: entries of the directory, lines of the manifest, a row of `LISTED` per document.

    `taken` are the paths that exist, in small letters. Files are packed one at a time, none is kept.
    """

    entries: list[Entry] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)

    def add(self, document: ArchivedDocument) -> Iterator[bytes]:
        """Pack a document; gives the pieces of the archive as they come."""
        left_out = document.left_out
        for file in document.files:
            try:
                content = file.read()
            except FileLeftOut as error:
                left_out = error.code
                continue
            name = file_name(document, file.ending, content, lambda name: self._is_taken(document.folder, name))
            path = f"{document.folder}/{name}"
            self.lines.append(_line(document, path, content, document.left_out))
            yield self._pack(path, content)
        if left_out:
            self.lines.append(_line(document, "", None, left_out))
        self.rows.append([_text(getattr(document, name)) for name in LISTED])

    def finish(self, listing: Listing | None) -> Iterator[bytes]:
        """Give the end of the archive: its lists, its manifest and its directory."""
        for path, content in listing(self.rows) if listing else ():
            yield self._pack(path, content)
        manifest = io.StringIO(newline="")
        csv.writer(manifest, lineterminator="\r\n").writerows([MANIFEST_COLUMNS, *self.lines])
        yield self._pack(MANIFEST, manifest.getvalue().encode())
        yield write_directory(self.entries)

    def _is_taken(self, folder: str, name: str) -> bool:
        return f"{folder}/{name}".lower() in self.taken

    def _pack(self, path: str, content: bytes) -> bytes:
        entry, packed = pack(path, content)
        self.entries.append(entry)
        self.taken.add(path.lower())
        return packed


def write_archive(documents: Iterable[ArchivedDocument], *, listing: Listing | None = None) -> Iterator[bytes]:
    """Give a ZIP of documents, piece by piece, with `manifest.csv` at its end; one file is in memory at a time.

    Paths are `CLIENTCODE/YEAR/NUMBER_vN.xml`. The manifest has a line per file (`MANIFEST_COLUMNS`, UTF-8, comma).
    """
    contents = Contents()
    for document in documents:
        yield from contents.add(document)
    yield from contents.finish(listing)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _line(document: ArchivedDocument, path: str, content: bytes | None, left_out: str) -> list[str]:
    digest, size = ("", "") if content is None else (hashlib.sha256(content).hexdigest(), str(len(content)))
    facts = (
        document.client_code, document.enterprise_number, document.company_name, document.document_type,
        document.number, document.version, document.issue_date.isoformat(), document.customer_name, document.currency,
    )  # fmt: skip
    texts = [harmless(str(fact)) for fact in facts]
    # An amount below zero is no formula.
    return [path, digest, size, *texts, f"{document.total_amount:.2f}", document.occasion, left_out]


def harmless(text: str) -> str:
    """Return a text of a stranger as a cell that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text
