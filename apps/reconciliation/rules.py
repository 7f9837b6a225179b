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
    """What explains that an invoice is paid though a little is missing, or its money came in another currency."""

    ROUNDING = "rounding"
    BANK_COST = "bank_cost"
    DISCOUNT = "discount"
    EXCHANGE = "exchange"


class SettlementWay(StrEnum):
    """How a person says that an invoice was settled without the bank (product page, "settled")."""

    CASH = "cash"
    CARD = "card"
    SET_OFF = "set_off"
    WRITTEN_OFF = "written_off"


NOTHING: Final = Decimal(0)
# What stands for an end-to-end id where the payer gave none.
NO_END_TO_END: Final = frozenset({"", "NOTPROVIDED", "NOT PROVIDED"})
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
    end_to_end: str = ""
    bank_reference: str = ""


@dataclass(frozen=True, slots=True)
class Debit:
    """Money that left, which may return a credit. The bank says that it `is_return`, or somebody may have paid it."""

    amount: Decimal
    reference: str
    counterparty: str
    end_to_end: str = ""
    bank_reference: str = ""
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Negative amounts for an invoice: what `reverses` (a movement's id) gave it, and the difference beside it."""

    invoice_id: int
    amount: Decimal
    difference: Decimal
    difference_kind: str
    reverses: int


def find_original(debit: Debit, received: Sequence[GivenCredit]) -> tuple[GivenCredit, str] | None:
    """Return the credit that a debit returns, and by what: the newest fitting one that invoices hold, else the newest.

    It has the same amount, and the same counterparty where both are known; `received` are those that were not returned
    before. It repeats the credit's reference or end-to-end id; what the bank calls a return may repeat the bank's own
    reference instead, or come from the one account that paid this amount.
    """
    if debit.amount >= NOTHING:
        return None
    fitting = [credit for credit in received if credit.amount == -debit.amount and _is_same_party(debit, credit)]
    named = [(credit, by) for credit in fitting if (by := _repeats(debit, credit))]
    if named:
        return max(named, key=lambda found: (bool(found[0].held_by), found[0].id))
    alike = [credit for credit in fitting if debit.is_return and debit.counterparty == credit.counterparty != ""]
    return (alike[0], debit.counterparty) if len(alike) == 1 else None


def _is_same_party(debit: Debit, credit: GivenCredit) -> bool:
    return not debit.counterparty or not credit.counterparty or debit.counterparty == credit.counterparty


def _repeats(debit: Debit, credit: GivenCredit) -> str:
    """Return what a debit repeats of a credit, nothing when it repeats nothing."""
    if debit.reference and debit.reference == credit.reference:
        return debit.reference
    is_known = debit.is_return or debit.counterparty == credit.counterparty != ""
    if is_known and is_end_to_end(debit.end_to_end) and debit.end_to_end == credit.end_to_end:
        return debit.end_to_end
    if debit.is_return and debit.bank_reference and debit.bank_reference == credit.bank_reference:
        return debit.bank_reference
    return ""


def is_end_to_end(text: str) -> bool:
    """Tell whether a customer reference is an id that the payer gave, and not the words for none."""
    return text.strip().upper() not in NO_END_TO_END


def held_back(original: GivenCredit) -> list[TakenBack]:
    """Return what the return of a credit takes back: exactly what it gave."""
    return [
        TakenBack(held.invoice_id, -held.amount, -held.difference, held.difference_kind, original.id)
        for held in original.held_by
    ]
