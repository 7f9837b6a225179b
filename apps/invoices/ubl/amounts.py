"""Totals and VAT of a document, in its own currency."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lxml import etree

from apps.invoices.ubl.document import VatSubtotal
from apps.invoices.ubl.values import child, children, decimal_at, text_at

_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Amounts:
    """The totals as written; in a right document `net + vat = total`."""

    net: Decimal
    vat: Decimal
    total: Decimal
    prepaid: Decimal | None
    payable: Decimal
    rounding: Decimal | None


def currency_of(root: etree._Element) -> str | None:
    """Return the document's currency, or None when it is missing or no code of three capitals."""
    code = text_at(root, "cbc:DocumentCurrencyCode")
    return code if code and _CURRENCY.fullmatch(code) else None


def read_amounts(root: etree._Element, currency: str) -> Amounts | None:
    """Read the totals, or None without a payable amount.

    Two in 137 valid documents carry no TaxInclusiveAmount: a total that is absent follows from the others.
    """
    totals = child(root, "cac:LegalMonetaryTotal")
    payable = decimal_at(totals, "cbc:PayableAmount")
    if payable is None:
        return None
    prepaid = decimal_at(totals, "cbc:PrepaidAmount")
    net = decimal_at(totals, "cbc:TaxExclusiveAmount")
    vat = decimal_at(_tax_total(root, currency), "cbc:TaxAmount")
    total = decimal_at(totals, "cbc:TaxInclusiveAmount")
    if total is None:
        total = net + vat if net is not None and vat is not None else payable + (prepaid or 0)
    if net is None:
        net = total - (vat or 0)
    if vat is None:
        vat = total - net
    rounding = decimal_at(totals, "cbc:PayableRoundingAmount")
    return Amounts(net=net, vat=vat, total=total, prepaid=prepaid, payable=payable, rounding=rounding)


def read_vat_subtotals(root: etree._Element, currency: str) -> tuple[VatSubtotal, ...]:
    """Read the VAT per category and rate; empty when the document does not divide it."""
    tax_total = _tax_total(root, currency)
    return () if tax_total is None else tuple(map(_read_subtotal, children(tax_total, "cac:TaxSubtotal")))


def _tax_total(root: etree._Element, currency: str) -> etree._Element | None:
    """Choose the TaxTotal in the document's currency; one without subtotals may be in accounting currency."""
    candidates = children(root, "cac:TaxTotal")

    def rank(tax_total: etree._Element) -> tuple[bool, bool]:
        amount = child(tax_total, "cbc:TaxAmount")
        is_foreign = amount is None or amount.get("currencyID") != currency
        return child(tax_total, "cac:TaxSubtotal") is None, is_foreign

    return min(candidates, key=rank, default=None)


def _read_subtotal(subtotal: etree._Element) -> VatSubtotal:
    percent = decimal_at(subtotal, "cac:TaxCategory/cbc:Percent")
    return VatSubtotal(
        category=text_at(subtotal, "cac:TaxCategory/cbc:ID"),
        # UBL 2.0 has the rate on the subtotal itself.
        percent=decimal_at(subtotal, "cbc:Percent") if percent is None else percent,
        taxable_amount=decimal_at(subtotal, "cbc:TaxableAmount"),
        tax_amount=decimal_at(subtotal, "cbc:TaxAmount"),
        exemption_reason=text_at(subtotal, "cac:TaxCategory/cbc:TaxExemptionReason"),
    )
