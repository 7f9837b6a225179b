"""What is read out of a UBL document: plain, frozen values, exact amounts, texts as written."""

import base64
import binascii
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

DocumentType = Literal["invoice", "credit_note"]

_PDF_MAGIC: Final = b"%PDF-"
# UNTDID 1001: 389 self-billed invoice, 261 self-billed credit note.
_SELF_BILLED_TYPES: Final = frozenset({"389", "261"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the document.

    `filename` and `mime_code` are claims of the sender: never a path, never proof of what the content is.
    """

    document_id: str
    filename: str
    mime_code: str
    base64_text: str

    @property
    def content(self) -> bytes:
        """The bytes, decoded on each call; empty when the text is no Base64 (`is_decodable` says so)."""
        return _decode(self.base64_text) or b""

    @property
    def is_decodable(self) -> bool:
        """Whether the text is Base64 at all; an empty one is."""
        return _decode(self.base64_text) is not None

    @property
    def is_pdf(self) -> bool:
        """Whether the bytes start as a PDF does, without decoding the whole."""
        head = "".join(self.base64_text[:4096].split())[:8]
        return (_decode(head) or b"").startswith(_PDF_MAGIC)


@dataclass(frozen=True, slots=True)
class ExternalReference:
    """A file that the document only names: its address is shown as text, and never followed."""

    document_id: str
    address: str


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """What is taken off (`is_charge` false) or added, for the whole document or on one line; `amount` is positive."""

    is_charge: bool
    reason: str | None
    amount: Decimal | None
    percent: Decimal | None
    vat_category: str | None = None
    vat_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UblLine:
    """One line. `None` is what the line does not say, or says unreadably (the schema check tells which)."""

    id: str
    description: str
    quantity: Decimal | None
    unit: str | None
    unit_price: Decimal | None
    net_amount: Decimal | None
    vat_category: str | None
    vat_percent: Decimal | None
    price_base_quantity: Decimal | None = None
    allowances: tuple[AllowanceCharge, ...] = ()


@dataclass(frozen=True, slots=True)
class VatSubtotal:
    """VAT of one category (UNCL 5305: S, Z, E, AE, K, G, O …) and rate, in the document's currency."""

    category: str | None
    percent: Decimal | None
    taxable_amount: Decimal | None
    tax_amount: Decimal | None
    exemption_reason: str | None = None


@dataclass(frozen=True, slots=True)
class CashDiscount:
    """An amount, in the document's currency, that may be left out of a payment made on `until` at the latest."""

    amount: Decimal
    until: date


@dataclass(frozen=True, slots=True)
class UblDocument:
    """An invoice or credit note, whatever its profile (Peppol BIS 3, EN 16931, UBL.BE, e-FFF).

    Amounts keep the sign and the decimals of the document; a credit note's are positive as in UBL.
    `*_numbers` are all the Belgian enterprise numbers that the party claims (VAT, legal id, endpoint, party
    ids), as ten digits, each once, VAT first; other numbers are left out. `structured_communication` is
    canonical (twelve digits, or `RF…`) and only there when its check digits pass; `payment_ids` are as
    written. VAT numbers are in capitals without blanks or dots.
    """

    document_type: DocumentType
    type_code: str | None
    customization_id: str | None
    profile_id: str | None
    number: str
    issue_date: date
    due_date: date | None
    currency: str
    net_amount: Decimal
    vat_amount: Decimal
    total_amount: Decimal
    prepaid_amount: Decimal | None
    payable_amount: Decimal
    supplier_name: str
    supplier_address: tuple[str, ...]
    supplier_vat: str | None
    supplier_numbers: tuple[str, ...]
    supplier_country: str | None
    customer_name: str
    customer_address: tuple[str, ...]
    customer_vat: str | None
    customer_numbers: tuple[str, ...]
    customer_country: str | None
    structured_communication: str | None
    payment_ids: tuple[str, ...]
    payment_means_codes: tuple[str, ...]
    iban: str | None
    bic: str | None
    preceding_invoice: str | None
    buyer_reference: str | None
    order_reference: str | None
    note: str | None
    payment_terms: str | None
    vat_subtotals: tuple[VatSubtotal, ...]
    lines: tuple[UblLine, ...]
    attachments: tuple[Attachment, ...]
    rounding_amount: Decimal | None = None
    discounts: tuple[CashDiscount, ...] = ()
    allowances: tuple[AllowanceCharge, ...] = ()
    payee_name: str | None = None
    contract_reference: str | None = None
    project_reference: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    delivery_date: date | None = None
    delivery_address: tuple[str, ...] = ()
    preceding_invoices: tuple[str, ...] = ()
    external_references: tuple[ExternalReference, ...] = ()

    @property
    def embedded_pdf(self) -> bytes | None:
        """The first attachment whose bytes start with `%PDF-`, whatever it declares; decoded on each call."""
        for attachment in self.attachments:
            if attachment.is_pdf and (content := attachment.content):
                return content
        return None

    @property
    def self_billed(self) -> bool:
        """Whether the buyer drew the document up (type 389 or 261)."""
        return self.type_code in _SELF_BILLED_TYPES


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
