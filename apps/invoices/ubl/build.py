"""Making a UBL document: Peppol BIS Billing 3 as a Belgian sender writes it.

The same draft gives the same bytes.
"""

import base64
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, cast

from lxml import etree

from apps.core.money import format_amount, round_half_up
from apps.core.structured_communication import format_structured_communication
from apps.invoices.ubl.values import CAC, CBC

PEPPOL_BILLING: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PEPPOL_PROFILE: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_PREFIXES: Final = {"cac": CAC, "cbc": CBC}
_ZERO: Final = Decimal(0)
_CREDIT_TRANSFER: Final = "30"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftParty:
    """A supplier or customer: `enterprise_number` is ten digits; a foreign party has a `vat_number`."""

    name: str
    street: str
    postcode: str
    city: str
    country: str = "BE"
    enterprise_number: str | None = None
    vat_number: str | None = None
    vat_liable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A line; its net amount is quantity times price, rounded half up to cents."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_percent: Decimal
    vat_category: str = "S"
    unit: str = "C62"
    exemption_reason: str | None = None

    @property
    def net_amount(self) -> Decimal:
        """Quantity times unit price, in cents."""
        return round_half_up(self.quantity * self.unit_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDraft:
    """Everything that goes into the document. Amounts of a credit note are positive, as UBL wants them."""

    number: str
    issue_date: date
    due_date: date | None
    currency: str
    supplier: DraftParty
    customer: DraftParty
    lines: tuple[DraftLine, ...]
    credit_note: bool = False
    type_code: str | None = None
    customization_id: str = PEPPOL_BILLING
    profile_id: str = PEPPOL_PROFILE
    buyer_reference: str | None = "NA"
    order_reference: str | None = None
    preceding_invoice: str | None = None
    note: str | None = None
    payment_terms: str | None = None
    structured_communication: str | None = None
    payment_id: str | None = None
    iban: str | None = None
    bic: str | None = None
    prepaid_amount: Decimal = _ZERO
    pdf: bytes | None = None
    pdf_filename: str = "invoice.pdf"


def build_invoice(draft: InvoiceDraft) -> bytes:
    """Write the draft as UBL 2.1, UTF-8, valid against the schema.

    `structured_communication` is canonical (twelve digits or `RF…`) and goes before a free `payment_id`.
    Characters that XML forbids raise `ValueError`.
    """
    kind = "CreditNote" if draft.credit_note else "Invoice"
    # The stubs do not know that None names the default namespace.
    namespaces = cast("dict[str, str]", {None: f"{_UBL}{kind}-2", **_PREFIXES})
    root = etree.Element(f"{{{_UBL}{kind}-2}}{kind}", nsmap=namespaces)
    _add_header(root, draft)
    _add_references(root, draft)
    for role, party in (("Supplier", draft.supplier), ("Customer", draft.customer)):
        _add_party(_add(root, f"cac:Accounting{role}Party"), party)
    _add_payment(root, draft)
    _add_totals(root, draft)
    for position, line in enumerate(draft.lines, start=1):
        _add_line(root, draft, position, line)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _add(parent: etree._Element, tag: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    prefix, local = tag.split(":")
    element = etree.SubElement(parent, f"{{{_PREFIXES[prefix]}}}{local}", attributes)
    element.text = text
    return element


def _add_optional(parent: etree._Element, name: str, text: str | None) -> None:
    if text:
        _add(parent, name, text)


def _add_amount(parent: etree._Element, name: str, amount: Decimal, currency: str) -> None:
    _add(parent, name, format_amount(amount), currencyID=currency)


def _add_header(root: etree._Element, draft: InvoiceDraft) -> None:
    _add(root, "cbc:CustomizationID", draft.customization_id)
    _add(root, "cbc:ProfileID", draft.profile_id)
    _add(root, "cbc:ID", draft.number)
    _add(root, "cbc:IssueDate", draft.issue_date.isoformat())
    if draft.credit_note:
        _add(root, "cbc:CreditNoteTypeCode", draft.type_code or "381")
    else:
        _add_optional(root, "cbc:DueDate", draft.due_date.isoformat() if draft.due_date else None)
        _add(root, "cbc:InvoiceTypeCode", draft.type_code or "380")
    _add_optional(root, "cbc:Note", draft.note)
    _add(root, "cbc:DocumentCurrencyCode", draft.currency)
    _add_optional(root, "cbc:BuyerReference", draft.buyer_reference)


def _add_references(root: etree._Element, draft: InvoiceDraft) -> None:
    if draft.order_reference:
        _add(_add(root, "cac:OrderReference"), "cbc:ID", draft.order_reference)
    if draft.preceding_invoice:
        billing = _add(root, "cac:BillingReference")
        _add(_add(billing, "cac:InvoiceDocumentReference"), "cbc:ID", draft.preceding_invoice)
    if draft.pdf is not None:
        reference = _add(root, "cac:AdditionalDocumentReference")
        _add(reference, "cbc:ID", draft.number)
        _add(
            _add(reference, "cac:Attachment"),
            "cbc:EmbeddedDocumentBinaryObject",
            base64.b64encode(draft.pdf).decode("ascii"),
            mimeCode="application/pdf",
            filename=draft.pdf_filename,
        )


def _add_party(role: etree._Element, facts: DraftParty) -> None:
    party = _add(role, "cac:Party")
    number = facts.enterprise_number
    vat = facts.vat_number or (f"BE{number}" if number and facts.vat_liable else None)
    if number:
        _add(party, "cbc:EndpointID", number, schemeID="0208")
    _add(_add(party, "cac:PartyName"), "cbc:Name", facts.name)
    address = _add(party, "cac:PostalAddress")
    _add(address, "cbc:StreetName", facts.street)
    _add(address, "cbc:CityName", facts.city)
    _add(address, "cbc:PostalZone", facts.postcode)
    _add(_add(address, "cac:Country"), "cbc:IdentificationCode", facts.country)
    if vat:
        scheme = _add(party, "cac:PartyTaxScheme")
        _add(scheme, "cbc:CompanyID", vat)
        _add(_add(scheme, "cac:TaxScheme"), "cbc:ID", "VAT")
    legal_entity = _add(party, "cac:PartyLegalEntity")
    _add(legal_entity, "cbc:RegistrationName", facts.name)
    if number:
        _add(legal_entity, "cbc:CompanyID", number, schemeID="0208")


def _add_payment(root: etree._Element, draft: InvoiceDraft) -> None:
    if draft.iban:
        means = _add(root, "cac:PaymentMeans")
        _add(means, "cbc:PaymentMeansCode", _CREDIT_TRANSFER, name="Credit transfer")
        if draft.credit_note and draft.due_date:
            _add(means, "cbc:PaymentDueDate", draft.due_date.isoformat())
        reference = draft.structured_communication
        payment_id = format_structured_communication(reference) if reference else draft.payment_id
        _add_optional(means, "cbc:PaymentID", payment_id)
        account = _add(means, "cac:PayeeFinancialAccount")
        _add(account, "cbc:ID", draft.iban)
        if draft.bic:
            _add(_add(account, "cac:FinancialInstitutionBranch"), "cbc:ID", draft.bic)
    if draft.payment_terms:
        _add(_add(root, "cac:PaymentTerms"), "cbc:Note", draft.payment_terms)


def _add_totals(root: etree._Element, draft: InvoiceDraft) -> None:
    groups: dict[tuple[str, Decimal, str | None], Decimal] = {}
    for line in draft.lines:
        key = (line.vat_category, line.vat_percent, line.exemption_reason)
        groups[key] = groups.get(key, _ZERO) + line.net_amount
    vat_of = {key: round_half_up(taxable * key[1] / 100) for key, taxable in groups.items()}
    net, vat = sum(groups.values(), _ZERO), sum(vat_of.values(), _ZERO)
    tax_total = _add(root, "cac:TaxTotal")
    _add_amount(tax_total, "cbc:TaxAmount", vat, draft.currency)
    for key, taxable in groups.items():
        subtotal = _add(tax_total, "cac:TaxSubtotal")
        _add_amount(subtotal, "cbc:TaxableAmount", taxable, draft.currency)
        _add_amount(subtotal, "cbc:TaxAmount", vat_of[key], draft.currency)
        _add_tax_category(subtotal, "cac:TaxCategory", *key)
    totals = _add(root, "cac:LegalMonetaryTotal")
    for name, amount in (("LineExtension", net), ("TaxExclusive", net), ("TaxInclusive", net + vat)):
        _add_amount(totals, f"cbc:{name}Amount", amount, draft.currency)
    if draft.prepaid_amount:
        _add_amount(totals, "cbc:PrepaidAmount", draft.prepaid_amount, draft.currency)
    _add_amount(totals, "cbc:PayableAmount", net + vat - draft.prepaid_amount, draft.currency)


def _add_tax_category(parent: etree._Element, name: str, category: str, percent: Decimal, reason: str | None) -> None:
    element = _add(parent, name)
    _add(element, "cbc:ID", category)
    _add(element, "cbc:Percent", f"{percent:f}")
    _add_optional(element, "cbc:TaxExemptionReason", reason)
    _add(_add(element, "cac:TaxScheme"), "cbc:ID", "VAT")


def _add_line(root: etree._Element, draft: InvoiceDraft, position: int, line: DraftLine) -> None:
    kind, quantity = ("CreditNote", "Credited") if draft.credit_note else ("Invoice", "Invoiced")
    element = _add(root, f"cac:{kind}Line")
    _add(element, "cbc:ID", str(position))
    _add(element, f"cbc:{quantity}Quantity", f"{line.quantity:f}", unitCode=line.unit)
    _add_amount(element, "cbc:LineExtensionAmount", line.net_amount, draft.currency)
    item = _add(element, "cac:Item")
    _add(item, "cbc:Name", line.description)
    # The reason of an exemption stands in the VAT breakdown only (PEPPOL-EN16931: none on the line).
    _add_tax_category(item, "cac:ClassifiedTaxCategory", line.vat_category, line.vat_percent, None)
    price = _add(element, "cac:Price")
    _add(price, "cbc:PriceAmount", f"{line.unit_price:f}", currencyID=draft.currency)
