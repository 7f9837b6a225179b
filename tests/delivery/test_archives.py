"""Archives of invoices: every file once, under a name that every system takes, with its hash in the manifest."""

import csv
import hashlib
import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.delivery.archives import MANIFEST, ArchivedDocument, ArchivedFile, safe_name, write_archive

FACTS: dict[str, Any] = {
    "client_code": "K100",
    "enterprise_number": "0403019261",
    "company_name": "Bakkerij",
    "document_type": "invoice",
    "number": "2026-0117",
    "version": 1,
    "issue_date": date(2026, 11, 19),
    "customer_name": "Klant NV",
    "currency": "EUR",
    "total_amount": Decimal("1210.00"),
}


def document(content: bytes = b"<Invoice/>", **facts: Any) -> ArchivedDocument:
    return ArchivedDocument(**(FACTS | {"files": [ArchivedFile("xml", lambda: content)]} | facts))


def read(*documents: ArchivedDocument) -> tuple[zipfile.ZipFile, list[dict[str, str]]]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(write_archive(documents))))
    assert archive.testzip() is None
    return archive, list(csv.DictReader(io.StringIO(archive.read(MANIFEST).decode(), newline="")))


def test_every_file_is_listed_with_its_hash() -> None:
    pdf = ArchivedFile("pdf", lambda: b"%PDF")
    archive, lines = read(document(files=[ArchivedFile("xml", lambda: b"<a/>"), pdf], version=3))

    assert archive.namelist() == ["K100/2026/2026-0117_v3.xml", "K100/2026/2026-0117_v3.pdf", MANIFEST]
    for line in lines:
        content = archive.read(line["path"])
        assert (line["sha256"], line["size"]) == (hashlib.sha256(content).hexdigest(), str(len(content)))
    assert (lines[0]["number"], lines[0]["version"], lines[0]["total"]) == ("2026-0117", "3", "1210.00")


def test_the_same_documents_give_the_same_bytes() -> None:
    assert b"".join(write_archive([document()])) == b"".join(write_archive([document()]))


def test_files_are_read_one_at_a_time_as_the_archive_is_taken() -> None:
    read_so_far: list[str] = []

    def noted(name: str) -> ArchivedFile:
        def note() -> bytes:
            read_so_far.append(name)
            return b"<a/>"

        return ArchivedFile("xml", note)

    pieces = write_archive([document(files=[noted("1")], number="1"), document(files=[noted("2")], number="2")])
    next(pieces)

    assert read_so_far == ["1"]


def test_two_clients_of_one_code_do_not_hide_each_others_files() -> None:
    archive, lines = read(document(b"<a/>"), document(b"<b/>", enterprise_number="0202239951"))

    assert len({line["path"] for line in lines}) == 2
    assert [archive.read(line["path"]) for line in lines] == [b"<a/>", b"<b/>"]


def test_an_invoice_and_a_credit_note_of_one_number_have_two_names() -> None:
    _archive, lines = read(document(), document(document_type="credit_note"))

    assert lines[0]["path"] != lines[1]["path"]


def test_a_file_that_was_left_out_is_named_with_the_place_to_find_it() -> None:
    archive, lines = read(document(files=[], left_out="http://localhost/x/"))

    assert archive.namelist() == [MANIFEST]
    assert (lines[0]["path"], lines[0]["number"], lines[0]["left_out"]) == ("", "2026-0117", "http://localhost/x/")


def test_what_a_stranger_wrote_is_no_formula() -> None:
    _archive, lines = read(document(customer_name="=cmd()", total_amount=Decimal(-5)))

    assert (lines[0]["customer"], lines[0]["total"]) == ("'=cmd()", "-5.00")


@pytest.mark.parametrize(
    "text", ["", "..", ".", "../../etc", "a/b", "a\\b", "CON", "nul.txt", "é", "a" * 300, "x ", "\0"]
)
def test_no_name_climbs_or_is_taken_by_a_system(text: str) -> None:
    name = safe_name(text)

    assert name.isascii()
    assert name.strip("._ ") == name or name.startswith("_")
    assert not set(name) & set('/\\:*?"<>| \0')
    assert len(name) <= 90
    assert name.upper().partition(".")[0] not in {"CON", "NUL"}


@given(st.text(max_size=120), st.text(max_size=120))
def test_two_texts_never_share_a_name(one: str, other: str) -> None:
    assert (safe_name(one) == safe_name(other)) == (one == other)
