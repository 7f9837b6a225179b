"""UBL.BE's own rules: a document that keeps them all is left alone, and each fault is found at its place, and warns."""

import pytest

from tests.invoices.checks.judging import PEPPOL, UBL_BE, changed, codes, judged

LINE_VAT = '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">1.00</cbc:TaxAmount></cac:TaxTotal>'
CATEGORY = "<cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent>"
NAMED = "<cbc:ID>S</cbc:ID><cbc:Name>03</cbc:Name><cbc:Percent>21</cbc:Percent>"
SOFTWARE = (
    "<cac:AdditionalDocumentReference><cbc:ID>UBL.BE</cbc:ID><cbc:DocumentDescription>Some software 4.2"
    "</cbc:DocumentDescription></cac:AdditionalDocumentReference>"
)
DELIVERY = "<cac:Delivery><cac:DeliveryTerms>{}</cac:DeliveryTerms></cac:Delivery>"
MENTION = "<cbc:ID>BELM-006</cbc:ID><cbc:SpecialTerms>Invoice issued by the receiver</cbc:SpecialTerms>"
DISCOUNT = (
    "<cac:PaymentTerms><cbc:SettlementDiscountPercent>2</cbc:SettlementDiscountPercent>"
    "<cbc:Amount currencyID='EUR'>10.20</cbc:Amount><cbc:PaymentDueDate>2026-01-22</cbc:PaymentDueDate>"
    "</cac:PaymentTerms>"
)
REASON = "<cbc:TaxExemptionReasonCode>BETE-EX</cbc:TaxExemptionReasonCode>"
REFERENCE, CATEGORY_PLACE = "/Invoice/cac:AdditionalDocumentReference", "/Invoice/cac:TaxTotal/cac:TaxSubtotal"
TERMS, SECOND_LINE = "/Invoice/cac:Delivery/cac:DeliveryTerms", "/Invoice/cac:InvoiceLine[2]"


def right() -> str:
    """Return a document that keeps every rule of UBL.BE: with a legal mention, a cash discount and an exemption."""
    text = changed(PEPPOL, UBL_BE).replace("Invoice PDF", "CommercialInvoice")
    text = changed("<cac:AccountingSupplierParty>", f"{SOFTWARE}<cac:AccountingSupplierParty>", text)
    text = changed("<cac:PaymentMeans>", f"{DELIVERY.format(MENTION)}<cac:PaymentMeans>", text)
    text = changed("</cac:PaymentMeans>", f"</cac:PaymentMeans>{DISCOUNT}", text)
    text = changed("<cac:Item>", f"{LINE_VAT}<cac:Item>", text)
    text = changed(CATEGORY, NAMED, text)
    head, end, lines = text.partition("</cac:TaxTotal><cac:LegalMonetaryTotal>")
    return changed("</cbc:Percent>", f"</cbc:Percent>{REASON}", head) + end + lines


RIGHT = right()


def on_second_line(old: str, new: str) -> str:
    first, between, second = RIGHT.rpartition("<cac:InvoiceLine>")
    return first + between + changed(old, new, second)


def ours(document: str) -> list[tuple[str, str, str]]:
    findings = judged(document).findings
    return [(each.code, each.severity, each.location) for each in findings if each.code.startswith("ubl-BE")]


def test_a_document_that_keeps_the_rules_is_left_alone() -> None:
    assert ours(RIGHT) == []


@pytest.mark.parametrize(
    ("document", "code", "location"),
    [
        (changed(SOFTWARE, "", RIGHT).replace(">invoice-pdf<", ">UBL.BE<"), "ubl-BE-01", REFERENCE),
        (changed(">CommercialInvoice<", ">Invoice PDF<", RIGHT), "ubl-BE-02", f"{REFERENCE}[1]"),
        (changed(">Some software 4.2<", ">CreditNote<", RIGHT), "ubl-BE-02", f"{REFERENCE}[1]"),
        (changed("<cbc:ID>UBL.BE<", "<cbc:ID>Other<", RIGHT), "ubl-BE-03", f"{REFERENCE}[1]"),
        (changed("<cbc:DocumentDescription>Some software 4.2</cbc:DocumentDescription>", "", RIGHT), "ubl-BE-04",
         f"{REFERENCE}[2]"),
        (changed("<cbc:DocumentDescription>Some", "<cbc:DocumentDescription>Another</cbc:DocumentDescription>"
                 "<cbc:DocumentDescription>Some", RIGHT), "ubl-BE-04", f"{REFERENCE}[2]"),
        (changed("BELM-006", "BELM-009", RIGHT), "ubl-BE-05", TERMS),
        (changed("<cbc:ID>BELM-006</cbc:ID>", "", RIGHT), "ubl-BE-05", TERMS),
        (changed(">Invoice issued by the receiver<", ">Franco<", RIGHT), "ubl-BE-06", TERMS),
        (changed("Percent>2<", "Percent>0<", RIGHT), "ubl-BE-07",
         "/Invoice/cac:PaymentTerms/cbc:SettlementDiscountPercent"),
        (changed("Percent>2<", "Percent>100<", RIGHT), "ubl-BE-07",
         "/Invoice/cac:PaymentTerms/cbc:SettlementDiscountPercent"),
        (changed(">10.20<", ">0.00<", RIGHT), "ubl-BE-08", "/Invoice/cac:PaymentTerms"),
        (changed("<cbc:Amount currencyID='EUR'>10.20</cbc:Amount>", "", RIGHT), "ubl-BE-08",
         "/Invoice/cac:PaymentTerms"),
        (changed("<cbc:PaymentDueDate>2026-01-22</cbc:PaymentDueDate>", "", RIGHT), "ubl-BE-09",
         "/Invoice/cac:PaymentTerms"),
        (changed("2026-01-22", "2026-01-22Z", RIGHT), "ubl-BE-09", "/Invoice/cac:PaymentTerms"),
        (changed(f">03</cbc:Name><cbc:Percent>21</cbc:Percent>{REASON}",
                 f">EX</cbc:Name><cbc:Percent>21</cbc:Percent>{REASON}", RIGHT),
         "ubl-BE-10", f"{CATEGORY_PLACE}/cac:TaxCategory"),
        (changed("BETE-EX", "VATEX-EU-132", RIGHT), "ubl-BE-11",
         f"{CATEGORY_PLACE}/cac:TaxCategory/cbc:TaxExemptionReasonCode"),
        (changed(REASON, "<cbc:TaxExemptionReason>Vrijgesteld</cbc:TaxExemptionReason>", RIGHT), "ubl-BE-12",
         f"{CATEGORY_PLACE}/cac:TaxCategory/cbc:TaxExemptionReason"),
        (on_second_line(LINE_VAT, ""), "ubl-BE-14", SECOND_LINE),
        (on_second_line(LINE_VAT, LINE_VAT * 2), "ubl-BE-14", SECOND_LINE),
        (on_second_line("<cbc:Name>03</cbc:Name>", ""), "ubl-BE-15",
         f"{SECOND_LINE}/cac:Item/cac:ClassifiedTaxCategory"),
    ],
)  # fmt: skip
def test_a_fault_is_found_at_its_place_and_only_warns(document: str, code: str, location: str) -> None:
    assert ours(document) == [(code, "warning", location)]
    assert not judged(document).is_rejected


def test_a_document_without_references_is_told_only_that() -> None:
    start, end = RIGHT.index("<cac:AdditionalDocumentReference>"), RIGHT.index("<cac:AccountingSupplierParty>")

    assert ours(RIGHT[:start] + RIGHT[end:]) == [("ubl-BE-01", "warning", "/Invoice")]


@pytest.mark.parametrize(
    "document",
    [
        changed(">Invoice issued by the receiver<", "> Factuur uitgereikt\n door de afnemer <", RIGHT),
        changed("Percent>2<", "Percent>99.99<", RIGHT),
        changed(DISCOUNT, "<cac:PaymentTerms><cbc:Note>30 dagen</cbc:Note></cac:PaymentTerms>", RIGHT),
        changed("BETE-EX", "BETE-47/SE", RIGHT),
        changed(REASON, f"{REASON}<cbc:TaxExemptionReason>Exempt</cbc:TaxExemptionReason>", RIGHT),
        changed(f">03</cbc:Name><cbc:Percent>21</cbc:Percent>{REASON}",
                f">OSS-G</cbc:Name><cbc:Percent>21</cbc:Percent>{REASON}", RIGHT),
    ],
)  # fmt: skip
def test_what_the_lists_hold_is_not_remarked_on(document: str) -> None:
    assert ours(document) == []


def test_the_rules_are_asked_only_of_those_who_claim_ubl_be() -> None:
    assert {code for code in codes(judged(RIGHT.replace(UBL_BE, "1.0"))) if code.startswith("ubl-BE")} == set()


def test_a_rule_is_told_twenty_times_at_most() -> None:
    head, line, _rest = RIGHT.partition("<cac:InvoiceLine>")
    one = line + RIGHT.rpartition("<cac:InvoiceLine>")[2].removesuffix("</Invoice>").replace(LINE_VAT, "")

    assert [code for code, _severity, _place in ours(head + one * 30 + "</Invoice>")].count("ubl-BE-14") == 20
