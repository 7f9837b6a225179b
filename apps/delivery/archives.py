"""Archives of sales invoices: safe file names, the list of what is inside, and a ZIP that is written while it is read.

Nothing here knows a table. The same documents in the same order give the same bytes, so that an archive that is made
again after a crash is recognised by its hash.
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

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
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_READABLE_FILE: Final = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file of a document: its ending (`xml`, `pdf`) and what reads its bytes when its turn comes."""

    ending: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class ArchivedDocument:
    """One version of an invoice or credit note as it lies in an archive. Amounts are in its currency.

    `occasion` is why it is there (`arrival`, `backfill`, `again`); `left_out` says where to find a file that is not
    inside, when one was too large.
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


def write_archive(documents: Iterable[ArchivedDocument]) -> Iterator[bytes]:
    """Give a ZIP of documents, piece by piece, with `manifest.csv` at its end; one file is in memory at a time.

    Paths are `CLIENTCODE/YEAR/NUMBER_vN.xml`. The manifest has a line per file (`MANIFEST_COLUMNS`, UTF-8, comma).
    """
    pieces = _Pieces()
    manifest = io.StringIO(newline="")
    lines = csv.writer(manifest, lineterminator="\r\n")
    lines.writerow(MANIFEST_COLUMNS)
    taken: set[str] = set()
    with zipfile.ZipFile(pieces, "w") as archive:
        for document in documents:
            for path, content in _files_of(document, taken):
                _add(archive, path, content)
                lines.writerow(_line(document, path, content))
                yield pieces.take()
            if document.left_out:
                lines.writerow(_line(document, "", None))
        _add(archive, MANIFEST, manifest.getvalue().encode())
        yield pieces.take()
    yield pieces.take()


def _files_of(document: ArchivedDocument, taken: set[str]) -> Iterator[tuple[str, bytes]]:
    for file in document.files:
        content = file.read()
        name = file_name(document, file.ending, content, lambda name: f"{document.folder}/{name}".lower() in taken)
        path = f"{document.folder}/{name}"
        taken.add(path.lower())
        yield path, content


def _add(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(path, date_time=_EPOCH)
    entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE_FILE, 3
    archive.writestr(entry, content)


def _line(document: ArchivedDocument, path: str, content: bytes | None) -> list[str]:
    digest, size = ("", "") if content is None else (hashlib.sha256(content).hexdigest(), str(len(content)))
    facts = (
        document.client_code, document.enterprise_number, document.company_name, document.document_type,
        document.number, document.version, document.issue_date.isoformat(), document.customer_name, document.currency,
    )  # fmt: skip
    texts = [harmless(str(fact)) for fact in facts]
    # An amount below zero is no formula.
    return [path, digest, size, *texts, f"{document.total_amount:.2f}", document.occasion, document.left_out]


def harmless(text: str) -> str:
    """Return a text of a stranger as a cell that no spreadsheet runs."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Pieces(io.RawIOBase):
    """What was written since the last look; it cannot seek, so that the ZIP is written in one go."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        added = bytes(content)  # type: ignore[call-overload] # any buffer, as the interface has it
        self._written += added
        return len(added)

    def take(self) -> bytes:
        """Return what was written, and forget it."""
        taken = bytes(self._written)
        self._written.clear()
        return taken
