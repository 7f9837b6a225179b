"""Sales documents of a company as a software would send them: good ones, and each problem on request."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from apps.core.structured_communication import make_structured_communication
from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft, build_invoice
from apps.sandbox.rules import DocumentKind

_OTHER_NUMBER: Final = "0123456749"
_YEARS_AGO: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A document to make; `number` and `about` (what a credit note credits) are numbers of invoices."""

    company_name: str
    enterprise_number: str
    iban: str
    number: str
    today: date
    about: str = ""


def make_document(kind: DocumentKind, wanted: Wanted, *, pdf: bytes) -> bytes:
    """Return the UBL document; the same values give the same bytes."""
    draft = _draft(wanted, pdf)
    change = _CHANGES.get(kind)
    content = build_invoice(change(draft, wanted) if change else draft)
    break_it = _FAULTS.get(kind)
    return break_it(content) if break_it else content


def _draft(wanted: Wanted, pdf: bytes) -> InvoiceDraft:
    # Nine digits that follow from the number, so that each invoice has a reference of its own.
    base = int.from_bytes(wanted.number.encode()[-8:]) % 10**9
    return InvoiceDraft(
        number=wanted.number,
        issue_date=wanted.today,
        due_date=wanted.today + timedelta(days=30),
        currency="EUR",
        supplier=DraftParty(
            name=wanted.company_name,
            street="Marktplein 1",
            postcode="9880",
            city="Aalter",
            enterprise_number=wanted.enterprise_number,
        ),
        customer=DraftParty(
            name="Café De Zwaan",
            street="Stationsstraat 12",
            postcode="9000",
            city="Gent",
            enterprise_number="0101000160",
        ),
        lines=(
            DraftLine(
                description="Herstelling", quantity=Decimal(1), unit_price=Decimal(1000), vat_percent=Decimal(21)
            ),
        ),
        structured_communication=make_structured_communication(base),
        iban=wanted.iban,
        pdf=pdf,
    )


def _credit(draft: InvoiceDraft, wanted: Wanted) -> InvoiceDraft:
    return replace(draft, credit_note=True, due_date=None, preceding_invoice=wanted.about or None)


def _correct(draft: InvoiceDraft, _wanted: Wanted) -> InvoiceDraft:
    return replace(draft, lines=(replace(draft.lines[0], unit_price=Decimal(900)),))


def _without_pdf(draft: InvoiceDraft, _wanted: Wanted) -> InvoiceDraft:
    return replace(draft, pdf=None)


def _of_another(draft: InvoiceDraft, _wanted: Wanted) -> InvoiceDraft:
    return replace(draft, supplier=replace(draft.supplier, enterprise_number=_OTHER_NUMBER))


def _long_ago(draft: InvoiceDraft, wanted: Wanted) -> InvoiceDraft:
    day = wanted.today.replace(year=wanted.today.year - _YEARS_AGO, day=1)
    return replace(draft, issue_date=day, due_date=day)


_CHANGES: Final[dict[DocumentKind, Callable[[InvoiceDraft, Wanted], InvoiceDraft]]] = {
    DocumentKind.CREDIT_NOTE: _credit,
    DocumentKind.CORRECTION: _correct,
    DocumentKind.NO_PDF: _without_pdf,
    DocumentKind.OTHER_SUPPLIER: _of_another,
    DocumentKind.ISSUED_LONG_AGO: _long_ago,
}
_FAULTS: Final[dict[DocumentKind, Callable[[bytes], bytes]]] = {
    DocumentKind.WRONG_CHECK_DIGITS: lambda content: _change(content, b"+++</cbc:PaymentID>", _raise_last_digit),
    DocumentKind.TOTALS_WRONG: lambda content: content.replace(
        b">1210.00</cbc:PayableAmount>", b">1211.00</cbc:PayableAmount>"
    ),
    DocumentKind.SCHEMA: lambda content: content.replace(b"cbc:InvoicedQuantity", b"cbc:InvoicedNumber"),
    DocumentKind.DOCTYPE: lambda content: _after_declaration(content, b"<!DOCTYPE Invoice>"),
    DocumentKind.NOT_WELL_FORMED: lambda content: content[: len(content) // 2],
}


def _change(content: bytes, end: bytes, change: Callable[[bytes], bytes]) -> bytes:
    place = content.index(end)
    return content[: place - 1] + change(content[place - 1 : place]) + content[place:]


def _raise_last_digit(digit: bytes) -> bytes:
    return str((int(digit) + 1) % 10).encode()


def _after_declaration(content: bytes, text: bytes) -> bytes:
    head, end, body = content.partition(b"?>")
    return head + end + text + body
