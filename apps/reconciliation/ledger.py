"""The ledger of allocations: what is written, what follows for the invoice, and what stays loose of the money.

Locks are taken in one order: invoices by id, then movements by id.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.invoices.models import Invoice
from apps.invoices.rules import SETTLED_BY_HAND, InvoiceState, PaymentState, payment_state
from apps.invoices.services.judgement import set_payment_states
from apps.reconciliation.gathering import SYSTEM, names_of, read_payments
from apps.reconciliation.matching import Assignment
from apps.reconciliation.models import Allocation, LooseMoney
from apps.reconciliation.rules import NOTHING, Rule
from apps.statements.models import Movement

EVIDENCE_LENGTH: Final = 200


def lock_invoices(invoice_ids: Iterable[int]) -> list[Invoice]:
    """Lock invoices in the order of their ids; movements are locked after them, never before."""
    invoices = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").order_by("pk")
    return list(invoices.filter(pk__in=set(invoice_ids)))


def lock_movements(movement_ids: Iterable[int]) -> list[Movement]:
    """Lock movements in the order of their ids."""
    movements = Movement.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(movements.filter(pk__in=set(movement_ids)))


def loose_of(movement: Movement) -> Decimal:
    """Return what no invoice holds of a movement: nothing of one that was returned, as that money has left again."""
    return read_payments([movement])[0].loose


def give(movement: Movement, assignment: Assignment, evidence: str) -> Allocation:
    """Return the row, not yet written, by which a movement gives what was assigned."""
    missing = assignment.difference
    return Allocation(
        movement=movement,
        invoice_id=assignment.invoice_id,
        amount=assignment.amount,
        rule=assignment.rule,
        evidence=evidence[:EVIDENCE_LENGTH],
        difference=missing.amount if missing else NOTHING,
        difference_kind=missing.kind.value if missing else "",
    )


def write_rows(rows: Sequence[Allocation], *, actor: str, now: datetime) -> list[Allocation]:
    """Write rows, what is loose after them and the payment states that follow, in a fixed number of statements.

    The caller holds the locks of the invoices and of the movements, and has looked that there is room.
    """
    for row in rows:
        row.actor, row.created_at = actor, now
    written = Allocation.objects.bulk_create(rows)
    moved = {row.movement_id: row.movement for row in rows if row.movement.amount > NOTHING}
    write_loose(list(moved.values()))
    settle_states({row.invoice_id for row in rows}, actor=actor, now=now, has_moved=True)
    return written


def write_loose(movements: Sequence[Movement]) -> None:
    """Write what is loose of credits, whose locks the caller holds: a row where something is, and none elsewhere."""
    payments = {payment.id: payment for payment in read_payments(movements)}
    loose = [
        LooseMoney(
            movement=movement,
            company_id=movement.company_id,
            amount=payments[movement.pk].loose,
            entry_on=movement.entry_on,
            names=names_of(payments[movement.pk]),
        )
        for movement in movements
        if movement.company_id and payments[movement.pk].is_a_customers and payments[movement.pk].loose > NOTHING
    ]
    held = {movement.pk for movement in movements} - {row.movement_id for row in loose}
    if held:
        LooseMoney.objects.filter(movement__in=held).delete()
    LooseMoney.objects.bulk_create(
        loose, update_conflicts=True, unique_fields=["movement"], update_fields=["amount", "company"]
    )


def settle_states(invoice_ids: Iterable[int], *, now: datetime, actor: str = SYSTEM, has_moved: bool = False) -> None:
    """Write the payment states that follow from the allocations, and that money `has_moved`.

    What a person settled stays settled.
    """
    with transaction.atomic():
        invoices = [invoice for invoice in lock_invoices(invoice_ids) if invoice.state == InvoiceState.ACCEPTED]
        states = states_of_money(invoices)
        by_hand = {
            each.pk: PaymentState(each.payment_state) for each in invoices if each.payment_state in SETTLED_BY_HAND
        }
        changes = [(invoice, by_hand.get(invoice.pk, states[invoice.pk])) for invoice in invoices]
        set_payment_states(changes=changes, actor=actor, now=now, has_moved=has_moved)


def states_of_money(invoices: Sequence[Invoice]) -> dict[int, PaymentState]:
    """Return the payment states that follow from invoices' allocations alone; the caller holds their locks."""
    rows = Allocation.objects.filter(invoice__in=invoices).select_related("movement").order_by("pk")
    by_invoice: dict[int, list[Allocation]] = {invoice.pk: [] for invoice in invoices}
    for row in rows:
        by_invoice[row.invoice_id].append(row)
    naming = {pk: _naming(rows) for pk, rows in by_invoice.items()}
    movements = {movement.pk: movement for found in naming.values() for movement in found}
    loose = {payment.id: payment.loose for payment in read_payments(list(movements.values()))}
    return {
        invoice.pk: payment_state(
            invoice.payable_amount,
            sum((row.amount + row.difference for row in by_invoice[invoice.pk]), NOTHING),
            sum((loose[movement.pk] for movement in naming[invoice.pk]), NOTHING),
        )
        for invoice in invoices
    }


def _naming(allocations: Sequence[Allocation]) -> list[Movement]:
    """Return the movements that named an invoice: what is loose of them was paid beyond it."""
    undone = {row.undoes_id for row in allocations}
    return list(
        {
            row.movement_id: row.movement
            for row in allocations
            if row.rule == Rule.STRUCTURED_COMMUNICATION and row.pk not in undone
        }.values()
    )
