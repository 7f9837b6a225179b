"""Belgian rules: check digits that nobody else checks, VAT in euro, and what UBL.BE asks. All of them warn."""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from apps.core.identifiers import InvalidEnterpriseNumber, normalise_enterprise_number
from apps.core.structured_communication import InvalidStructuredCommunication, parse_structured_communication
from apps.invoices.checks.found import Found
from apps.invoices.checks.policy import Profile, own
from apps.invoices.checks.ubl_be import check_ubl_be
from apps.invoices.ubl import UblDocument
from apps.invoices.ubl.places import place_of
from apps.invoices.ubl.values import child, children, text_of

_MOST_OF_ONE_RULE: Final = 20
_PAYMENT_ID: Final = "cac:PaymentMeans/cbc:PaymentID"
# Between signs, in its three groups, or an RF reference: nobody writes those by accident.
_MEANT_AS_REFERENCE: Final = re.compile(
    r"(?:\+{3}|\*{3})[\d\s/.\-]+(?:\+{3}|\*{3})|\d{3}\s?/\s?\d{4}\s?/\s?\d{5}|RF\d{2}[\dA-Z ]{1,26}", re.IGNORECASE
)
_TWELVE_DIGITS: Final = re.compile(r"\d{12}")
_PARTIES: Final = ("cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party")
_NUMBERS: Final = ("cbc:EndpointID", "cac:PartyTaxScheme/cbc:CompanyID", "cac:PartyLegalEntity/cbc:CompanyID")
_BELGIAN_SCHEMES: Final = frozenset({"0208", "9925"})
_BELGIAN_VAT: Final = re.compile(r"BE[\s.]*[\d.\s]{8,}", re.IGNORECASE)


def check_belgium(root: etree._Element, document: UblDocument, *, profile: Profile) -> list[Found]:
    """Return what the Belgian rules say."""
    findings = [
        *check_communications(root, document),
        *check_enterprise_numbers(root),
        *check_vat_in_euro(root, document),
    ]
    if profile is Profile.UBL_BE:
        findings += check_ubl_be(root)
    return findings


def check_communications(root: etree._Element, document: UblDocument) -> Iterator[Found]:
    """Report references that are written as structured communications and whose check digits are wrong.

    Twelve bare digits are one only where the supplier is Belgian.
    """
    for element in children(root, _PAYMENT_ID)[:_MOST_OF_ONE_RULE]:
        text = text_of(element) or ""
        is_bare = document.supplier_country == "BE" and _TWELVE_DIGITS.fullmatch(text) is not None
        if not is_bare and not _MEANT_AS_REFERENCE.fullmatch(text):
            continue
        try:
            parse_structured_communication(text)
        except InvalidStructuredCommunication:
            yield own("communication_check_digits", place_of(element), reference=text[:60])


def check_enterprise_numbers(root: etree._Element) -> Iterator[Found]:
    """Report Belgian numbers, by their scheme or their `BE`, whose check digits are wrong."""
    for party_path in _PARTIES:
        party = child(root, party_path)
        for path in _NUMBERS if party is not None else ():
            for element in children(party, path)[:_MOST_OF_ONE_RULE] if party is not None else ():
                text = text_of(element) or ""
                scheme = (element.get("schemeID") or "").strip()
                if (scheme in _BELGIAN_SCHEMES or _BELGIAN_VAT.fullmatch(text)) and not _is_number(text):
                    yield own("enterprise_number_check_digits", place_of(element), number=text[:40])


def _is_number(text: str) -> bool:
    try:
        normalise_enterprise_number(text)
    except InvalidEnterpriseNumber:
        return False
    return True


def check_vat_in_euro(root: etree._Element, document: UblDocument) -> Iterator[Found]:
    """Report VAT in a foreign currency alone: a Belgian supplier states it in euro too (VAT Directive, art. 230)."""
    if document.currency == "EUR" or document.supplier_country != "BE" or not document.vat_amount:
        return
    amounts = children(root, "cac:TaxTotal/cbc:TaxAmount")
    if all(amount.get("currencyID") != "EUR" for amount in amounts):
        place = place_of(amounts[0]) if amounts else ""
        yield own("vat_not_in_euro", place, currency=document.currency)
