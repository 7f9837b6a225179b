"""What UBL.BE asks beyond EN 16931, under its own rule ids (release 1.31). All of it warns.

Rule 13, an amount in the VAT of each line, is not here: the schema asks for it already, and no document that passes the
schema breaks it.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

from apps.invoices.checks.found import Found
from apps.invoices.checks.policy import own
from apps.invoices.ubl.places import place_of
from apps.invoices.ubl.values import CAC, child, children, decimal_of, text_at, text_of, texts_at

_MOST_OF_ONE_RULE: Final = 20
_REFERENCE: Final = "cac:AdditionalDocumentReference"
_UBL_BE_ID: Final = "UBL.BE"
_RENDERINGS: Final = frozenset({"CommercialInvoice", "CreditNote"})
_LINES: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")
_DAY_LENGTH: Final = len("2026-01-31")

# The lists of release 1.31. A mention stands in English or Dutch; the others have one form.
_MENTION_CODES: Final = frozenset(f"BELM-00{number}" for number in range(1, 9))
_MENTIONS: Final = frozenset(
    {
        *("Special ruling - travelagencies", "Bijzondere regeling - reisbureaus"),
        *("Special ruling - used goods", "Bijzondere regeling - gebruikte goederen"),
        *("Special ruling - art objects", "Bijzondere regeling - kunstvoorwerpen"),
        *("Special ruling - antiques", "Bijzondere regeling - antiquiteiten"),
        "Small company under exempt from taxes ruling",
        "Kleine onderneming onderworpen aan de vrijstellingsregeling van belasting",
        *("Invoice issued by the receiver", "Factuur uitgereikt door de afnemer"),
        *("Copy issued at request from the customer", "Dubbel uitgereikt op vraag van de klant"),
        "VAT to be refunded to the state to the extent that it was deducted",
        "BTW terug te storten aan de staat in de mate waarin ze oorspronkelijk in aftrek werd gebracht",
    }
)
_EXEMPTIONS: Final = {
    "45": "Reverse charge - Contractor",
    "EX": "Exempt",
    "FD": "Financial discount",
    "SC": "Small company",
    "00/44": "0% Clause 44",
    "03/SE": "Standard exchange",
    "MA": "Margin",
    "46/GO": "Intra-community supply - Goods",
    "47/TO": "Intra-community supply - Manufacturing cost",
    "47/AS": "Intra-community supply - Assembly",
    "47/DI": "Intra-community supply - Distance",
    "47/SE": "Intra-community supply - Services",
    "44": "Intra-community supply - Services B2B",
    "46/TR": "Intra-community supply - Triangle a-B-c",
    "47/EX": "Export non E.U.",
    "47/EI": "Indirect export",
    "47/EE": "Export via E.U.",
    "NS": "Not subject to VAT",
}
_EXEMPTION_CODES: Final = frozenset(f"BETE-{code}" for code in _EXEMPTIONS)
_EXEMPTION_REASONS: Final = frozenset(_EXEMPTIONS.values())
# Exemptions are categories too, all but EX; what has a rate, and the one-stop shop, is no exemption.
_CATEGORIES: Final = (_EXEMPTIONS.keys() - {"EX"}) | {"00", "01", "02", "03", "NA", "OSS-S", "OSS-G", "OSS-I"}


def check_ubl_be(root: etree._Element) -> list[Found]:
    """Report what UBL.BE asks and the document has not: at most twenty times the same rule."""
    checks = (
        _check_references(root),
        _check_mentions(_anywhere(root, "Delivery", "cac:DeliveryTerms")),
        _check_cash_discounts(root.iter(f"{{{CAC}}}PaymentTerms")),
        _check_categories(_anywhere(root, "TaxTotal", "cac:TaxSubtotal/cac:TaxCategory")),
        _check_lines(root),
    )
    return _bounded(found for check in checks for found in check)


def _bounded(findings: Iterable[Found]) -> list[Found]:
    times: dict[str, int] = {}
    kept = []
    for found in findings:
        times[found.code] = times.get(found.code, 0) + 1
        if times[found.code] <= _MOST_OF_ONE_RULE:
            kept.append(found)
    return kept


def _anywhere(root: etree._Element, outer: str, path: str) -> Iterator[etree._Element]:
    """Yield what stands at a path below every such element: of the document, and of its lines."""
    for element in root.iter(f"{{{CAC}}}{outer}"):
        yield from children(element, path)


def _check_references(root: etree._Element) -> Iterator[Found]:
    references = children(root, _REFERENCE)
    first = place_of(references[0] if references else root)
    if len(references) < 2:
        yield own("ubl-BE-01", first, count=str(len(references)))
    if not references:
        return
    renderings = sum(text_of(text) in _RENDERINGS for each in references for text in _descriptions(each))
    if renderings != 1:
        yield own("ubl-BE-02", first, count=str(renderings))
    software = sum(text_at(each, "cbc:ID") == _UBL_BE_ID for each in references)
    if software != 1:
        yield own("ubl-BE-03", first, count=str(software))
    for each in references:
        if len(_descriptions(each)) != 1:
            yield own("ubl-BE-04", place_of(each))


def _descriptions(reference: etree._Element) -> list[etree._Element]:
    # The rules' sentences name DocumentType, what they test is DocumentDescription: either will do.
    return children(reference, "cbc:DocumentDescription") or children(reference, "cbc:DocumentType")


def _check_mentions(terms: Iterable[etree._Element]) -> Iterator[Found]:
    for each in terms:
        code = text_at(each, "cbc:ID") or ""
        if code not in _MENTION_CODES:
            yield own("ubl-BE-05", place_of(each), written=code[:60])
        mentions = list(texts_at(each, "cbc:SpecialTerms"))
        if _MENTIONS.isdisjoint(mentions):
            yield own("ubl-BE-06", place_of(each), written=", ".join(mentions)[:200])


def _check_cash_discounts(terms: Iterable[etree._Element]) -> Iterator[Found]:
    for each in terms:
        percent = child(each, "cbc:SettlementDiscountPercent")
        if percent is None:
            continue
        rate = decimal_of(percent)
        if rate is None or not 0 < rate < 100:
            yield own("ubl-BE-07", place_of(percent), written=(text_of(percent) or "")[:60])
        if not decimal_of(child(each, "cbc:Amount")):
            yield own("ubl-BE-08", place_of(each))
        # The schema has checked the day itself; it allows a time zone behind it, this rule does not.
        if len(text_at(each, "cbc:PaymentDueDate") or "") != _DAY_LENGTH:
            yield own("ubl-BE-09", place_of(each))


def _check_categories(categories: Iterable[etree._Element]) -> Iterator[Found]:
    for each in categories:
        name = text_at(each, "cbc:Name") or ""
        if name not in _CATEGORIES:
            yield own("ubl-BE-10", place_of(each), written=name[:60])
        yield from _not_listed("ubl-BE-11", children(each, "cbc:TaxExemptionReasonCode"), _EXEMPTION_CODES)
        yield from _not_listed("ubl-BE-12", children(each, "cbc:TaxExemptionReason"), _EXEMPTION_REASONS)


def _not_listed(code: str, elements: list[etree._Element], listed: frozenset[str]) -> Iterator[Found]:
    for element in elements:
        text = text_of(element) or ""
        if text not in listed:
            yield own(code, place_of(element), written=text[:200])


def _check_lines(root: etree._Element) -> Iterator[Found]:
    for line in (line for path in _LINES for line in children(root, path)):
        if len(children(line, "cac:TaxTotal")) != 1:
            yield own("ubl-BE-14", place_of(line))
        for category in children(line, "cac:Item/cac:ClassifiedTaxCategory"):
            if len(children(category, "cbc:Name")) != 1:
                yield own("ubl-BE-15", place_of(category))
