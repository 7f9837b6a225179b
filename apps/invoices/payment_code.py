"""The text of a QR code by which a bank's app fills in a transfer (EPC069-12, version 002)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apps.core.identifiers import is_valid_iban
from apps.core.money import format_amount
from apps.core.structured_communication import format_structured_communication

# The largest code that the guidelines allow: version 13 at error correction M.
MAX_BYTES: Final = 331
MAX_NAME: Final = 70
MAX_TEXT: Final = 140
_LEAST: Final = Decimal("0.01")
_MOST: Final = Decimal("999999999.99")
_BIC: Final = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# Within the European Economic Area the account alone names the bank; outside it, the BIC is needed.
_EEA: Final = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What is to be paid, to whom, with which words.

    `structured` is canonical (twelve digits, or `RF…`); `text` is what a transfer says without one.
    """

    name: str
    iban: str | None
    bic: str | None
    amount: Decimal
    currency: str
    structured: str | None
    text: str


def payment_payload(transfer: Transfer) -> str | None:
    """Return the text of the code, or None where a bank's app could not pay it.

    Only euro, an amount of one cent or more, and a valid IBAN make a code. An ISO 11649 reference stands in the field
    for structured references, which knows no other kind; a Belgian one stands as text, `+++090/9337/55493+++`. Name
    and text are cut to what the guidelines allow, so that the whole has at most 331 bytes.
    """
    iban, bic = transfer.iban or "", _bic_of(transfer)
    name = _clean(transfer.name)[:MAX_NAME].strip()
    is_payable = transfer.currency == "EUR" and _LEAST <= transfer.amount <= _MOST
    if not (is_payable and name and is_valid_iban(iban)) or (iban[:2] not in _EEA and not bic):
        return None
    reference = transfer.structured or ""
    structured = reference if reference.startswith("RF") else ""
    text = format_structured_communication(reference) if reference and not structured else ""
    if not reference:
        text = _clean(transfer.text)[:MAX_TEXT].strip()
    return _write(bic, name, iban, f"EUR{format_amount(transfer.amount)}", structured, text)


def _write(bic: str, name: str, iban: str, amount: str, structured: str, text: str) -> str:
    def lines() -> str:
        fields = ("BCD", "002", "1", "SCT", bic, name, iban, amount, "", structured, text)
        # Empty fields at the end are left out, as the guidelines allow.
        return "\n".join(fields).rstrip("\n")

    # Letters of several bytes: the free text gives way first, then the name; references and amounts never do.
    while len(lines().encode()) > MAX_BYTES and len(text) > MAX_NAME // 2:
        text = text[:-1].rstrip()
    while len(lines().encode()) > MAX_BYTES:
        name = name[:-1].rstrip()
    return lines()


def _bic_of(transfer: Transfer) -> str:
    bic = transfer.bic or ""
    return bic if _BIC.fullmatch(bic) else ""


def _clean(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())
