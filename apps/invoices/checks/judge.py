"""All layers over one document, in their order."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from lxml import etree

from apps.invoices.checks.belgium import check_belgium
from apps.invoices.checks.bounds import check_bounds
from apps.invoices.checks.found import Found
from apps.invoices.checks.house import check_house
from apps.invoices.checks.official import check_en16931
from apps.invoices.checks.papers import check_attachments, check_part, check_presence
from apps.invoices.checks.peppol import check_peppol
from apps.invoices.checks.policy import Profile, own, profile_of, weigh
from apps.invoices.checks.saxon import write_for_rules
from apps.invoices.rules import Layer, Severity
from apps.invoices.ubl import UblDocument, UblRefused, check_schema, parse_ubl, read_parsed
from apps.invoices.ubl.values import text_at

# What an official rule has said of a place is not said there again by the rule of ours that goes further.
_SAID_BY: Final = {"enterprise_number_check_digits": "PEPPOL-COMMON-R043", "vat_amount_differs": "BR-CO-17"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the layers made of a document; `document` is None when it cannot be read as an invoice."""

    profile: Profile
    findings: tuple[Found, ...]
    document: UblDocument | None

    @property
    def is_rejected(self) -> bool:
        """Whether any finding is fatal."""
        return any(found.severity is Severity.FATAL for found in self.findings)


def judge(data: bytes, *, pdf: bytes | None, on: date, peppol_sheets: Path | None) -> Judgement:
    """Judge a document that arrived on a day, with the PDF beside it if one came along.

    A layer that cannot be asked once another failed is left out: no schema for what is no XML, no rules for what
    breaks the schema. `peppol_sheets` is the folder of Peppol's own compiled rules, if the operator has them.

    Runs Saxon, so only in a worker process.
    """
    beside = check_part(pdf) if pdf is not None else []
    try:
        root = parse_ubl(data)
    except UblRefused as error:
        refused = Found(error.code, Severity.FATAL, Layer.XML, message=error.message)
        return Judgement(Profile.OTHER, (refused, *beside), None)
    profile = profile_of(text_at(root, "cbc:CustomizationID"), text_at(root, "cbc:ProfileID"))
    document, incomplete = _read(root)
    findings = check_bounds(root) or _check_schema(root)
    if not findings:
        findings = _check_rules(root, profile, peppol_sheets)
        if document is not None:
            ours = check_belgium(root, document, profile=profile)
            ours += check_house(root, document, profile=profile, on=on)
            findings += _without_repeats(ours, findings)
        findings += [*check_attachments(root), *check_presence(root, beside=pdf is not None)]
    return Judgement(profile, tuple(weigh([*findings, *incomplete, *beside], profile)), document)


def _read(root: etree._Element) -> tuple[UblDocument | None, list[Found]]:
    try:
        return read_parsed(root), []
    except UblRefused as error:
        return None, [own(error.code, element=error.element or "")]


def _check_schema(root: etree._Element) -> list[Found]:
    return [
        Found(fault.code, Severity.FATAL, Layer.SCHEMA, location=fault.location, message=fault.message)
        for fault in check_schema(root)
    ]


def _check_rules(root: etree._Element, profile: Profile, peppol_sheets: Path | None) -> list[Found]:
    document = write_for_rules(root)
    findings = check_en16931(root, document)
    if profile is Profile.PEPPOL_BILLING:
        findings += check_peppol(root, document, folder=peppol_sheets)
    return findings


def _without_repeats(own_findings: list[Found], official: list[Found]) -> list[Found]:
    said = {(found.code, found.location) for found in official}
    return [found for found in own_findings if (_SAID_BY.get(found.code), found.location) not in said]
