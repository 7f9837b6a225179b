"""What a structured communication of a movement holds: the reference to match on, and text for people.

Layouts: Febelfin CODA 2.6, annex on structured communications. A payload is the 146 characters after the
type.
"""

from typing import Final

from apps.core.structured_communication import (
    find_in_text,
    has_valid_belgian_check,
    has_valid_creditor_reference_check,
)

CREDITOR_REFERENCE: Final = "100"
BELGIAN_REFERENCE: Final = "101"
RECONSTRUCTED_REFERENCE: Final = "102"
ORIGINAL_AMOUNT: Final = "105"
SEPA_DIRECT_DEBIT: Final = "127"
# Types whose whole content is a reference with check digits: a wrong digit there is worth telling.
TYPES_WITH_CHECK_DIGITS: Final = frozenset({CREDITOR_REFERENCE, BELGIAN_REFERENCE, RECONSTRUCTED_REFERENCE})

_ORIGINAL_AMOUNT_REFERENCE: Final = slice(45, 57)
_DIRECT_DEBIT_TEXT: Final = slice(79, 141)


def find_reference(communication_type: str, payload: str) -> str | None:
    """Return the canonical reference of a payload; `None` when it has none, or wrong check digits."""
    if communication_type in {BELGIAN_REFERENCE, RECONSTRUCTED_REFERENCE}:
        return _belgian_reference(payload[:12])
    if communication_type == CREDITOR_REFERENCE:
        # 25 positions in version 2.4, 21 in 2.6; nothing follows either way.
        reference = payload[:25].strip().upper()
        return reference if has_valid_creditor_reference_check(reference) else None
    if communication_type == ORIGINAL_AMOUNT:
        return _belgian_reference(payload[_ORIGINAL_AMOUNT_REFERENCE])
    if communication_type == SEPA_DIRECT_DEBIT:
        return next(iter(find_in_text(payload[_DIRECT_DEBIT_TEXT])), None)
    return None


def find_text(communication_type: str, payload: str) -> str:
    """Return the free text inside a payload: a direct debit (127) carries one.

    A reference with wrong check digits is no reference but a text, or nobody would see what the payer wrote.
    """
    if communication_type in {BELGIAN_REFERENCE, RECONSTRUCTED_REFERENCE}:
        digits = payload[:12]
        return "" if has_valid_belgian_check(digits) else digits.strip()
    return payload[_DIRECT_DEBIT_TEXT].strip() if communication_type == SEPA_DIRECT_DEBIT else ""


def _belgian_reference(digits: str) -> str | None:
    return digits if has_valid_belgian_check(digits) else None
