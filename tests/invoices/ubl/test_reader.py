import base64
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.invoices.ubl import UblRefused, read_ubl
from tests.invoices.ubl.samples import attack, sample

PLAIN = sample("belgian__be_001_ogm_pdf.xml").decode()
PLAIN_PDF = read_ubl(PLAIN.encode()).attachments[0].base64_text


def refusal_of(data: bytes) -> UblRefused:
    with pytest.raises(UblRefused) as refusal:
        read_ubl(data)
    return refusal.value


def test_an_invoice_is_read_whole() -> None:
    invoice = read_ubl(PLAIN.encode())

    assert (invoice.document_type, invoice.type_code, invoice.number) == ("invoice", "380", "001_ogm_pdf")
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 1, 15), date(2026, 2, 14))
    assert (invoice.net_amount, invoice.vat_amount) == (Decimal("509.97"), Decimal("107.09"))
    assert (invoice.total_amount, invoice.payable_amount) == (Decimal("617.06"), Decimal("617.06"))
    assert (invoice.supplier_name, invoice.supplier_numbers) == ("Bouwwerken Peeters BV", ("0456789034",))
    assert (invoice.customer_name, invoice.customer_vat) == ("Boulangerie Dupont SRL", "BE0765432146")
    assert invoice.customer_address == ("Rue de Namur 40", "1367 Ramillies")
    assert (invoice.iban, invoice.bic) == ("BE71096123456769", "GKCCBEBB")
    assert (invoice.buyer_reference, invoice.order_reference) == ("BR-1", "PO-77")
    assert [row.net_amount for row in invoice.lines] == [Decimal("450.00"), Decimal("59.97")]
    assert not invoice.self_billed


def test_a_credit_note_keeps_its_sign_and_names_its_invoice() -> None:
    note = read_ubl(sample("belgian__be_007_creditnote.xml"))

    assert (note.document_type, note.type_code, note.preceding_invoice) == ("credit_note", "381", "001_ogm_pdf")
    assert note.payable_amount == Decimal("617.06")
    assert note.lines[0].quantity == 10


def test_a_credit_note_of_an_older_profile_is_an_invoice_of_type_381() -> None:
    old = PLAIN.replace("InvoiceTypeCode>380<", "InvoiceTypeCode>381<")

    assert read_ubl(old.encode()).document_type == "credit_note"


def test_a_negative_invoice_stays_an_invoice() -> None:
    invoice = read_ubl(sample("belgian__be_015_negative_invoice.xml"))

    assert (invoice.document_type, invoice.payable_amount) == ("invoice", Decimal("-121.00"))


def test_a_prepaid_part_is_not_payable() -> None:
    invoice = read_ubl(sample("belgian__be_010_prepaid.xml"))

    assert (invoice.total_amount, invoice.prepaid_amount) == (Decimal("617.06"), Decimal("100.00"))
    assert invoice.payable_amount == Decimal("517.06")


def test_vat_is_taken_in_the_currency_of_the_document() -> None:
    invoice = read_ubl(sample("belgian__be_013_usd_taxcurrency.xml"))

    assert (invoice.currency, invoice.vat_amount, len(invoice.vat_subtotals)) == ("USD", Decimal("107.09"), 1)


def test_three_rates_are_three_subtotals() -> None:
    subtotals = read_ubl(sample("belgian__be_002_mixed_rates.xml")).vat_subtotals

    assert sorted(each.percent or Decimal(0) for each in subtotals) == [6, 12, 21]


def test_a_self_billed_invoice_says_so() -> None:
    assert read_ubl(sample("belgian__be_023_selfbilling389.xml")).self_billed


@pytest.mark.parametrize(
    ("name", "communication"),
    [
        ("belgian__be_001_ogm_pdf.xml", "123456789002"),
        ("belgian__be_018_ogm_no_plus.xml", "123456789002"),
        ("belgian__be_019_ogm_bad_mod97.xml", None),
        ("belgian__be_007_creditnote.xml", None),
    ],
)
def test_a_structured_communication_counts_with_right_check_digits_only(name: str, communication: str | None) -> None:
    assert read_ubl(sample(name)).structured_communication == communication


def test_a_creditor_reference_is_a_structured_communication() -> None:
    invoice = read_ubl(PLAIN.replace("+++123/4567/89002+++", "RF18 5390 0754 7034").encode())

    assert invoice.structured_communication == "RF18539007547034"
    assert invoice.payment_ids == ("RF18 5390 0754 7034",)


@pytest.mark.parametrize(
    "name",
    [
        "belgian__be_009_9925_endpoint.xml",
        "belgian__be_025_legalid_vat_prefix.xml",
        "belgian__be_100_ublbe_efff_profile.xml",
    ],
)
def test_every_notation_of_the_supplier_number_is_one_number(name: str) -> None:
    assert read_ubl(sample(name)).supplier_numbers == ("0456789034",)


def test_a_foreign_number_is_no_enterprise_number() -> None:
    invoice = read_ubl(sample("belgian__be_004_intracommunity.xml"))

    assert (invoice.customer_vat, invoice.customer_numbers) == ("NL123456782B90", ())
    assert invoice.customer_country == "NL"


def test_a_foreign_scheme_is_believed_although_the_check_digits_fit() -> None:
    foreign = PLAIN.replace('schemeID="0208">0765432146', 'schemeID="0060">0765432146').replace(
        "<cbc:CompanyID>BE0765432146", "<cbc:CompanyID>FR0765432146"
    )

    assert read_ubl(foreign.encode()).customer_numbers == ()


def test_a_number_with_wrong_check_digits_is_left_out() -> None:
    assert read_ubl(sample("invalid__r043_kbo_mod97.xml")).customer_numbers == ("0765432146",)


@pytest.mark.parametrize("encoding", ["iso-8859-15", "cp1252", "utf-16", "utf-8-sig"])
def test_every_allowed_encoding_gives_the_same_document(encoding: str) -> None:
    text = PLAIN.replace("Boulangerie Dupont", "Société Générale d'Œuvres €")
    declared = {"cp1252": "windows-1252", "utf-8-sig": "UTF-8"}.get(encoding, encoding)

    other = read_ubl(text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding))
    assert other == read_ubl(text.encode())
    assert other.customer_name == "Société Générale d'Œuvres € SRL"


def test_letters_of_every_europe_are_kept() -> None:
    assert "ő" in repr(read_ubl(sample("belgian__be_021_diacritics.xml")))


def test_a_date_with_a_time_zone_is_the_day_as_written() -> None:
    assert read_ubl(sample("invalid__f001_date.xml")).issue_date == date(2026, 1, 15)


def test_a_missing_total_follows_from_net_and_vat() -> None:
    assert read_ubl(sample("invalid__br14_no_taxincl.xml")).total_amount == Decimal("617.06")


def test_a_credit_note_has_its_due_date_at_the_payment_means() -> None:
    note = sample("belgian__be_007_creditnote.xml").decode()
    due = "</cbc:PaymentMeansCode><cbc:PaymentDueDate>2026-03-01</cbc:PaymentDueDate>"

    assert read_ubl(note.replace("</cbc:PaymentMeansCode>", due).encode()).due_date == date(2026, 3, 1)


def test_the_first_attachment_that_is_a_pdf_counts_whatever_it_declares() -> None:
    invoice = read_ubl(sample("belgian__be_014_two_attachments.xml"))

    assert [each.filename for each in invoice.attachments] == ["014.pdf", "timesheet.csv", "photo.png"]
    assert (invoice.embedded_pdf or b"").startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["attachment_exe.xml", "attachment_html_as_pdf.xml"])
def test_what_only_declares_to_be_a_pdf_is_none(name: str) -> None:
    invoice = read_ubl(attack(name))

    assert invoice.attachments[0].mime_code == "application/pdf"
    assert invoice.embedded_pdf is None


@pytest.mark.parametrize(("text", "decodable"), [("!!!", False), ("JVBERi0", False), ("", True), ("\n ", True)])
def test_an_unreadable_or_empty_attachment_is_no_pdf(text: str, decodable: bool) -> None:
    invoice = read_ubl(PLAIN.replace(PLAIN_PDF, text).encode())

    assert invoice.attachments[0].is_decodable is decodable
    assert invoice.attachments[0].content == b""
    assert invoice.embedded_pdf is None


def test_a_pdf_of_nine_megabytes_is_read() -> None:
    pdf = b"%PDF-1.7\n" + bytes(9_000_000)
    invoice = read_ubl(PLAIN.replace(PLAIN_PDF, base64.b64encode(pdf).decode()).encode())

    assert invoice.embedded_pdf == pdf


def remove(element: str) -> Callable[[str], str]:
    def without(text: str) -> str:
        start = text.index(f"<{element}")
        closing = f"</{element}>"
        return text[:start] + text[text.index(closing, start) + len(closing) :]

    return without


@pytest.mark.parametrize(
    ("element", "code", "named"),
    [
        ("cbc:ID", "number_missing", "cbc:ID"),
        ("cbc:IssueDate", "ubl_incomplete", "cbc:IssueDate"),
        ("cbc:DocumentCurrencyCode", "ubl_incomplete", "cbc:DocumentCurrencyCode"),
        ("cac:AccountingSupplierParty", "ubl_incomplete", "cac:AccountingSupplierParty/cac:Party"),
        ("cac:LegalMonetaryTotal", "ubl_incomplete", "cac:LegalMonetaryTotal/cbc:PayableAmount"),
        ("cbc:PayableAmount", "ubl_incomplete", "cac:LegalMonetaryTotal/cbc:PayableAmount"),
    ],
)
def test_a_missing_header_element_is_named(element: str, code: str, named: str) -> None:
    refusal = refusal_of(remove(element)(PLAIN).encode())

    assert (refusal.code, refusal.element) == (code, named)
    assert refusal.message == str(refusal)


@pytest.mark.parametrize("amount", ["617,06", "6e2", "NaN", "9" * 14, "٦١٧"])
def test_an_amount_that_is_none_is_named(amount: str) -> None:
    refusal = refusal_of(PLAIN.replace(">617.06</cbc:PayableAmount>", f">{amount}</cbc:PayableAmount>").encode())

    assert (refusal.code, refusal.element) == ("ubl_incomplete", "cac:LegalMonetaryTotal/cbc:PayableAmount")
    assert amount in refusal.message


@pytest.mark.parametrize("day", ["2026-02-30", "15/01/2026", "2026-01-15T10:00:00", ""])
def test_a_day_that_is_none_is_named(day: str) -> None:
    refusal = refusal_of(PLAIN.replace("IssueDate>2026-01-15<", f"IssueDate>{day}<").encode())

    assert (refusal.code, refusal.element) == ("ubl_incomplete", "cbc:IssueDate")


def test_a_blank_number_is_missing() -> None:
    assert refusal_of(PLAIN.replace(">001_ogm_pdf<", "> \n <").encode()).code == "number_missing"


@given(st.integers(0, len(PLAIN) - 1), st.integers(1, 400))
def test_a_document_with_a_hole_is_read_or_refused(start: int, length: int) -> None:
    code = None
    try:
        read_ubl((PLAIN[:start] + PLAIN[start + length :]).encode())
    except UblRefused as refusal:
        code = refusal.code
    assert code in {None, "xml_malformed", "not_ubl", "ubl_incomplete", "number_missing", "encoding_unsupported"}
