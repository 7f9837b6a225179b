"""What makes a match certain, as plain functions of plain values (product page, "What makes a match certain")."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Rule(StrEnum):
    """Why money was allocated."""

    STRUCTURED_COMMUNICATION = "structured_communication"
    REVERSAL = "reversal"


class SettlementWay(StrEnum):
    """How a person says that an invoice was settled without the bank (product page, "settled")."""

    CASH = "cash"
    CARD = "card"
    SET_OFF = "set_off"
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice that could be paid. Amounts are in `currency`."""

    id: int
    reference: str
    customer: str
    currency: str
    payable: Decimal
    allocated: Decimal

    @property
    def still_open(self) -> Decimal:
        """Return what is still to be paid."""
        return self.payable - self.allocated


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that came in, and what of it is not allocated yet."""

    id: int
    reference: str
    currency: str
    amount: Decimal
    loose: Decimal


@dataclass(frozen=True, slots=True)
class GivenCredit:
    """An earlier credit of the same account with the part of it that invoices hold, by invoice id."""

    id: int
    reference: str
    counterparty: str
    amount: Decimal
    held_by: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An amount of a movement for an invoice; negative when what `reverses` (a movement's id) gave is taken back."""

    invoice_id: int
    amount: Decimal
    rule: Rule
    reverses: int | None = None


NOTHING: Final = Decimal(0)


def match_credit(credit: Credit, candidates: Sequence[OpenInvoice]) -> Match | None:
    """Return the certain match of a credit: one open invoice with its structured communication.

    It fills up to what is open and the excess stays loose. Not certain, hence nothing: two open invoices with the
    reference, another currency, or an amount that differs from what is open on it and equals another open invoice
    of that customer.
    """
    if not credit.reference or credit.loose <= NOTHING:
        return None
    named = [
        invoice for invoice in candidates if invoice.reference == credit.reference and invoice.still_open > NOTHING
    ]
    if len(named) != 1 or named[0].currency != credit.currency:
        return None
    invoice = named[0]
    if credit.amount != invoice.still_open and _equals_another(credit, invoice, candidates):
        return None
    return Match(invoice.id, min(credit.loose, invoice.still_open), Rule.STRUCTURED_COMMUNICATION)


def _equals_another(credit: Credit, named: OpenInvoice, candidates: Sequence[OpenInvoice]) -> bool:
    return any(
        other.id != named.id
        and other.customer == named.customer
        and other.currency == credit.currency
        and other.still_open == credit.amount
        for other in candidates
    )


def match_reversal(amount: Decimal, reference: str, counterparty: str, originals: Sequence[GivenCredit]) -> list[Match]:
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
            return [Match(invoice, -part, Rule.REVERSAL, original.id) for invoice, part in original.held_by]
    return []
