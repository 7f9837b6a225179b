"""Money that the bank changed into another currency, looked at as the payer sent it.

An invoice in that currency is compared with what was sent. What is booked is what the bank credited, and beside it the
difference that makes what was sent of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from apps.reconciliation.matching.values import Assignment, Difference, Payment
from apps.reconciliation.rules import NOTHING, DifferenceKind


def as_sent(payment: Payment) -> Payment | None:
    """Return a payment in the currency in which it was sent, where the bank tells it and none of it is given yet.

    Of a part nobody can say what was sent for it.
    """
    sent = payment.original_amount
    if sent is None or sent <= NOTHING or payment.loose != payment.amount:
        return None
    return replace(
        payment,
        amount=sent,
        loose=sent,
        currency=payment.original_currency,
        bank_cost=NOTHING,
        original_amount=None,
        original_currency="",
    )


def as_credited(payment: Payment, assignments: Sequence[Assignment]) -> tuple[Assignment, ...]:
    """Return what the bank credited for one invoice that takes all that was sent; nothing when none does."""
    if len(assignments) != 1:
        return ()
    (given,) = assignments
    if given.difference or given.amount != payment.original_amount:
        return ()
    return (replace(given, amount=payment.loose, difference=exchange(payment.loose, given.amount)),)


def exchange(credited: Decimal, sent: Decimal) -> Difference | None:
    """Return what stands beside credited money so that both together are what was sent; it may be below zero."""
    return Difference(sent - credited, DifferenceKind.EXCHANGE) if sent != credited else None
