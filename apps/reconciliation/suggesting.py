"""What the rules say of loose money when somebody asks: the reason that nothing was certain, and what it could pay.

Nothing of it is kept: it follows from what is loose and open at this moment.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from apps.invoices.models import Invoice
from apps.reconciliation.gathering import look_around, read_payments
from apps.reconciliation.matching import Decision, Payment, decide
from apps.statements.models import Movement


class LookedAt(NamedTuple):
    """A movement with what the rules saw and decided, and the invoices of its suggestions by id."""

    movement: Movement
    payment: Payment
    decision: Decision
    invoices: Mapping[int, Invoice]


def suggest_for(*, company_id: int, movements: Sequence[Movement]) -> list[LookedAt]:
    """Look at credits of one company, in their order, with a number of queries that does not grow with them.

    The caller has made sure that they are the company's.
    """
    if not movements:
        return []
    payments = read_payments(movements)
    around = look_around(company_id=company_id, payments=payments)
    decisions = [decide(payment, around.candidates_for(payment), around.memory) for payment in payments]
    shown = {pk for decision in decisions for suggestion in decision.suggestions for pk in suggestion.invoice_ids}
    invoices = Invoice.objects.in_bulk(shown)
    return [
        LookedAt(
            movement,
            payment,
            decision,
            {pk: invoices[pk] for suggestion in decision.suggestions for pk in suggestion.invoice_ids},
        )
        for movement, payment, decision in zip(movements, payments, decisions, strict=True)
    ]
