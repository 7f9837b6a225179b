from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.invoices.ubl import check_schema, parse_ubl
from tests.invoices.ubl.samples import SAMPLES, sample


@pytest.mark.parametrize("name", sorted(path.name for path in (SAMPLES / "ubl").glob("belgian__*.xml")))
def test_belgian_documents_are_valid(name: str) -> None:
    assert check_schema(sample(name)) == []


@pytest.mark.parametrize(
    ("name", "location", "words"),
    [
        ("invalid__xsd_unknown_element.xml", "/Invoice/cbc:Foo", "'cbc:Foo': This element is not expected"),
        (
            "invalid__xsd_no_mimecode.xml",
            "/Invoice/cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject",
            "'mimeCode' is required",
        ),
        (
            "invalid__cn_invoice_lines_in_creditnote.xml",
            "/CreditNote/cac:InvoiceLine[1]",
            "Expected is ( cac:CreditNoteLine )",
        ),
    ],
)
def test_a_fault_is_placed_and_told(name: str, location: str, words: str) -> None:
    finding = check_schema(sample(name))[0]

    assert finding.code == "XSD"
    assert finding.location.split(" (line")[0] == location
    assert words in finding.message
    assert "urn:" not in finding.message


def test_a_parsed_document_is_checked_as_its_bytes_are() -> None:
    data = sample("invalid__xsd_unknown_element.xml")

    assert check_schema(parse_ubl(data)) == check_schema(data)


def test_a_thousand_faults_give_fifty_findings_and_short_messages() -> None:
    text = sample("belgian__be_002_mixed_rates.xml").decode()
    wrong = text.replace("<cbc:Percent>", "<cbc:Percent>" + "x" * 5_000)
    many = wrong.replace("<cbc:LineExtensionAmount currencyID", "<cbc:LineExtensionAmount wrong='' currencyID")

    findings = check_schema(many.encode())
    assert 1 < len(findings) <= 50
    assert max(len(finding.message) for finding in findings) <= 501


def test_threads_do_not_see_the_faults_of_each_other() -> None:
    good = parse_ubl(sample("belgian__be_001_ogm_pdf.xml"))
    bad = parse_ubl(sample("invalid__xsd_unknown_element.xml"))

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(check_schema, [good, bad] * 50))
    assert [len(findings) for findings in results] == [0, 1] * 50
