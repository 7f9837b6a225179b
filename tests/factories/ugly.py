"""Documents as they are met in life, made of an ordinary one: long, rich, foreign, odd."""

import base64
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from apps.companies.models import Company
from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft, build_invoice
from apps.invoices.ubl.values import CAC, CBC

# A profile whose rules only warn: the sums below need not add up.
UBL_BE: Final = "urn:cen.eu:en16931:2017#conformant#urn:UBL.BE:1.0.0.20180214"
LONG_NAME: Final = "Vereniging van Mede-eigenaars der Residentie ter Nagedachtenis aan de Slag der Gulden Sporen " * 3
_NAMESPACES: Final = f'xmlns:cac="{CAC}" xmlns:cbc="{CBC}"'


def draft_of(company: Company, *, lines: Iterable[DraftLine], **changes: object) -> InvoiceDraft:
    """Return the draft of a document of a company, to a customer in Brussels unless said otherwise."""
    values: dict[str, object] = {
        "number": "2026-0900",
        "issue_date": date(2026, 11, 19),
        "due_date": date(2026, 12, 19),
        "currency": "EUR",
        "supplier": DraftParty(
            name=company.name, street="Straat 1", postcode="9000", city="Gent",
            enterprise_number=company.enterprise_number,
        ),
        "customer": DraftParty(
            name="Klant NV", street="Laan 2", postcode="1000", city="Brussel", enterprise_number="0101000160"
        ),
        "lines": tuple(lines),
        "iban": "BE68539007547034",
        **changes,
    }  # fmt: skip
    return InvoiceDraft(**values)  # type: ignore[arg-type] # each by its name


def long_document(company: Company, *, lines: int, number: str = "2026-2000") -> bytes:
    """Return a document of so many lines, some of them with long descriptions."""
    made = (
        DraftLine(
            description=f"Artikel {place:04d}" + " met een heel uitvoerige omschrijving van wat het is" * (place % 5),
            quantity=Decimal(place % 7 + 1), unit_price=Decimal("12.35"), vat_percent=Decimal(21),
            unit=("C62", "HUR", "KGM", "DAY")[place % 4],
        )
        for place in range(1, lines + 1)
    )  # fmt: skip
    return build_invoice(draft_of(company, lines=made, number=number))


def foreign_document(company: Company, *, number: str = "2026-0901") -> bytes:
    """Return a document in dollars, to a private person abroad with a name of 300 characters, with a negative line."""
    lines = (
        DraftLine(
            description="Consultancy", quantity=Decimal("11.5"), unit_price=Decimal("1250.00"), vat_percent=Decimal(0),
            vat_category="G", unit="HUR", exemption_reason="Export outside the EU",
        ),
        DraftLine(
            description="", quantity=Decimal(-3), unit_price=Decimal("99.999"), vat_percent=Decimal(0),
            vat_category="G", unit="XYZ", exemption_reason="Export outside the EU",
        ),
    )  # fmt: skip
    customer = DraftParty(
        name=LONG_NAME[:300], street="Fifth Avenue " + "x" * 60, postcode="10001", city="New York", country="US"
    )
    return build_invoice(draft_of(company, lines=lines, number=number, currency="USD", customer=customer))


def rich_document(company: Company, *, number: str = "2026-0902", pdf: bytes | None = None) -> bytes:
    """Return a document with all that one may hold: discounts, charges, a period, a delivery, files, references."""
    lines = (
        DraftLine(
            description="Onderhoud", quantity=Decimal(10), unit_price=Decimal("45.00"), vat_percent=Decimal(21),
            unit="HUR",
        ),
        DraftLine(description="Verf", quantity=Decimal(2), unit_price=Decimal("20.00"), vat_percent=Decimal(6)),
    )  # fmt: skip
    root = etree.fromstring(
        build_invoice(
            draft_of(
                company, lines=lines, number=number, order_reference="PO-77", preceding_invoice="2026-0001",
                note="Werken uitgevoerd volgens offerte.\nTweede paragraaf.", payment_terms="30 dagen", pdf=pdf,
                structured_communication="090933755493", prepaid_amount=Decimal("100.00"), pdf_filename="../f.exe",
                customization_id=UBL_BE,
            )
        )
    )  # fmt: skip
    for before, xml in _MORE:
        _insert(root, before, xml)
    for attached in root.findall(f"{{{CAC}}}AdditionalDocumentReference"):
        # Those that were there already stand behind the contract, too.
        _place(root, "AccountingSupplierParty").addprevious(attached)
    allowance = _element(_ALLOWANCE.format(charge="false", reason="Afgekeurd", amount="5.00", tax=""))
    _place(root, "InvoiceLine").insert(3, allowance)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _insert(root: etree._Element, before: str, xml: str) -> None:
    _place(root, before).addprevious(_element(xml))


def _place(root: etree._Element, name: str) -> etree._Element:
    place = root.find(f"{{{CAC}}}{name}")
    assert place is not None
    return place


def _element(xml: str) -> etree._Element:
    return etree.fromstring(f"<r {_NAMESPACES}>{xml}</r>")[0]


_TAX: Final = (
    "<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent>"
    "<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory>"
)
_ALLOWANCE: Final = (
    "<cac:AllowanceCharge><cbc:ChargeIndicator>{charge}</cbc:ChargeIndicator>"
    "<cbc:AllowanceChargeReason>{reason}</cbc:AllowanceChargeReason>"
    '<cbc:Amount currencyID="EUR">{amount}</cbc:Amount>{tax}</cac:AllowanceCharge>'
)
_FILE: Final = (
    "<cac:AdditionalDocumentReference><cbc:ID>{name}</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject "
    'mimeCode="{mime}" filename="{name}">{text}</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>'
    "</cac:AdditionalDocumentReference>"
)
_LINK: Final = (
    "<cac:AdditionalDocumentReference><cbc:ID>L</cbc:ID><cac:Attachment><cac:ExternalReference>"
    "<cbc:URI>https://elsewhere.example/file.pdf</cbc:URI></cac:ExternalReference></cac:Attachment>"
    "</cac:AdditionalDocumentReference>"
)
_DELIVERY: Final = (
    "<cac:Delivery><cbc:ActualDeliveryDate>2026-11-18</cbc:ActualDeliveryDate><cac:DeliveryLocation><cac:Address>"
    "<cbc:StreetName>Werfstraat 9</cbc:StreetName><cbc:CityName>Aalst</cbc:CityName><cbc:PostalZone>9300"
    "</cbc:PostalZone></cac:Address></cac:DeliveryLocation></cac:Delivery>"
)
_MORE: Final = (
    ("OrderReference", ("<cac:InvoicePeriod><cbc:StartDate>2026-10-01</cbc:StartDate><cbc:EndDate>2026-10-31"
     "</cbc:EndDate></cac:InvoicePeriod>")),
    ("AccountingSupplierParty", ("<cac:ContractDocumentReference><cbc:ID>RAAM-3</cbc:ID>"
     "</cac:ContractDocumentReference>")),
    ("AccountingSupplierParty", _FILE.format(
        name="metingen.pdf", mime="application/pdf",
        text=base64.b64encode(b"dag;uren\r\nmaandag;8").decode())),
    ("AccountingSupplierParty", _FILE.format(
        name="viewer.png", mime="image/png", text=base64.b64encode(b"MZ\x90\x00" + b"x" * 2_000).decode())),
    ("AccountingSupplierParty", _LINK),
    ("PaymentMeans", "<cac:PayeeParty><cac:PartyName><cbc:Name>Factor NV</cbc:Name></cac:PartyName></cac:PayeeParty>"),
    ("PaymentMeans", _DELIVERY),
    ("TaxTotal", _ALLOWANCE.format(charge="false", reason="Getrouwheid", amount="10.00", tax=_TAX)),
    ("TaxTotal", _ALLOWANCE.format(charge="true", reason="Milieubijdrage", amount="10.00", tax=_TAX)),
)  # fmt: skip
