"""Files inside a document: what they are is told by their bytes, and their names are made safe."""

import base64
import io
import zipfile
from dataclasses import replace

import pytest

from apps.core.errors import NotFound
from apps.invoices.files import (
    ARCHIVE,
    JPEG,
    MARKUP,
    ODS,
    PDF,
    PNG,
    PROGRAM,
    TEXT,
    UNKNOWN,
    XLSX,
    FileKind,
    kind_of,
    list_files,
    read_file,
    safe_name,
)
from apps.invoices.ubl import Attachment, UblDocument, build_invoice, read_ubl
from tests.invoices.ubl.samples import draft


def zipped(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.spreadsheet" if name == "mimetype" else "x")
    return kept.getvalue()


def document(*files: tuple[str, str, bytes]) -> UblDocument:
    attachments = (Attachment("A", name, mime, base64.b64encode(content).decode()) for name, mime, content in files)
    return replace(read_ubl(build_invoice(draft())), attachments=tuple(attachments))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", PDF),
        (b"\x89PNG\r\n\x1a\n....", PNG),
        (b"\xff\xd8\xff\xe0..", JPEG),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), XLSX),
        (zipped("mimetype", "content.xml"), ODS),
        (zipped("a.txt"), ARCHIVE),
        (b"MZ\x90\x00", PROGRAM),
        (b"#!/bin/sh\n", PROGRAM),
        ("naam;bedrag\r\nCafé;1".encode(), TEXT),
        (b"\xef\xbb\xbf <html><script>alert(1)</script>", MARKUP),
        (b"<svg onload='x'/>", MARKUP),
        (b"\x00\x01\x02", UNKNOWN),
        (b"caf\xe9 au lait", UNKNOWN),
    ],
)
def test_the_bytes_say_what_a_file_is(content: bytes, kind: FileKind) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    ("claimed", "kind", "name"),
    [
        ("invoice.pdf", PDF, "invoice.pdf"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("C:\\temp\\tarief 2026.xlsx", XLSX, "tarief 2026.xlsx"),
        ("invoice.pdf.exe", PROGRAM, "invoice.pdf.bin"),
        ("factuur\u202efdp.exe", PROGRAM, "factuur_fdp.bin"),
        ('a"\r\nX: y".pdf', PDF, "a_X_ y.pdf"),
        ("", PNG, "file-1.png"),
        (".htaccess", TEXT, "file-1.txt"),
        ("x" * 300, PDF, f"{'x' * 80}.pdf"),
    ],
)
def test_a_name_is_made_safe_and_ends_as_what_the_file_is(claimed: str, kind: FileKind, name: str) -> None:
    assert safe_name(claimed, kind, fallback="file-1") == name


def test_files_are_listed_with_their_size_whatever_they_declare() -> None:
    shown = document(("foto.pdf", "application/pdf", b"\x89PNG\r\n\x1a\n" + b"x" * 20_000), ("leeg.pdf", "", b""))

    listed = list_files(shown)

    assert [(file.place, file.name, file.size, file.kind) for file in listed] == [
        (1, "foto.png", 20_008, PNG),
        (2, "leeg.bin", None, UNKNOWN),
    ]


def test_size_and_kind_are_told_of_base64_in_lines() -> None:
    lines = "\n".join(base64.encodebytes(b"%PDF-" + b"y" * 1_000).decode().splitlines())
    shown = replace(document(), attachments=(Attachment("A", "a", "", f"\n {lines}\n"),))

    assert [(file.size, file.kind) for file in list_files(shown)] == [(1_005, PDF)]


@pytest.mark.parametrize("place", [0, 2, 3])
def test_a_file_that_is_not_there_or_empty_is_not_found(place: int) -> None:
    shown = document(("a.pdf", "", b"%PDF-1.7"), ("leeg", "", b""))

    assert read_file(shown, 1)[1] == b"%PDF-1.7"
    with pytest.raises(NotFound):
        read_file(shown, place)
