"""What the bank takes back: a debit that returns a credit, and with it what that gave."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, Sum

from apps.reconciliation.ledger import lock_movements, lock_with_notes, write_rows
from apps.reconciliation.models import Allocation, LooseMoney, Returned
from apps.reconciliation.rules import SYSTEM, GivenCredit, Held, Rule, find_original, held_back
from apps.statements.models import Movement


def could_be_returns(company_id: int, debits: Sequence[Movement]) -> set[int]:
    """Return the debits that have the reference of a credit of the company."""
    references = {movement.structured_communication for movement in debits} - {""}
    received = Movement.objects.filter(company_id=company_id, amount__gt=0, is_money=True)
    named = received.filter(structured_communication__in=references).values_list("structured_communication", flat=True)
    ours = set(named) if references else set()
    return {movement.pk for movement in debits if movement.structured_communication in ours}


@transaction.atomic
def take_back(movement: Movement, now: datetime) -> list[Allocation]:
    """Let a debit take back what the credit gave that it returns; nothing when it returns none, or was looked at."""
    received = _lock_credits(movement)
    (movement,) = lock_movements([movement.pk])
    if movement.company_id is None or Returned.objects.filter(movement=movement).exists():
        return []
    reference = movement.structured_communication
    original = find_original(movement.amount, reference, movement.counterparty_iban, received)
    if original is None or _is_in_hand(movement):
        return []
    Returned.objects.create(movement=movement, original_id=original.id, created_at=now)
    LooseMoney.objects.filter(movement=original.id).delete()
    rows = [
        Allocation(
            movement=movement,
            invoice_id=back.invoice_id,
            amount=back.amount,
            difference=back.difference,
            difference_kind=back.difference_kind,
            rule=Rule.REVERSAL,
            evidence=reference,
            reverses_id=back.reverses,
        )
        for back in held_back(original)
    ]
    return write_rows(rows, actor=SYSTEM, now=now)


def _is_in_hand(movement: Movement) -> bool:
    """Tell whether a person said that it returned nothing."""
    return movement.allocations.filter(rule=Rule.UNDONE).exists()


def _lock_credits(movement: Movement) -> list[GivenCredit]:
    """Lock the invoices, then the credits, that a debit may take back, and return the credits not returned before."""
    account = movement.statement.account
    if account is None or not movement.structured_communication:
        return []
    given = Movement.objects.filter(
        statement__account=account,
        structured_communication=movement.structured_communication,
        amount=-movement.amount,
        is_money=True,
    )
    lock_with_notes(Allocation.objects.filter(movement__in=given).values_list("invoice_id", flat=True))
    rows = lock_movements(given.values_list("pk", flat=True))
    gone = set(Returned.objects.filter(original__in=rows).values_list("original", flat=True))
    return [_given_credit(row) for row in rows if row.pk not in gone]


def _given_credit(row: Movement) -> GivenCredit:
    # A credit may have given to one invoice more than once: its excess, after a correction raised the invoice.
    moved = Allocation.objects.filter(Q(movement=row) | Q(reverses=row)).values_list("invoice_id")
    sums = moved.annotate(total=Sum("amount"), missing=Sum("difference"), kind=Max("difference_kind"))
    held_by = tuple(
        Held(invoice_id, total, missing, kind if missing else "")
        for invoice_id, total, missing, kind in sums.order_by("invoice_id")
        if total > 0
    )
    return GivenCredit(row.pk, row.structured_communication, row.counterparty_iban, row.amount, held_by)
