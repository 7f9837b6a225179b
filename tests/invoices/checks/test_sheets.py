"""Rule sheets: an operator's own folder decides for Peppol, and Saxon stays with the thread that made it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apps.invoices.checks import NoSheets, list_sheets
from apps.invoices.checks.saxon import MAX_FINDINGS_PER_RULE, NotComputed, SheetBroken, run_sheet
from tests.invoices.checks.judging import PLAIN, changed, codes, judged

# A sheet in the form that Schematron compilers write: an assertion per line, and one that cannot be computed.
SHEET = """\
<xsl:stylesheet version="2.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:svrl="http://purl.oclc.org/dsdl/svrl" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2">
<xsl:template match="*" mode="schematron-select-full-path">unused</xsl:template>
<xsl:template match="/"><svrl:schematron-output>
<xsl:for-each select="//cac:InvoiceLine[xs:decimal(cbc:LineExtensionAmount) lt 100]">
<svrl:failed-assert id="PEPPOL-TEST-1" flag="FLAG"><xsl:attribute name="location"><xsl:apply-templates select="."
 mode="schematron-select-full-path"/></xsl:attribute>
<svrl:text>[PEPPOL-TEST-1]-A line MUST be of 100 at least.</svrl:text>
</svrl:failed-assert></xsl:for-each>
<xsl:if test="//cbc:BuyerReference = 'stop'"><xsl:value-of select="xs:decimal('x')"/></xsl:if>
</svrl:schematron-output></xsl:template></xsl:stylesheet>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sheets = tmp_path / "peppol & co"
    sheets.mkdir()
    (sheets / "PEPPOL.xslt").write_text(SHEET.replace("FLAG", "fatal"))
    return sheets


def test_the_operators_sheets_decide_instead_of_the_port(folder: Path) -> None:
    without_endpoint = changed('<cbc:EndpointID schemeID="0208">0765432146</cbc:EndpointID>', "")

    judgement = judged(without_endpoint, sheets=folder)

    (found,) = judgement.findings
    assert (found.code, found.layer, found.severity) == ("PEPPOL-TEST-1", "peppol", "fatal")
    assert found.location == "/Invoice/cac:InvoiceLine[2]"
    assert found.message == "A line MUST be of 100 at least."
    assert codes(judged(without_endpoint)) == {"PEPPOL-EN16931-R010"}


def test_a_rule_that_only_warns_rejects_nothing(folder: Path) -> None:
    (folder / "PEPPOL.xslt").write_text(SHEET.replace("FLAG", "warning"))

    judgement = judged(PLAIN, sheets=folder)

    assert codes(judgement) == {"PEPPOL-TEST-1"}
    assert not judgement.is_rejected


def test_a_sheet_that_stops_is_a_fatal_finding_of_its_layer(folder: Path) -> None:
    judgement = judged(changed(">BR-1<", ">stop<"), sheets=folder)

    assert [(found.code, found.layer, found.severity) for found in judgement.findings] == [
        ("rules_not_computed", "peppol", "fatal")
    ]
    with pytest.raises(NotComputed):
        run_sheet(folder / "PEPPOL.xslt", changed(">BR-1<", ">stop<").partition("?>")[2])


def test_a_sheet_that_does_not_compile_is_an_error_and_no_verdict(folder: Path) -> None:
    (folder / "PEPPOL.xslt").write_text(SHEET.replace("</xsl:stylesheet>", ""))

    with pytest.raises(SheetBroken, match="PEPPOL"):
        judged(PLAIN, sheets=folder)


def test_the_same_rule_is_reported_so_many_times_and_no_more(folder: Path) -> None:
    line = PLAIN[PLAIN.rindex("<cac:InvoiceLine>") : PLAIN.rindex("</Invoice>")]

    judgement = judged(changed(line, line * 50), sheets=folder)

    assert [found.code for found in judgement.findings].count("PEPPOL-TEST-1") == MAX_FINDINGS_PER_RULE


def test_a_folder_without_sheets_is_an_error_and_not_a_pass(tmp_path: Path) -> None:
    with pytest.raises(NoSheets):
        list_sheets(tmp_path)
    with pytest.raises(NoSheets):
        judged(PLAIN, sheets=tmp_path)


def test_another_thread_is_refused_before_it_can_end_the_process() -> None:
    judged(PLAIN)

    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="belongs to the thread"):
        pool.submit(judged, PLAIN).result()
