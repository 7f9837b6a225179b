"""Amounts as people type them."""

import re
from decimal import Decimal
from typing import Final

# `1842,63`, `1.842,63`, `1 842.63`, `€ 1842`: groups of thousands, then at most two decimals.
_AMOUNT: Final = re.compile(r"€?\s?(\d{1,3}(?:[., \u00a0\u202f]\d{3})+|\d{1,13})(?:[.,](\d{1,2}))?\s?€?")


def read_amount(text: str) -> Decimal | None:
    """Return the amount that a person typed, or nothing when it is none."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return None
    whole = re.sub(r"\D", "", found[1])
    return Decimal(f"{whole}.{found[2] or '00'}") if len(whole) <= 13 else None
