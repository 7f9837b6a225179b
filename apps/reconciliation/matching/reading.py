"""What a payment says about each invoice: read once for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from apps.reconciliation.matching.names import likeness
from apps.reconciliation.matching.values import Candidate, Difference, Memory, Payment
from apps.reconciliation.matching.writing import Writing, is_one_slip_away, names_in_full, read_writing
from apps.reconciliation.rules import DifferenceKind, is_end_to_end

# At most this much may be missing for no reason at all (product page).
ROUNDING: Final = Decimal("0.05")
# From here on two names are taken for one.
SAME_NAME: Final = 0.8


@dataclass(frozen=True, slots=True)
class Reading:
    """A payment with what it names, among the candidates it was read for."""

    payment: Payment
    writing: Writing
    references: tuple[str, ...]
    by_reference: dict[str, tuple[Candidate, ...]]
    by_end_to_end: tuple[Candidate, ...]
    by_number: tuple[Candidate, ...]
    by_slip: tuple[Candidate, ...]
    customers: frozenset[str]

    @property
    def named(self) -> tuple[Candidate, ...]:
        """Return every invoice that the payment names exactly, once each."""
        found = [*self.by_end_to_end, *self.by_number]
        for invoices in self.by_reference.values():
            found.extend(invoices)
        return tuple({invoice.id: invoice for invoice in found}.values())

    @property
    def unknown_references(self) -> tuple[str, ...]:
        """Return the references with right check digits that no candidate has."""
        return tuple(reference for reference in self.references if not self.by_reference[reference])


def references_of(payment: Payment) -> tuple[str, ...]:
    """Return the references with right check digits that a payment has, the bank's first, each once."""
    written = read_writing(payment.text).references
    return tuple(dict.fromkeys([payment.reference, *written] if payment.reference else written))


def read_payment(payment: Payment, candidates: Sequence[Candidate], memory: Memory) -> Reading:
    """Find what a payment names; invoices of customers that its account must never pay for are left out."""
    writing = read_writing(payment.text)
    allowed = [c for c in candidates if memory.allows(payment, c)]
    references = references_of(payment)
    end_to_end = payment.end_to_end.strip().upper()
    return Reading(
        payment=payment,
        writing=writing,
        references=references,
        by_reference={reference: tuple(c for c in allowed if c.reference == reference) for reference in references},
        by_end_to_end=()
        if not is_end_to_end(end_to_end)
        else tuple(c for c in allowed if end_to_end in {c.number.upper(), c.reference} - {""}),
        by_number=tuple(c for c in allowed if names_in_full(writing, c.number)),
        by_slip=tuple(
            c for c in allowed if c.reference and any(is_one_slip_away(slip, c.reference) for slip in writing.slips)
        ),
        customers=memory.customers(payment.payer_account),
    )


def is_name_of(payment: Payment, candidate: Candidate) -> bool:
    """Tell whether the payer has the customer's name."""
    return likeness(payment.payer_name, candidate.customer_name) >= SAME_NAME


def explain_difference(payment: Payment, candidate: Candidate, given: Decimal) -> Difference | None:
    """Return what is missing after an amount was given to an invoice, when that is explained; else none.

    Five cents are nobody's business; a cost that the bank shows, and the discount of the invoice's own terms while
    they run, are exact to the cent. More than what credit notes left is measured by what they took some of.
    """
    missing = (candidate.still_open if given <= candidate.still_open else candidate.before_notes) - given
    if missing <= 0:
        return None
    if missing <= ROUNDING:
        return Difference(missing, DifferenceKind.ROUNDING)
    if missing == payment.bank_cost:
        return Difference(missing, DifferenceKind.BANK_COST)
    if any(missing == each.amount and payment.entered_on <= each.until for each in candidate.discounts):
        return Difference(missing, DifferenceKind.DISCOUNT)
    return None
