import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from apps.invoices.pdf import looks_like_pdf, render_invoice
from apps.invoices.pdf.labels import EXEMPTIONS, LABELS
from apps.invoices.ubl import UblDocument, build_invoice, read_ubl
from tests.invoices.ubl.samples import draft, sample

INVOICE = read_ubl(build_invoice(draft(payment_terms="30 dagen", prepaid_amount=Decimal("100.00"))))


def words(document: UblDocument, language: str = "nl") -> str:
    pages = PdfReader(io.BytesIO(render_invoice(document, language=language))).pages
    return " ".join("\n".join(page.extract_text() for page in pages).split())


def test_an_invoice_shows_who_what_and_how_to_pay() -> None:
    text = words(INVOICE)

    for part in (
        *("Factuur", "2026-0117", "Bouwwerken Peeters BV", "Boulangerie Dupont SRL", "BE0765432146", "19/11/2026"),
        *("Schilderwerken", "450,00", "21 %", "€ 649,90", "€ −100,00", "BE71 0961 2345 6769"),
        *("+++090/9337/55493+++", "19/12/2026", "30 dagen", "Het UBL-document is het origineel", "Blz. 1 / 1"),
    ):
        assert part in text


@pytest.mark.parametrize(
    ("language", "kind", "amount"),
    [
        ("nl", "Creditnota", "€ 617,06"),
        ("fr", "Note de crédit", "617,06 €"),
        ("en", "Credit note", "€617.06"),
        ("de", "Gutschrift", "617,06 €"),
        ("pt", "Creditnota", "€ 617,06"),
    ],
)
def test_each_language_has_its_words_and_amounts(language: str, kind: str, amount: str) -> None:
    text = words(read_ubl(sample("belgian__be_007_creditnote.xml")), language)

    assert kind in text
    assert amount in text
    assert "IBAN" not in text


def test_the_same_document_gives_the_same_bytes_dated_on_the_issue_date() -> None:
    first = render_invoice(INVOICE, language="nl")

    assert first == render_invoice(INVOICE, language="nl")
    created = PdfReader(io.BytesIO(first)).metadata
    assert created is not None
    assert created.creation_date is not None
    assert created.creation_date.date() == date(2026, 11, 19)


def test_text_is_shown_and_never_evaluated() -> None:
    hostile = '#panic("x") *b* _i_ $y$ @ref <lab> \\ // /* #import "a.typ"'
    lines = (replace(INVOICE.lines[0], description=hostile),)

    text = words(replace(INVOICE, lines=lines, supplier_name=hostile, number=hostile, note=hostile))
    assert text.count('#panic("x") *b* _i_ $y$ @ref <lab>') >= 3


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.sampled_from(["nl", "fr", "en", "de"]))
@settings(max_examples=15, deadline=None)
def test_any_text_is_rendered(text: str, language: str) -> None:
    lines = (replace(INVOICE.lines[0], description=text, unit=text),)
    document = replace(INVOICE, lines=lines, number=text, customer_name=text, note=text, payment_ids=(text,))

    assert looks_like_pdf(render_invoice(replace(document, structured_communication=None), language=language))


def test_direction_marks_are_taken_out() -> None:
    lines = (replace(INVOICE.lines[0], description="invoice\u202efdp.exe"),)

    assert "invoicefdp.exe" in words(replace(INVOICE, lines=lines))


def test_a_discount_and_a_rounding_are_named_so_that_the_column_adds_up() -> None:
    assert "Kortingen en toeslagen € −50,00" in words(read_ubl(sample("belgian__be_012_discount.xml")))
    assert "Afronding € 0,04" in words(read_ubl(sample("belgian__be_011_rounding.xml")))


def test_a_direct_debit_asks_for_no_transfer() -> None:
    text = words(read_ubl(sample("belgian__be_026_sepa_direct_debit.xml")))

    assert "Wordt geïnd via domiciliëring" in text
    assert "BE71 0961 2345 6769" not in text


def test_a_negative_invoice_is_in_favour_of_the_customer() -> None:
    text = words(read_ubl(sample("belgian__be_015_negative_invoice.xml")))

    assert "Te uwen gunste € 121,00" in text
    assert "IBAN" not in text


def test_another_currency_is_written_out() -> None:
    assert "617,06 USD" in words(read_ubl(sample("belgian__be_013_usd_taxcurrency.xml")))


def test_a_reason_without_vat_is_told() -> None:
    document = read_ubl(sample("belgian__be_003_reverse_charge_cocontractant.xml"))
    subtotal = document.vat_subtotals[0]

    assert f"0 % {subtotal.exemption_reason}" in words(document)
    silent = replace(document, vat_subtotals=(replace(subtotal, exemption_reason=None),))
    assert f"0 % {EXEMPTIONS['nl']['AE']}" in words(silent)


def test_many_lines_run_over_numbered_pages_with_their_head() -> None:
    pages = PdfReader(io.BytesIO(render_invoice(replace(INVOICE, lines=INVOICE.lines * 40), language="nl"))).pages

    assert len(pages) > 1
    assert all("Omschrijving" in page.extract_text() for page in pages[:2])
    assert f"Blz. 2 / {len(pages)}" in pages[1].extract_text()


def test_a_document_that_says_almost_nothing_is_rendered() -> None:
    bare = replace(
        INVOICE, lines=(), vat_subtotals=(), customer_name="", customer_address=(), iban=None, due_date=None,
        issue_date=date(1, 1, 1), supplier_name="", supplier_address=(),
    )  # fmt: skip

    assert looks_like_pdf(render_invoice(bare, language="nl"))


def test_every_language_has_every_word() -> None:
    assert all(words_of.keys() == LABELS["nl"].keys() for words_of in LABELS.values())
    assert all(text for words_of in LABELS.values() for text in words_of.values())


@pytest.mark.parametrize(
    ("data", "is_pdf"),
    [
        (b"%PDF-1.7", True),
        (b"x" * 1_019 + b"%PDF-", True),
        (b"x" * 1_020 + b"%PDF-", False),
        (b"", False),
        (b"<html>", False),
    ],
    ids=["magic", "late magic", "too late", "empty", "html"],
)
def test_a_pdf_is_known_by_its_first_bytes(data: bytes, is_pdf: bool) -> None:
    assert looks_like_pdf(data) is is_pdf
