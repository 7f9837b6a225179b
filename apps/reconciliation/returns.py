"""What the bank takes back: a debit that returns a credit, and with it what that gave."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum

from apps.reconciliation.ledger import lock_movements, lock_with_notes, write_rows
from apps.reconciliation.models import Allocation, LooseMoney, Returned
from apps.reconciliation.rules import (
    SYSTEM,
    Debit,
    GivenCredit,
    Held,
    Rule,
    find_original,
    held_back,
    is_end_to_end,
)
from apps.statements.models import HAS_END_TO_END, Movement

# Unpaid collections and refunds out (annex II): returns, also where the bank gives no type of R-transaction.
_RETURNS: Final = re.compile(r".05(?:03|05)")
# A debtor may have a collection refunded for thirteen months when there was no mandate, and the bank takes its days.
LONGEST_RETURN: Final = timedelta(days=430)


def is_marked_return(movement: Movement) -> bool:
    """Tell whether the bank itself says that a debit returns something."""
    return bool(movement.return_type.strip("0")) or bool(_RETURNS.match(movement.transaction_code))


def could_be_returns(company_id: int, debits: Sequence[Movement]) -> set[int]:
    """Return the debits that have a reference or an end-to-end id of a credit of the company, or are called returns."""
    received = Movement.objects.filter(company_id=company_id, amount__gt=0, is_money=True)
    references = {movement.structured_communication for movement in debits} - {""}
    ids = {movement.customer_reference for movement in debits if is_end_to_end(movement.customer_reference)}
    named: set[str] = set()
    if references:
        found = received.filter(structured_communication__in=references)
        named.update(found.values_list("structured_communication", flat=True))
    if ids:
        found = received.filter(HAS_END_TO_END, customer_reference__in=ids)
        named.update(found.values_list("customer_reference", flat=True))
    return {
        movement.pk
        for movement in debits
        if is_marked_return(movement) or {movement.structured_communication, movement.customer_reference} & named
    }


@transaction.atomic
def take_back(movement: Movement, now: datetime) -> list[Allocation]:
    """Let a debit take back what the credit gave that it returns; nothing when it returns none, or was looked at."""
    received = _lock_credits(movement)
    (movement,) = lock_movements([movement.pk])
    if movement.company_id is None or Returned.objects.filter(movement=movement).exists():
        return []
    original = find_original(_debit(movement), received)
    if original is None or _is_in_hand(movement):
        return []
    return write_return(movement, *original, actor=SYSTEM, now=now)


def write_return(
    movement: Movement, original: GivenCredit, evidence: str, *, actor: str, now: datetime
) -> list[Allocation]:
    """Write that a debit returned a credit; the caller holds the locks of both and of the invoices concerned."""
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
            evidence=evidence,
            reverses_id=back.reverses,
        )
        for back in held_back(original)
    ]
    return write_rows(rows, actor=actor, now=now)


def _debit(movement: Movement) -> Debit:
    return Debit(
        amount=movement.amount,
        reference=movement.structured_communication,
        counterparty=movement.counterparty_iban,
        end_to_end=movement.customer_reference,
        bank_reference=movement.bank_reference,
        is_return=is_marked_return(movement),
    )


def _is_in_hand(movement: Movement) -> bool:
    """Tell whether a person said that it returned nothing."""
    return movement.allocations.filter(rule=Rule.UNDONE).exists()


def _lock_credits(movement: Movement) -> list[GivenCredit]:
    """Lock the invoices, then the credits, that a debit may take back, and return the credits not returned before."""
    given = _find_credits(movement)
    lock_with_notes(Allocation.objects.filter(movement__in=given).values_list("invoice_id", flat=True))
    rows = lock_movements(given)
    gone = set(Returned.objects.filter(original__in=rows).values_list("original", flat=True))
    return [given_credit(row) for row in rows if row.pk not in gone]


def _find_credits(movement: Movement) -> set[int]:
    """Return the credits of a debit's amount and account that it may return, each way by its own index."""
    account = movement.statement.account
    if account is None:
        return set()
    credits_in = Movement.objects.filter(
        company_id=account.company_id, statement__account=account, amount=-movement.amount, is_money=True
    )
    ways: list[QuerySet[Movement]] = []
    if movement.structured_communication:
        ways.append(credits_in.filter(structured_communication=movement.structured_communication))
    if is_end_to_end(movement.customer_reference):
        ways.append(credits_in.filter(HAS_END_TO_END, customer_reference=movement.customer_reference))
    if is_marked_return(movement):
        since = credits_in.filter(entry_on__range=(movement.entry_on - LONGEST_RETURN, movement.entry_on))
        if movement.counterparty_iban:
            ways.append(since.filter(counterparty_iban=movement.counterparty_iban))
        if movement.bank_reference:
            ways.append(since.filter(bank_reference=movement.bank_reference))
    return {pk for way in ways for pk in way.values_list("pk", flat=True)}


def given_credit(row: Movement) -> GivenCredit:
    """Return a credit, which the caller has locked, with what invoices hold of it."""
    # A credit may have given to one invoice more than once: its excess, after a correction raised the invoice.
    moved = Allocation.objects.filter(Q(movement=row) | Q(reverses=row)).values_list("invoice_id")
    sums = moved.annotate(total=Sum("amount"), missing=Sum("difference"), kind=Max("difference_kind"))
    held_by = tuple(
        Held(invoice_id, total, missing, kind if missing else "")
        for invoice_id, total, missing, kind in sums.order_by("invoice_id")
        if total > 0
    )
    return GivenCredit(
        id=row.pk,
        reference=row.structured_communication,
        counterparty=row.counterparty_iban,
        amount=row.amount,
        held_by=held_by,
        end_to_end=row.customer_reference,
        bank_reference=row.bank_reference,
    )
