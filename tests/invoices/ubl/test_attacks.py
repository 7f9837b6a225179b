"""Hostile and broken files: each is refused with its code, or read without anything it asks for being done."""

import time
from pathlib import Path

import pytest

from apps.invoices.ubl import UblRefused, check_schema, read_ubl
from tests.invoices.ubl.samples import SAMPLES, attack, sample

REFUSED = {
    "billion_laughs.xml": "xml_doctype",
    "cii.xml": "not_ubl",
    "control_char.xml": "xml_malformed",
    "deep_nesting_300.xml": "xml_malformed",
    "dtd_default_attr.xml": "xml_doctype",
    "ebcdic.xml": "encoding_unsupported",
    "external_dtd.xml": "xml_doctype",
    "gzip.xml.gz": "xml_malformed",
    "html.xml": "xml_doctype",
    "internal_entity.xml": "xml_doctype",
    "json.xml": "xml_malformed",
    "latin1_undeclared.xml": "xml_malformed",
    "leading_whitespace.xml": "xml_malformed",
    "no_namespace.xml": "not_ubl",
    "not_xml.txt.xml": "xml_malformed",
    "null_byte.xml": "xml_malformed",
    "pdf_as_xml.xml": "xml_malformed",
    "root_order.xml": "not_ubl",
    "sbdh_wrapped.xml": "not_ubl",
    "trailing_garbage.xml": "xml_malformed",
    "truncated.xml": "xml_malformed",
    "utf7.xml": "encoding_unsupported",
    "wrong_namespace.xml": "not_ubl",
    "xlsx_as_xml.xml": "xml_malformed",
    "xxe_file.xml": "xml_doctype",
    "xxe_http.xml": "xml_doctype",
    "xxe_parameter.xml": "xml_doctype",
    "zip_slip.zip": "xml_malformed",
}
READ = {
    "attachment_exe.xml",
    "attachment_html_as_pdf.xml",
    "csv_formula.xml",
    "external_reference_uri.xml",
    "html_in_text.xml",
    "path_traversal_filename.xml",
    "prefixed_root.xml",
    "rtl_override.xml",
    "utf8_bom.xml",
    "xml_stylesheet_pi.xml",
    "xsi_schemalocation.xml",
}
REJECTED_BY_SCHEMA = {"xinclude.xml"}
PLAIN = sample("belgian__be_001_ogm_pdf.xml").decode()


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_a_hostile_file_is_refused_with_its_code_at_once(name: str, code: str) -> None:
    started = time.perf_counter()

    with pytest.raises(UblRefused) as refusal:
        read_ubl(attack(name))
    assert refusal.value.code == code
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("name", sorted(READ))
def test_a_harmless_oddity_is_read_and_valid(name: str) -> None:
    assert read_ubl(attack(name)).number
    assert check_schema(attack(name)) == []


def test_an_inclusion_is_not_processed_and_the_schema_rejects_it() -> None:
    assert [finding.code for finding in check_schema(attack("xinclude.xml"))] == ["XSD"]
    assert "root:" not in repr(read_ubl(attack("xinclude.xml")))


def test_every_attack_on_file_is_named_here() -> None:
    names = {path.name for path in Path(SAMPLES / "attacks").glob("*.*") if path.suffix != ".pdf"}

    assert names >= REFUSED.keys() | READ | REJECTED_BY_SCHEMA


def test_the_refusal_of_cii_says_so() -> None:
    with pytest.raises(UblRefused, match=r"CII .* is not accepted"):
        read_ubl(attack("cii.xml"))


@pytest.mark.parametrize("data", [b"", b" \r\n\t"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(UblRefused) as refusal:
        read_ubl(data)
    assert refusal.value.code == "file_empty"


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(UblRefused) as refusal:
        read_ubl(PLAIN.encode(), max_bytes=1_000)
    assert refusal.value.code == "file_too_large"


@pytest.mark.parametrize(
    "start",
    [
        "<cac:X>" * 100_000 + "</cac:X>" * 100_000 + "<cbc:ID>",
        '<cbc:ID schemeID="' + "x" * 11_000_000 + '">',
        "<cbc:ID " + " ".join(f'a{each}=""' for each in range(100_000)) + ">",
        "<cbc:ID " + " ".join(f'xmlns:a{each}="u"' for each in range(20_000)) + ">",
        "<cbc:Note>" + "x" * 11_000_000 + "</cbc:Note><cbc:ID>",
    ],
    ids=["depth", "attribute", "attributes", "namespaces", "text"],
)
def test_an_oversized_part_is_refused(start: str) -> None:
    with pytest.raises(UblRefused) as refusal:
        read_ubl(PLAIN.replace("<cbc:ID>", start, 1).encode())
    assert refusal.value.code == "xml_malformed"


def between(text: str, element: str) -> str:
    return text[text.index(f"<{element}>") : text.index(f"</{element}>") + len(f"</{element}>")]
