"""Why money belongs to an invoice, and what a return takes back, as plain functions of plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Rule(StrEnum):
    """Why money was allocated (product page, "What makes a match certain"); `matching` decides."""

    STRUCTURED_COMMUNICATION = "structured_communication"
    END_TO_END = "end_to_end"
    INVOICE_NUMBER = "invoice_number"
    KNOWN_ACCOUNT = "known_account"
    REPAIRED_REFERENCE = "repaired_reference"
    SEVERAL_INVOICES = "several_invoices"
    OLDEST_FIRST = "oldest_first"
    REVERSAL = "reversal"


class SettlementWay(StrEnum):
    """How a person says that an invoice was settled without the bank (product page, "settled")."""

    CASH = "cash"
    CARD = "card"
    SET_OFF = "set_off"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class GivenCredit:
    """An earlier credit of the same account with the part of it that invoices hold, by invoice id."""

    id: int
    reference: str
    counterparty: str
    amount: Decimal
    held_by: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A negative amount for an invoice: what `reverses` (a movement's id) gave it."""

    invoice_id: int
    amount: Decimal
    reverses: int


NOTHING: Final = Decimal(0)


def match_reversal(
    amount: Decimal, reference: str, counterparty: str, originals: Sequence[GivenCredit]
) -> list[TakenBack]:
    """Return what a debit takes back: exactly what its original, the newest fitting credit, gave.

    An original has the same reference and amount, and the same counterparty where both are known.
    """
    if not reference or amount >= NOTHING:
        return []
    for original in sorted(originals, key=lambda given: -given.id):
        if (
            original.reference == reference
            and original.amount == -amount
            and (not counterparty or not original.counterparty or counterparty == original.counterparty)
            and original.held_by
        ):
            return [TakenBack(invoice, -part, original.id) for invoice, part in original.held_by]
    return []
