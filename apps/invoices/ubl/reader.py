"""From bytes to a `UblDocument`, or a refusal that names what is missing.

Only what an invoice cannot do without is demanded here: number, issue date, currency, supplier and payable
amount. All else that is absent or wrong is for the schema and the rule layers to find. The field paths were
measured over 137 valid documents of Peppol BIS 3, EN 16931, UBL.BE and e-FFF.
"""

from typing import Any, Final, NoReturn

from lxml import etree

from apps.core.xml import DEFAULT_MAX_BYTES, XmlRefused, parse_xml
from apps.invoices.ubl.amounts import currency_of, read_amounts, read_vat_subtotals
from apps.invoices.ubl.contents import (
    read_allowances,
    read_attachments,
    read_external_references,
    read_lines,
)
from apps.invoices.ubl.document import DocumentType, UblDocument
from apps.invoices.ubl.parties import PartyFacts, address_lines, read_party
from apps.invoices.ubl.payment import read_payment
from apps.invoices.ubl.refusal import UblRefused
from apps.invoices.ubl.terms import Due, read_discounts
from apps.invoices.ubl.values import child, date_at, paragraphs_at, text_at, texts_at

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_INVOICE: Final = f"{{{_UBL}Invoice-2}}Invoice"
_PRECEDING: Final = "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID"
_CREDIT_NOTE: Final = f"{{{_UBL}CreditNote-2}}CreditNote"
# The credit notes among UNTDID 1001 (EN 16931, BR-CL-01): older profiles put them into an Invoice.
_CREDIT_NOTE_TYPES: Final = frozenset(("81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"))


def read_ubl(data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> UblDocument:
    """Read an invoice or credit note of any profile.

    Raises `UblRefused` (its codes are listed there). Never looks at a DTD, an entity, the network or a file.
    """
    return read_parsed(parse_ubl(data, max_bytes=max_bytes))


def parse_ubl(data: bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> etree._Element:
    """Parse the bytes and return the root, a UBL 2 Invoice or CreditNote; nothing inside it is looked at.

    Raises `UblRefused` with `file_empty`, `not_ubl` or one of the codes of `apps.core.xml`.
    """
    if not data.strip():
        raise UblRefused("file_empty", "The file is empty.")
    try:
        root = parse_xml(data, max_bytes=max_bytes, long_text_in="EmbeddedDocumentBinaryObject")
    except XmlRefused as error:
        raise UblRefused(error.code, str(error)) from error
    if root.tag not in (_INVOICE, _CREDIT_NOTE):
        raise UblRefused("not_ubl", _name_other_root(root))
    return root


def _name_other_root(root: etree._Element) -> str:
    name = etree.QName(root)
    namespace = name.namespace or ""
    if "CrossIndustry" in name.localname:
        return "CII (Factur-X, ZUGFeRD) is not accepted; send the invoice as UBL 2.1 Invoice or CreditNote."
    if name.localname == "StandardBusinessDocument":
        return "The invoice is in a StandardBusinessDocument envelope; send the UBL inside it by itself."
    if namespace.startswith(_UBL) and name.localname not in ("Invoice", "CreditNote"):
        return f"The UBL document is of type {name.localname[:40]}; an Invoice or CreditNote is expected."
    if name.localname in ("Invoice", "CreditNote"):
        where = f"the namespace {namespace[:80]!r}" if namespace else "no namespace"
        return f"The {name.localname} is in {where}, not in the one of UBL 2.1."
    return f"The document is a {name.localname[:40]!r}, not a UBL 2.1 Invoice or CreditNote."


def read_parsed(root: etree._Element) -> UblDocument:
    """Read the document whose root `parse_ubl` gave.

    Raises `UblRefused` with `number_missing` or `ubl_incomplete`.
    """
    number = text_at(root, "cbc:ID")
    if number is None:
        raise UblRefused("number_missing", "The document has no number (cbc:ID).", element="cbc:ID")
    issue_date = date_at(root, "cbc:IssueDate") or _refuse(root, "cbc:IssueDate")
    currency = currency_of(root) or _refuse(root, "cbc:DocumentCurrencyCode")
    amounts = read_amounts(root, currency) or _refuse(root, "cac:LegalMonetaryTotal/cbc:PayableAmount")
    type_code = text_at(root, "cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode")
    supplier = _read_supplier(root)
    customer = read_party(child(root, "cac:AccountingCustomerParty/cac:Party"))
    payment = read_payment(root)
    return UblDocument(
        document_type=_document_type(root, type_code),
        type_code=type_code,
        customization_id=text_at(root, "cbc:CustomizationID"),
        profile_id=text_at(root, "cbc:ProfileID"),
        number=number,
        issue_date=issue_date,
        due_date=date_at(root, "cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate"),
        currency=currency,
        net_amount=amounts.net,
        vat_amount=amounts.vat,
        total_amount=amounts.total,
        prepaid_amount=amounts.prepaid,
        payable_amount=amounts.payable,
        supplier_name=supplier.name,
        supplier_address=supplier.address,
        supplier_vat=supplier.vat,
        supplier_numbers=supplier.numbers,
        supplier_country=supplier.country,
        customer_name=customer.name,
        customer_address=customer.address,
        customer_vat=customer.vat,
        customer_numbers=customer.numbers,
        customer_country=customer.country,
        structured_communication=payment.structured_communication,
        payment_ids=payment.payment_ids,
        payment_means_codes=payment.means_codes,
        iban=payment.iban,
        bic=payment.bic,
        preceding_invoice=text_at(root, _PRECEDING),
        buyer_reference=text_at(root, "cbc:BuyerReference"),
        order_reference=text_at(root, "cac:OrderReference/cbc:ID"),
        note=paragraphs_at(root, "cbc:Note"),
        payment_terms=paragraphs_at(root, "cac:PaymentTerms/cbc:Note"),
        vat_subtotals=read_vat_subtotals(root, currency),
        lines=read_lines(root),
        attachments=read_attachments(root),
        rounding_amount=amounts.rounding,
        discounts=read_discounts(root, Due(issue_date, currency, amounts.payable, amounts.net)),
        allowances=read_allowances(root),
        preceding_invoices=tuple(texts_at(root, _PRECEDING)),
        external_references=read_external_references(root),
        **_read_circumstances(root),
    )


def _read_circumstances(root: etree._Element) -> dict[str, Any]:
    """Read who is paid in the supplier's place, the contract, the period, and where and when goods went."""
    return {
        "payee_name": text_at(root, "cac:PayeeParty/cac:PartyName/cbc:Name"),
        "contract_reference": text_at(root, "cac:ContractDocumentReference/cbc:ID"),
        "project_reference": text_at(root, "cac:ProjectReference/cbc:ID"),
        "period_start": date_at(root, "cac:InvoicePeriod/cbc:StartDate"),
        "period_end": date_at(root, "cac:InvoicePeriod/cbc:EndDate"),
        "delivery_date": date_at(root, "cac:Delivery/cbc:ActualDeliveryDate"),
        "delivery_address": address_lines(child(root, "cac:Delivery/cac:DeliveryLocation/cac:Address")),
    }


def _document_type(root: etree._Element, type_code: str | None) -> DocumentType:
    return "credit_note" if root.tag == _CREDIT_NOTE or type_code in _CREDIT_NOTE_TYPES else "invoice"


def _read_supplier(root: etree._Element) -> PartyFacts:
    party = child(root, "cac:AccountingSupplierParty/cac:Party")
    return read_party(party) if party is not None else _refuse(root, "cac:AccountingSupplierParty/cac:Party")


def _refuse(root: etree._Element, element: str) -> NoReturn:
    """Refuse for a header element that is missing, or is there and cannot be read."""
    written = text_at(root, element)
    problem = "is missing" if written is None else f"holds {written[:40]!r}, which cannot be read"
    raise UblRefused("ubl_incomplete", f"The required element {element} {problem}.", element=element)
