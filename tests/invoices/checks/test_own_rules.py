"""Belgian and house rules: each finds its fault, with its place, and is silent on what is right."""

import re
from datetime import date

import pytest

from apps.invoices.checks import OWN_RULES, check_supplier
from apps.invoices.checks.policy import REJECTING_LAYERS, Profile, profile_of
from apps.invoices.ubl import read_ubl
from tests.invoices.checks.judging import (
    PEPPOL,
    PLAIN,
    UBL_BE,
    attack_pdf,
    changed,
    codes,
    judged,
    on_one_line,
    severities,
)

SUPPLIER, CUSTOMER = "0456789034", "0765432146"
USD = on_one_line("belgian__be_013_usd_taxcurrency.xml")
EN16931 = PLAIN.replace(PEPPOL, "urn:cen.eu:en16931:2017")
OTHER = PLAIN.replace(PEPPOL, "1.0")
SELF_BILLED = on_one_line("belgian__be_023_selfbilling389.xml")
REFERENCE = "+++123/4567/89002+++"
PAYMENT_ID = "/Invoice/cac:PaymentMeans/cbc:PaymentID"
SELF_BILLING = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"


@pytest.mark.parametrize(
    ("document", "code", "location"),
    [
        (changed(REFERENCE, "+++123/4567/89003+++"), "communication_check_digits", PAYMENT_ID),
        (changed(REFERENCE, "123456789003"), "communication_check_digits", PAYMENT_ID),
        (changed(REFERENCE, "RF19 5390 0754 7034"), "communication_check_digits", PAYMENT_ID),
        (changed("BE0765432146", "BE0765432147"), "enterprise_number_check_digits",
         "/Invoice/cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"),
        (changed("BE71096123456769", "BE72096123456769"), "iban_check_digits",
         "/Invoice/cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID"),
        (changed("2026-01-15", "2026-11-26", changed("2026-02-14", "2026-12-26")), "issue_date_in_future",
         "/Invoice/cbc:IssueDate"),
        (changed("2026-01-15", "2025-01-15", changed("2026-02-14", "2025-02-14")), "issue_date_long_ago",
         "/Invoice/cbc:IssueDate"),
        (changed("2026-02-14", "2026-01-14"), "due_date_before_issue", "/Invoice/cbc:DueDate"),
        (changed("2026-02-14", "2027-02-14"), "due_date_far_off", "/Invoice/cbc:DueDate"),
        (changed('EUR">450', 'USD">450', EN16931), "currency_mixed",
         "/Invoice/cac:InvoiceLine[1]/cbc:LineExtensionAmount"),
        (changed('EUR">45.00', 'EUR">44.99', EN16931), "line_amount_differs", "/Invoice/cac:InvoiceLine[1]"),
        (changed("107.09", "107.12", changed("617.06", "617.09")), "vat_amount_differs",
         "/Invoice/cac:TaxTotal/cac:TaxSubtotal"),
        (changed('<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">98.11</cbc:TaxAmount></cac:TaxTotal>', "",
                 changed("<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>", "", USD)),
         "vat_not_in_euro", "/Invoice/cac:TaxTotal/cbc:TaxAmount"),
        (changed(">389<", ">380<", SELF_BILLED), "self_billing_type", "/Invoice/cbc:InvoiceTypeCode"),
    ],
)  # fmt: skip
def test_a_fault_is_found_at_its_place_and_only_warns(document: str, code: str, location: str) -> None:
    judgement = judged(document, pdf=attack_pdf("good.pdf"))

    found = [(each.code, each.severity, each.location) for each in judgement.findings]
    assert found == [(code, "warning", location)]
    assert not judgement.is_rejected


@pytest.mark.parametrize(
    "document",
    [
        changed(REFERENCE, "Factuur 123456789003"),
        changed(REFERENCE, "090933755493"),
        changed(REFERENCE, "RF18 5390 0754 7034"),
        changed("2026-01-15", "2026-11-25", changed("2026-02-14", "2026-11-25")),
        changed("107.09", "107.11", changed("617.06", "617.08")),
        changed('EUR">45.00', 'EUR">45.001', EN16931),
        changed("BE71096123456769", "NL91ABNA0417164300"),
    ],
)
def test_what_is_plausible_is_not_remarked_on(document: str) -> None:
    assert judged(document).findings == ()


def test_a_document_that_came_without_a_pdf_is_told_that_one_was_made() -> None:
    without = on_one_line("belgian__be_020_no_attachment_no_ogm.xml")

    assert [(each.code, each.severity, each.layer) for each in judged(without).findings] == [
        ("pdf_missing", "information", "pdf")
    ]
    assert not judged(without, pdf=attack_pdf("good.pdf")).findings


@pytest.mark.parametrize(
    ("declared", "content", "expected"),
    [
        ("application/pdf", "JVBERi0xLjQK", {"embedded_pdf_unreadable"}),
        ("text/csv", "JVBERi0xLjQK", {"embedded_pdf_unreadable"}),
        ("application/pdf", "", {"attachment_unreadable"}),
        ("text/csv", "YTtiCg==", {"pdf_missing"}),
    ],
)
def test_a_pdf_that_came_but_cannot_be_read_is_not_missing(declared: str, content: str, expected: set[str]) -> None:
    before, embedded, after = re.split(r"(<cbc:EmbeddedDocumentBinaryObject [^<]*)", OTHER)
    start = embedded.partition("JVBERi")[0].replace("application/pdf", declared)

    assert codes(judged(before + start + content + after)) == expected


def test_line_of_a_finding_is_told_where_there_are_lines() -> None:
    document = changed("2026-01-15", "2026-11-26", changed("2026-02-14", "2026-12-26")).replace("><c", ">\n<c")

    (found,) = judged(document).findings
    assert found.location == "/Invoice/cbc:IssueDate (line 5)"


def test_what_an_official_rule_says_is_not_said_again() -> None:
    wrong = changed('schemeID="0208">0765432146</cbc:EndpointID>', 'schemeID="0208">0765432147</cbc:EndpointID>')
    assert codes(judged(wrong)) == {"PEPPOL-COMMON-R043"}

    assert codes(judged(wrong.replace(PEPPOL, "1.0"))) == {"enterprise_number_check_digits"}


@pytest.mark.parametrize(
    ("own_numbers", "document", "refusal"),
    [
        ({SUPPLIER}, PLAIN, None),
        ({"0123456749", SUPPLIER}, PLAIN, None),
        ({CUSTOMER}, PLAIN, "supplier_mismatch"),
        ({SUPPLIER}, SELF_BILLED, None),
        ({CUSTOMER}, SELF_BILLED, "self_billed_by_customer"),
        ({"0123456749"}, SELF_BILLED, "supplier_mismatch"),
    ],
)
def test_only_the_supplier_may_send_a_document_whoever_drew_it_up(
    own_numbers: set[str], document: str, refusal: str | None
) -> None:
    ubl = read_ubl(document.encode())
    sides = {number: number for number in own_numbers}

    assert check_supplier(ubl, sides.keys()) == refusal


@pytest.mark.parametrize(
    ("customization", "profile", "expected"),
    [
        (PEPPOL, None, Profile.PEPPOL_BILLING),
        (f" {PEPPOL}#national ", None, Profile.PEPPOL_BILLING),
        (SELF_BILLING, None, Profile.PEPPOL_SELF_BILLING),
        ("urn:cen.eu:en16931:2017", None, Profile.EN16931),
        ("urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0", None, Profile.EN16931),
        (UBL_BE, None, Profile.UBL_BE),
        ("urn:cen.eu:en16931:2017#Conformant#urn:ubl.be:1.0.0.20180214", "E-FFF.BE BILLIT.BE", Profile.UBL_BE),
        ("1.0", "EFFF.BE Odoo 8.0", Profile.E_FFF),
        (None, "FFF.BE ExactOnline", Profile.E_FFF),
        (None, None, Profile.OTHER),
    ],
)  # fmt: skip
def test_the_profile_is_what_the_document_claims(
    customization: str | None, profile: str | None, expected: Profile
) -> None:
    assert profile_of(customization, profile) is expected


@pytest.mark.parametrize(
    ("customization", "is_rejected"),
    [
        (PEPPOL, True),
        (SELF_BILLING, True),
        ("urn:cen.eu:en16931:2017", True),
        (UBL_BE, False),
        ("1.0", False),
    ],
)
def test_a_fatal_rule_of_en16931_rejects_only_those_who_claim_it(customization: str, is_rejected: bool) -> None:
    judgement = judged(changed("617.06", "617.07").replace(PEPPOL, customization))

    assert severities(judgement)["BR-CO-15"] == ("fatal" if is_rejected else "warning")
    assert judgement.is_rejected is is_rejected


def test_a_peppol_rule_is_asked_only_of_documents_that_claim_peppol() -> None:
    without = changed('<cbc:EndpointID schemeID="0208">0765432146</cbc:EndpointID>', "")

    assert severities(judged(without)) == {"PEPPOL-EN16931-R010": "fatal"}
    assert not judged(without.replace(PEPPOL, "urn:cen.eu:en16931:2017")).findings


@pytest.mark.parametrize("customization", [PEPPOL, UBL_BE, "1.0"])
def test_a_broken_schema_rejects_any_document_and_asks_no_rules(customization: str) -> None:
    judgement = judged(changed("<cbc:BuyerReference>", "<cbc:Foo/><cbc:BuyerReference>").replace(PEPPOL, customization))

    assert [(found.code, found.layer, found.severity) for found in judgement.findings] == [("XSD", "schema", "fatal")]


def test_every_profile_has_its_row_and_every_row_holds_what_rejects_anything() -> None:
    assert REJECTING_LAYERS.keys() == set(Profile)
    assert all({"xml", "schema"} <= layers for layers in REJECTING_LAYERS.values())
    assert {
        code for code, (layer, severity) in OWN_RULES.items() if layer == "belgium" and severity == "fatal"
    } == set()


def test_a_document_is_judged_by_the_day_it_arrived() -> None:
    assert codes(judged(PLAIN, on=date(2026, 1, 14))) == {"issue_date_in_future"}
    assert codes(judged(PLAIN, on=date(2026, 1, 15))) == set()
    assert codes(judged(PLAIN, on=date(2027, 1, 17))) == {"issue_date_long_ago"}
