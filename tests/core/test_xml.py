import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.xml import (
    XmlBeyondLimits,
    XmlEncodingUnsupported,
    XmlHasDoctype,
    XmlMalformed,
    XmlRefused,
    XmlTooLarge,
    parse_xml,
)


def parse(text: str, encoding: str = "utf-8") -> str | None:
    return parse_xml(text.encode(encoding)).text


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("UTF-8", "utf-16"),
        ("ISO-8859-15", "iso-8859-15"),
        ("Windows-1252", "cp1252"),
    ],
)
def test_allowed_encodings_are_read(declared: str, encoding: str) -> None:
    assert parse(f'<?xml version="1.0" encoding="{declared}"?><a>é €</a>', encoding) == "é €"


def test_latin_1_is_read() -> None:
    assert parse('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', "latin-1") == "é"


@pytest.mark.parametrize("declared", ["UTF-7", "cp037", "UTF-32", "shift_jis", "x-unknown"])
def test_other_declared_encodings_are_refused(declared: str) -> None:
    with pytest.raises(XmlEncodingUnsupported) as refusal:
        parse(f"<?xml version='1.0' encoding='{declared}'?><a/>")
    assert refusal.value.code == "encoding_unsupported"


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-be", "cp037"])
def test_other_encodings_are_refused_by_their_bytes(encoding: str) -> None:
    with pytest.raises(XmlEncodingUnsupported):
        parse('<?xml version="1.0"?><a/>', encoding)


def test_utf_16_that_is_only_declared_is_refused() -> None:
    with pytest.raises(XmlEncodingUnsupported, match="not written in it"):
        parse('<?xml version="1.0" encoding="utf-16"?><a/>')


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        "\n<!-- x --><?p q?>\n<!DOCTYPE a SYSTEM 'http://example.org/a.dtd'><a/>",
        "<!-- <a> --><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_doctype_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(XmlHasDoctype) as refusal:
        parse(text, encoding)
    assert refusal.value.code == "xml_doctype"


@pytest.mark.parametrize("text", ["<!-- <!DOCTYPE a> --><a>b</a>", "<a><![CDATA[b]]><!-- <!DOCTYPE a> --></a>"])
def test_a_doctype_in_a_comment_is_none(text: str) -> None:
    assert parse(text) == "b"


def test_comments_and_instructions_do_not_split_a_text() -> None:
    assert parse("<a>12<!-- x -->34<?p q?>56</a>") == "123456"


def test_depth_is_bounded() -> None:
    assert parse_xml(b"<a>" * 200 + b"</a>" * 200) is not None
    for depth in (201, 300, 100_000):
        with pytest.raises(XmlBeyondLimits) as refusal:
            parse_xml(b"<a>" * depth + b"</a>" * depth)
        assert refusal.value.code == "xml_malformed"


def test_size_is_bounded() -> None:
    with pytest.raises(XmlTooLarge) as refusal:
        parse_xml(b"<a>12345</a>", max_bytes=11)
    assert refusal.value.code == "file_too_large"


@pytest.mark.parametrize(
    "text",
    [
        "<a>" + "x" * 1_000_001 + "</a>",
        '<a b="' + "x" * 1_000_001 + '"/>',
        "<a " + " ".join(f'b{each}=""' for each in range(257)) + "/>",
        "<a " + " ".join(f'xmlns:b{each}="c"' for each in range(20_000)) + "/>",
    ],
    ids=["text", "attribute", "attributes", "namespaces"],
)
def test_what_no_business_document_has_is_refused(text: str) -> None:
    with pytest.raises(XmlBeyondLimits):
        parse(text)


def test_the_element_named_for_it_may_hold_a_long_text() -> None:
    text = "<a><b>" + "x" * 12_000_000 + "</b></a>"

    assert len(parse_xml(text.encode(), long_text_in="b")) == 1


def test_entity_bombs_end_at_once() -> None:
    bomb = "<!DOCTYPE a [<!ENTITY b '" + "x" * 100_000 + "'>]><a c='" + "&b;" * 5_000 + "'/>"
    started = time.perf_counter()

    with pytest.raises(XmlHasDoctype):
        parse(bomb)
    assert time.perf_counter() - started < 1


def test_a_long_prolog_is_read_once() -> None:
    prolog = "<!-- x --> <?p q?>" * 50_000
    started = time.perf_counter()

    assert parse(f"{prolog}<a>b</a>") == "b"
    with pytest.raises(XmlMalformed):
        parse(f"{prolog}<!-- <a>b</a>")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.4", "The file is a PDF, not XML."),
        (b"PK\x03\x04", "The file is a ZIP archive (or an Office file), not XML."),
        (b"\x1f\x8b\x08", "The file is a gzip archive, not XML."),
        (b' {"a": 1}', "The file is JSON, not XML."),
    ],
)
def test_other_formats_are_named(data: bytes, sentence: str) -> None:
    with pytest.raises(XmlMalformed, match=r"not XML\.$") as refusal:
        parse_xml(data)
    assert str(refusal.value) == sentence


def test_a_fault_names_its_line() -> None:
    with pytest.raises(XmlMalformed) as refusal:
        parse("<a>\n<b>\n</a>")
    assert refusal.value.line == 3
    assert str(refusal.value).startswith("The document is not well-formed XML on line 3: ")


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"<a>{text}</a>".encode()))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome: str | XmlRefused
    try:
        outcome = str(parse_xml(data).tag)
    except XmlRefused as refusal:
        outcome = refusal
    if isinstance(outcome, XmlRefused):
        assert outcome.code in {"xml_malformed", "xml_doctype", "encoding_unsupported"}
        assert str(outcome).endswith(".")
