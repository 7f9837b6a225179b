"""What rejects a document and what only warns: the product's table "What rejects an invoice", as data.

The layers report each rule with the weight that its publisher gave it. Here, and nowhere else, is decided what a
document that claims a profile is rejected for; every other fatal finding becomes a warning.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Final

from apps.invoices.checks.found import Found
from apps.invoices.rules import Layer, Severity


class Profile(StrEnum):
    """Whose rules a document says that it follows."""

    PEPPOL_BILLING = "peppol_billing"
    PEPPOL_SELF_BILLING = "peppol_self_billing"
    EN16931 = "en16931"
    UBL_BE = "ubl_be"
    E_FFF = "e_fff"
    OTHER = "other"


_UBL_BE: Final = "UBL.BE"
_EN16931: Final = "urn:cen.eu:en16931:2017"
_PEPPOL: Final = f"{_EN16931}#compliant#urn:fdc:peppol.eu:2017:poacc:"
_E_FFF: Final = "FFF"

# Any document: what is no XML or no UBL, and what cannot be read within the bounds.
_ALWAYS: Final = frozenset({Layer.XML, Layer.SCHEMA})
REJECTING_LAYERS: Final[dict[Profile, frozenset[Layer]]] = {
    Profile.PEPPOL_BILLING: _ALWAYS | {Layer.EN16931, Layer.PEPPOL},
    Profile.PEPPOL_SELF_BILLING: _ALWAYS | {Layer.EN16931},
    Profile.EN16931: _ALWAYS | {Layer.EN16931},
    Profile.UBL_BE: _ALWAYS,
    Profile.E_FFF: _ALWAYS,
    Profile.OTHER: _ALWAYS,
}

_FATAL, _WARNING, _INFORMATION = Severity.FATAL, Severity.WARNING, Severity.INFORMATION

# Every rule that no package ships: its layer and its weight, whatever the profile.
OWN_RULES: Final[dict[str, tuple[Layer, Severity]]] = {
    "too_many_lines": (Layer.XML, _FATAL),
    "too_many_vat_subtotals": (Layer.XML, _FATAL),
    "too_many_allowances": (Layer.XML, _FATAL),
    "too_many_elements": (Layer.XML, _FATAL),
    "number_missing": (Layer.HOUSE, _FATAL),
    "ubl_incomplete": (Layer.HOUSE, _FATAL),
    "supplier_mismatch": (Layer.HOUSE, _FATAL),
    "self_billed_by_customer": (Layer.HOUSE, _FATAL),
    "self_billing_type": (Layer.HOUSE, _WARNING),
    "issue_date_in_future": (Layer.HOUSE, _WARNING),
    "issue_date_long_ago": (Layer.HOUSE, _WARNING),
    "due_date_before_issue": (Layer.HOUSE, _WARNING),
    "due_date_far_off": (Layer.HOUSE, _WARNING),
    "currency_mixed": (Layer.HOUSE, _WARNING),
    "line_amount_differs": (Layer.HOUSE, _WARNING),
    "vat_amount_differs": (Layer.HOUSE, _WARNING),
    "iban_check_digits": (Layer.HOUSE, _WARNING),
    "communication_check_digits": (Layer.BELGIUM, _WARNING),
    "enterprise_number_check_digits": (Layer.BELGIUM, _WARNING),
    "vat_not_in_euro": (Layer.BELGIUM, _WARNING),
    "ubl-BE-01": (Layer.BELGIUM, _WARNING),
    "ubl-BE-02": (Layer.BELGIUM, _WARNING),
    "ubl-BE-03": (Layer.BELGIUM, _WARNING),
    "ubl-BE-04": (Layer.BELGIUM, _WARNING),
    "ubl-BE-05": (Layer.BELGIUM, _WARNING),
    "ubl-BE-06": (Layer.BELGIUM, _WARNING),
    "ubl-BE-07": (Layer.BELGIUM, _WARNING),
    "ubl-BE-08": (Layer.BELGIUM, _WARNING),
    "ubl-BE-09": (Layer.BELGIUM, _WARNING),
    "ubl-BE-10": (Layer.BELGIUM, _WARNING),
    "ubl-BE-11": (Layer.BELGIUM, _WARNING),
    "ubl-BE-12": (Layer.BELGIUM, _WARNING),
    "ubl-BE-14": (Layer.BELGIUM, _WARNING),
    "ubl-BE-15": (Layer.BELGIUM, _WARNING),
    "invoice_locked": (Layer.HOUSE, _FATAL),
    "period_closed": (Layer.HOUSE, _FATAL),
    "credit_note_expected": (Layer.HOUSE, _WARNING),
    "pdf_missing": (Layer.PDF, _INFORMATION),
    "pdf_unreadable": (Layer.PDF, _FATAL),
    "attachment_unreadable": (Layer.PDF, _WARNING),
    "attachment_false_type": (Layer.PDF, _WARNING),
    "attachment_executable": (Layer.PDF, _WARNING),
    "attachment_elsewhere": (Layer.PDF, _INFORMATION),
    "embedded_pdf_unreadable": (Layer.PDF, _WARNING),
    "pdf_active_content": (Layer.PDF, _WARNING),
    "pdf_many_pages": (Layer.PDF, _WARNING),
    "pdf_contains_files": (Layer.PDF, _WARNING),
    "pdf_contains_invoice": (Layer.PDF, _INFORMATION),
    "pdf_restricted": (Layer.PDF, _INFORMATION),
}


def profile_of(customization_id: str | None, profile_id: str | None) -> Profile:
    """Return the profile that a document claims; UBL.BE is tested first, its id begins as the one of EN 16931."""
    customization = (customization_id or "").strip()
    if _UBL_BE in customization.upper():
        return Profile.UBL_BE
    for profile, start in (
        (Profile.PEPPOL_BILLING, f"{_PEPPOL}billing:3.0"),
        (Profile.PEPPOL_SELF_BILLING, f"{_PEPPOL}selfbilling:3.0"),
        (Profile.EN16931, _EN16931),
    ):
        if customization.startswith(start):
            return profile
    return Profile.E_FFF if _E_FFF in (profile_id or "").upper() else Profile.OTHER


def own(code: str, location: str = "", **params: str) -> Found:
    """Return a finding of one of our own rules, with the layer and weight that the table gives it."""
    layer, severity = OWN_RULES[code]
    return Found(code=code, severity=severity, layer=layer, location=location, params=params)


def weigh(findings: Iterable[Found], profile: Profile) -> list[Found]:
    """Turn what is fatal to its publisher, but rejects no document of this profile, into warnings."""
    rejecting = REJECTING_LAYERS[profile]
    return [
        replace(found, severity=Severity.WARNING)
        if found.severity is Severity.FATAL and found.layer not in rejecting and found.code not in OWN_RULES
        else found
        for found in findings
    ]
