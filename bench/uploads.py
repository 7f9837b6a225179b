"""An invoice of about 60 kB with a PDF of 120 kB beside it, with a place for each upload's own number."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from apps.companies.models import Company
from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft, build_invoice
from bench.client import NUMBER_PLACE

DOCUMENT_BYTES: Final = 60_000
PDF_BYTES: Final = 120_000
_GROWTH: Final = 5


def write_upload(company: Company, folder: Path) -> tuple[Path, Path]:
    """Write the document and the PDF, and return where they are."""
    document, pdf = folder / "invoice.xml", folder / "invoice.pdf"
    lines = _GROWTH
    while len(content := _build(company, lines)) < DOCUMENT_BYTES:
        lines += _GROWTH
    document.write_bytes(content)
    pdf.write_bytes(_make_pdf())
    return document, pdf


def _build(company: Company, lines: int) -> bytes:
    return build_invoice(
        InvoiceDraft(
            number=NUMBER_PLACE,
            issue_date=date(2026, 11, 19),
            due_date=date(2026, 12, 19),
            currency="EUR",
            supplier=DraftParty(
                name=company.name,
                street="Straat 1",
                postcode="9000",
                city="Gent",
                enterprise_number=company.enterprise_number,
            ),
            customer=DraftParty(
                name="Klant NV", street="Laan 2", postcode="1000", city="Brussel", enterprise_number="0101000160"
            ),
            lines=tuple(
                DraftLine(
                    description=f"Artikel {n}: herstelling volgens bestek",
                    quantity=Decimal(1 + n % 7),
                    unit_price=Decimal(1_000 + n) / 100,
                    vat_percent=Decimal(21),
                )
                for n in range(lines)
            ),
            structured_communication="090933755493",
            iban="BE68539007547034",
        )
    )


def _make_pdf() -> bytes:
    """Return bytes that an upload takes for a PDF: nothing inside is looked at before the worker does."""
    head = b"%PDF-1.7\n% " + NUMBER_PLACE.encode() + b"\n"
    return head + Random(60).randbytes(PDF_BYTES - len(head))
