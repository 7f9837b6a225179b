"""Supplier and customer: name, address, VAT number and every Belgian enterprise number they claim."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from apps.core.identifiers import InvalidEnterpriseNumber, normalise_enterprise_number
from apps.invoices.ubl.values import child, children, text_at, text_of, texts_at

# Peppol's 0208 (KBO/BCE) and 9925 (Belgian VAT), 9956 as UBL.BE writes it, and the names older software uses.
_BELGIAN_SCHEMES: Final = frozenset(
    {"0208", "9925", "9956", "BE:CBE", "BE:VAT", "BE:KBO", "CBE", "KBO", "BCE", "VAT", "BE", "BTW", "TVA"}
)
_NUMBER_NOISE: Final = re.compile(r"[\s.\-/]+")


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """A party as written; `numbers` are ten digits each."""

    name: str
    address: tuple[str, ...]
    vat: str | None
    numbers: tuple[str, ...]
    country: str | None


def read_party(party: etree._Element | None) -> PartyFacts:
    """Read a `cac:Party`; what it does not say, or all when it is absent, is empty."""
    if party is None:
        return PartyFacts(name="", address=(), vat=None, numbers=(), country=None)
    country = text_at(party, "cac:PostalAddress/cac:Country/cbc:IdentificationCode")
    name = text_at(party, "cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyName/cbc:Name")
    if name is None:
        # A natural person of an older profile has a contact or a family name only.
        name = text_at(party, "cac:Person/cbc:FamilyName", "cac:Contact/cbc:Name")
    return PartyFacts(
        name=name or "",
        address=address_lines(child(party, "cac:PostalAddress")),
        vat=_vat_number(party),
        numbers=_enterprise_numbers(party, country),
        country=country.upper() if country else None,
    )


def address_lines(address: etree._Element | None) -> tuple[str, ...]:
    """Read a `cac:PostalAddress` or `cac:Address` as the lines of an envelope, without the country."""
    if address is None:
        return ()
    street = " ".join(texts_at(address, "cbc:StreetName", "cbc:BuildingNumber"))
    more = list(texts_at(address, "cbc:AdditionalStreetName", "cac:AddressLine/cbc:Line"))
    city = " ".join(texts_at(address, "cbc:PostalZone", "cbc:CityName"))
    return tuple(line for line in (street, *more, city) if line)


def _vat_number(party: etree._Element) -> str | None:
    schemes = children(party, "cac:PartyTaxScheme")
    for scheme in schemes:
        if (text_at(scheme, "cac:TaxScheme/cbc:ID") or "").upper() == "VAT":
            return _compact(text_at(scheme, "cbc:CompanyID"))
    # e-FFF files leave the scheme out.
    unnamed = [scheme for scheme in schemes if child(scheme, "cac:TaxScheme/cbc:ID") is None]
    return _compact(text_at(unnamed[0], "cbc:CompanyID")) if unnamed else None


def _compact(text: str | None) -> str | None:
    return (_NUMBER_NOISE.sub("", text).upper() or None) if text else None


def _enterprise_numbers(party: etree._Element, country: str | None) -> tuple[str, ...]:
    numbers: dict[str, None] = {}
    for candidate in _number_candidates(party, country):
        try:
            numbers.setdefault(normalise_enterprise_number(candidate))
        except InvalidEnterpriseNumber:
            continue
    return tuple(numbers)


def _number_candidates(party: etree._Element, country: str | None) -> Iterator[str]:
    for path in (
        "cac:PartyTaxScheme/cbc:CompanyID",
        "cac:PartyLegalEntity/cbc:CompanyID",
        "cbc:EndpointID",
        "cac:PartyIdentification/cbc:ID",
    ):
        for element in children(party, path):
            text = text_of(element)
            if text and _may_be_belgian(element, text, country):
                yield text


def _may_be_belgian(element: etree._Element, text: str, country: str | None) -> bool:
    """One foreign number in 97 has the check digits of a Belgian one, so scheme or country decide first."""
    if text.upper().startswith("BE"):
        return True
    scheme = (element.get("schemeID") or "").strip().upper()
    if scheme:
        return scheme in _BELGIAN_SCHEMES
    agency = (element.get("schemeAgencyName") or "").upper()
    return agency in _BELGIAN_SCHEMES or country is None or country.upper() == "BE"
