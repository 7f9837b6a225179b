"""Why money belongs to an invoice, and what a return takes back, as plain functions of plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
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
    PERSON = "person"
    REVERSAL = "reversal"
    UNDONE = "undone"


class DifferenceKind(StrEnum):
    """What explains that an invoice is paid though a little is missing."""

    ROUNDING = "rounding"
    BANK_COST = "bank_cost"
    DISCOUNT = "discount"


class SettlementWay(StrEnum):
    """How a person says that an invoice was settled without the bank (product page, "settled")."""

    CASH = "cash"
    CARD = "card"
    SET_OFF = "set_off"
    WRITTEN_OFF = "written_off"


NOTHING: Final = Decimal(0)
# Who writes what the rules decide.
SYSTEM: Final = "system"
# A reference or number that a text could mean, squeezed, is so long at most.
LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class NoteRest:
    """A credit note about an invoice, with the `rest` of it that may be set off there."""

    id: int
    issued_on: date
    number: str
    rest: Decimal


def set_off_in_order(room: Decimal, notes: Sequence[NoteRest]) -> dict[int, Decimal]:
    """Return what is set off of each credit note against the `room` that money leaves of their invoice.

    The oldest by its own day first, then by number: what came first here makes no difference.
    """
    taken: dict[int, Decimal] = {}
    for note in sorted(notes, key=lambda note: (note.issued_on, note.number, note.id)):
        taken[note.id] = max(min(room, note.rest), NOTHING)
        room -= taken[note.id]
    return taken


@dataclass(frozen=True, slots=True)
class Held:
    """What an invoice holds of a credit, and the difference that was booked beside it."""

    invoice_id: int
    amount: Decimal
    difference: Decimal = NOTHING
    difference_kind: str = ""


@dataclass(frozen=True, slots=True)
class GivenCredit:
    """An earlier credit of the same account with the parts of it that invoices hold."""

    id: int
    reference: str
    counterparty: str
    amount: Decimal
    held_by: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Negative amounts for an invoice: what `reverses` (a movement's id) gave it, and the difference beside it."""

    invoice_id: int
    amount: Decimal
    difference: Decimal
    difference_kind: str
    reverses: int


def find_original(
    amount: Decimal, reference: str, counterparty: str, received: Sequence[GivenCredit]
) -> GivenCredit | None:
    """Return the credit that a debit returns: the newest fitting one that invoices hold, else the newest fitting.

    It has the same reference and amount, and the same counterparty where both are known; `credits` are those that
    were not returned before.
    """
    if not reference or amount >= NOTHING:
        return None
    fitting = [
        credit
        for credit in received
        if credit.reference == reference
        and credit.amount == -amount
        and (not counterparty or not credit.counterparty or counterparty == credit.counterparty)
    ]
    return max(fitting, key=lambda credit: (bool(credit.held_by), credit.id), default=None)


def held_back(original: GivenCredit) -> list[TakenBack]:
    """Return what the return of a credit takes back: exactly what it gave."""
    return [
        TakenBack(held.invoice_id, -held.amount, -held.difference, held.difference_kind, original.id)
        for held in original.held_by
    ]
