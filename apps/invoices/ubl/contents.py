"""Lines, allowances and charges, and files of a document."""

from lxml import etree

from apps.invoices.ubl.document import AllowanceCharge, Attachment, ExternalReference, UblLine
from apps.invoices.ubl.values import child, children, decimal_at, decimal_of, text_at


def read_lines(root: etree._Element) -> tuple[UblLine, ...]:
    """Read the invoice or credit note lines, in document order."""
    return tuple(map(_read_line, children(root, "cac:InvoiceLine") or children(root, "cac:CreditNoteLine")))


def _read_line(line: etree._Element) -> UblLine:
    quantity = child(line, "cbc:InvoicedQuantity")
    if quantity is None:
        quantity = child(line, "cbc:CreditedQuantity")
    item = child(line, "cac:Item")
    category = child(item, "cac:ClassifiedTaxCategory")
    if category is None:
        category = child(line, "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory")
    return UblLine(
        id=text_at(line, "cbc:ID") or "",
        description=_describe(item),
        quantity=decimal_of(quantity),
        unit=quantity.get("unitCode") if quantity is not None else None,
        unit_price=decimal_at(line, "cac:Price/cbc:PriceAmount"),
        net_amount=decimal_at(line, "cbc:LineExtensionAmount"),
        vat_category=text_at(category, "cbc:ID"),
        vat_percent=decimal_at(category, "cbc:Percent"),
        price_base_quantity=decimal_at(line, "cac:Price/cbc:BaseQuantity"),
        allowances=read_allowances(line),
    )


def read_allowances(parent: etree._Element) -> tuple[AllowanceCharge, ...]:
    """Read the allowances and charges of a document or of one line."""
    return tuple(map(_read_allowance, children(parent, "cac:AllowanceCharge")))


def _read_allowance(element: etree._Element) -> AllowanceCharge:
    return AllowanceCharge(
        is_charge=text_at(element, "cbc:ChargeIndicator") in ("true", "1"),
        reason=text_at(element, "cbc:AllowanceChargeReason", "cbc:AllowanceChargeReasonCode"),
        amount=decimal_at(element, "cbc:Amount"),
        percent=decimal_at(element, "cbc:MultiplierFactorNumeric"),
        vat_category=text_at(element, "cac:TaxCategory/cbc:ID"),
        vat_percent=decimal_at(element, "cac:TaxCategory/cbc:Percent"),
    )


def _describe(item: etree._Element | None) -> str:
    """Name and description of the article, on two lines where they differ."""
    parts = dict.fromkeys((text_at(item, "cbc:Name") or "", text_at(item, "cbc:Description") or ""))
    return "\n".join(part for part in parts if part)


def read_attachments(root: etree._Element) -> tuple[Attachment, ...]:
    """Read the embedded files, undecoded."""
    return tuple(
        Attachment(
            document_id=text_at(reference, "cbc:ID") or "",
            filename=embedded.get("filename") or "",
            mime_code=embedded.get("mimeCode") or "",
            base64_text=embedded.text or "",
        )
        for reference in children(root, "cac:AdditionalDocumentReference")
        for embedded in children(reference, "cac:Attachment/cbc:EmbeddedDocumentBinaryObject")
    )


def read_external_references(root: etree._Element) -> tuple[ExternalReference, ...]:
    """Read the files that the document only names by their address (`cbc:URI`), which is not followed."""
    return tuple(
        ExternalReference(document_id=text_at(reference, "cbc:ID") or "", address=address)
        for reference in children(root, "cac:AdditionalDocumentReference")
        if (address := text_at(reference, "cac:Attachment/cac:ExternalReference/cbc:URI"))
    )
