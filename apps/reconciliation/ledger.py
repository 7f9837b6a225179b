"""The ledger of allocations: what is written, what follows for the invoice, and what stays loose of the money.

Locks are taken in one order: invoices and credit notes by id, then movements by id.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, InvoiceState, PaymentState, payment_state
from apps.invoices.services.judgement import set_payment_states
from apps.reconciliation.gathering import names_of, read_payments
from apps.reconciliation.matching import Assignment
from apps.reconciliation.models import Allocation, LooseMoney, SetOff
from apps.reconciliation.rules import NOTHING, SYSTEM, Rule
from apps.reconciliation.set_offs import closed_by_hand, find_set_offs, notes_of
from apps.statements.models import Movement

EVIDENCE_LENGTH: Final = 200


def lock_invoices(invoice_ids: Iterable[int]) -> list[Invoice]:
    """Lock invoices in the order of their ids; movements are locked after them, never before."""
    invoices = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").order_by("pk")
    return list(invoices.filter(pk__in=set(invoice_ids)))


def lock_with_notes(invoice_ids: Iterable[int]) -> list[Invoice]:
    """Lock invoices and the credit notes about them, by id: taking money off may let these take more away."""
    found = Invoice.objects.filter(pk__in=set(invoice_ids))
    locked = lock_invoices({row.pk for row in [*found, *notes_of(found)]})
    return [row for row in locked if row.document_type == DocumentType.INVOICE]


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


def settle_states(
    invoice_ids: Iterable[int],
    *,
    now: datetime,
    actor: str = SYSTEM,
    has_moved: bool = False,
    note_ids: Collection[int] = (),
) -> None:
    """Set credit notes off, write the payment states that follow from that and the allocations, and that money
    `has_moved` for them.

    `note_ids` are credit notes whose own state is looked at too. What a person settled stays settled.
    """
    ids = set(invoice_ids)
    with transaction.atomic():
        locked = {row.pk: row for row in lock_invoices({*ids, *note_ids}) if row.state == InvoiceState.ACCEPTED}
        moved = _set_off(locked, now) | ({*ids, *note_ids} if has_moved else set())
        documents = list(locked.values())
        states, closed = states_of_money(documents), closed_by_hand(documents)
        changes = [(row, PaymentState(row.payment_state) if row.pk in closed else states[row.pk]) for row in documents]
        set_payment_states(changes=changes, actor=actor, now=now, moved=moved)


def _set_off(locked: dict[int, Invoice], now: datetime) -> set[int]:
    """Set off what money leaves of locked invoices, with their credit notes, which are locked where something changes.

    Returns the ids of the documents concerned.
    """
    invoices = [row for row in locked.values() if row.document_type == DocumentType.INVOICE]
    notes = [locked.get(note.pk, note) for note in notes_of(invoices)]
    rows = find_set_offs(invoices, notes, now=now)
    if missing := {row.note_id for row in rows} - set(locked):
        # Who expected a change has locked them with the invoices; here only what came about in between is.
        locked.update((note.pk, note) for note in lock_invoices(missing))
        rows = find_set_offs(invoices, [locked.get(note.pk, note) for note in notes], now=now)
    SetOff.objects.bulk_create(rows)
    for row in rows:
        for pk in (row.invoice_id, row.note_id):
            locked[pk].set_off_amount += row.amount
    return {pk for row in rows for pk in (row.invoice_id, row.note_id)}


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
            invoice.set_off_amount,
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
