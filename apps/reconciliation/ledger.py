"""The ledger of allocations: what is written, what follows for the invoice, and what stays loose of the money.

Locks are taken in one order: invoices and credit notes by id, then movements by id.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from django.db import connection, transaction

from apps.core.arrays import array_of
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, InvoiceState, PaymentState, payment_state
from apps.invoices.services.judgement import PaymentChange, set_payment_states
from apps.reconciliation.gathering import names_of, read_payments
from apps.reconciliation.matching import Assignment, Payment
from apps.reconciliation.models import Allocation, LooseMoney, SetOff
from apps.reconciliation.rules import NOTHING, SYSTEM, Rule
from apps.reconciliation.selectors import allocated_amounts
from apps.reconciliation.set_offs import Booked, closed_by_hand, find_set_offs, notes_of
from apps.statements.models import Movement

EVIDENCE_LENGTH: Final = 200
_WRITE: Final = """
INSERT INTO reconciliation_allocation
    (uuid, actor, created_at, movement_id, invoice_id, amount, rule, evidence, difference, difference_kind)
SELECT gen_random_uuid(), %s, %s, given.*
FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::text[], %s::text[], %s::numeric[], %s::text[]) AS given
RETURNING id
"""
_BOOKED: Final = (
    "pk",
    "uuid",
    "company__uuid",
    "document_type",
    "payment_state",
    "payable_amount",
    "set_off_amount",
)


def lock_invoices(invoice_ids: Iterable[int]) -> list[Invoice]:
    """Lock invoices in the order of their ids; movements are locked after them, never before."""
    invoices = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").order_by("pk")
    return list(invoices.filter(pk__any_of=set(invoice_ids)))


def lock_with_notes(invoice_ids: Iterable[int]) -> list[Invoice]:
    """Lock invoices and the credit notes about them, by id: taking money off may let these take more away."""
    found = Invoice.objects.filter(pk__in=set(invoice_ids))
    locked = lock_invoices({row.pk for row in [*found, *notes_of(found)]})
    return [row for row in locked if row.document_type == DocumentType.INVOICE]


def lock_movements(movement_ids: Iterable[int]) -> list[Movement]:
    """Lock movements in the order of their ids."""
    movements = Movement.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(movements.filter(pk__any_of=set(movement_ids)))


def lock_companies(movement_ids: Collection[int]) -> list[tuple[int, int | None]]:
    """Lock movements in the order of their ids; returns each one's id and company's."""
    rows = Movement.objects.filter(pk__any_of=movement_ids).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.values_list("pk", "company_id"))


def loose_of(movement: Movement) -> Decimal:
    """Return what no invoice holds of a movement: nothing of one that was returned, as that money has left again."""
    return read_payments([movement])[0].loose


class Given(NamedTuple):
    """What a movement gives to an invoice by a rule, with what is missing beside it and explained; not yet written."""

    movement_id: int
    invoice_id: int
    amount: Decimal
    rule: str
    evidence: str
    difference: Decimal = NOTHING
    difference_kind: str = ""


def give(movement_id: int, assignment: Assignment, evidence: str) -> Given:
    """Return what a movement gives by an assignment."""
    missing = assignment.difference
    return Given(
        movement_id=movement_id,
        invoice_id=assignment.invoice_id,
        amount=assignment.amount,
        rule=assignment.rule.value,
        evidence=evidence[:EVIDENCE_LENGTH],
        difference=missing.amount if missing else NOTHING,
        difference_kind=missing.kind.value if missing else "",
    )


def write_given(rows: Sequence[Given], *, now: datetime) -> list[int]:
    """Write what movements give to invoices in one statement; returns the ids. What follows is the caller's to write.

    The caller holds the locks of both, and has looked that there is room.
    """
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [SYSTEM, now, *map(array_of, zip(*rows, strict=True))])
        return [pk for (pk,) in cursor.fetchall()]


def write_matched(rows: Sequence[Given], payments: Iterable[tuple[int | None, Payment]], *, now: datetime) -> list[int]:
    """Write what payments give, what is loose after it and the payment states that follow, in a fixed number of
    statements; returns the ids of the allocations.

    The payments were read under their locks, and come as the rows leave them, each with its company's id.
    """
    written = write_given(rows, now=now)
    keep_loose(payments)
    if rows:
        settle_states({row.invoice_id for row in rows}, now=now, has_moved=True)
    return written


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
    companies = {movement.pk: movement.company_id for movement in movements}
    keep_loose([(companies[payment.id], payment) for payment in read_payments(movements)])


def keep_loose(payments: Iterable[tuple[int | None, Payment]]) -> None:
    """Write what is loose of payments, each with its company's id; the caller holds their locks, and read them then."""
    loose, held = [], []
    for company_id, payment in payments:
        if company_id and payment.is_a_customers and payment.loose > NOTHING:
            loose.append(
                LooseMoney(
                    movement_id=payment.id,
                    company_id=company_id,
                    amount=payment.loose,
                    entry_on=payment.entered_on,
                    names=names_of(payment),
                )
            )
        else:
            held.append(payment.id)
    if held:
        LooseMoney.objects.filter(movement__any_of=held).delete()
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
    ids = {*invoice_ids, *note_ids}
    with transaction.atomic():
        documents = _lock_booked(ids)
        moved = set(ids) if has_moved else set()
        if about := notes_of(row for row in documents if row.document_type == DocumentType.INVOICE):
            moved |= _set_off(ids, about, now)
            documents = _lock_booked(ids | moved)
        states, closed = states_of_money(documents), closed_by_hand(documents)
        changes = [
            PaymentChange(
                row.pk,
                row.uuid,
                row.company_uuid,
                row.payment_state,
                PaymentState(row.payment_state) if row.pk in closed else states[row.pk],
            )
            for row in documents
        ]
        set_payment_states(changes=changes, actor=actor, now=now, moved=moved)


def _lock_booked(ids: Collection[int]) -> list[Booked]:
    accepted = Invoice.objects.filter(pk__any_of=ids, state=InvoiceState.ACCEPTED).order_by("pk")
    locked = accepted.select_for_update(of=("self",), no_key=True)
    return [Booked(*row) for row in locked.values_list(*_BOOKED)]


def _set_off(ids: Collection[int], about: Sequence[Invoice], now: datetime) -> set[int]:
    """Set off what money leaves of locked documents, with the credit notes about them, which are locked where something
    changes.

    Returns the ids of the documents concerned.
    """
    locked = {row.pk: row for row in lock_invoices(ids) if row.state == InvoiceState.ACCEPTED}
    invoices = [row for row in locked.values() if row.document_type == DocumentType.INVOICE]
    rows = find_set_offs(invoices, [locked.get(note.pk, note) for note in about], now=now)
    if missing := {row.note_id for row in rows} - set(locked):
        # Who expected a change has locked them with the invoices; here only what came about in between is.
        locked.update((note.pk, note) for note in lock_invoices(missing))
        rows = find_set_offs(invoices, [locked.get(note.pk, note) for note in about], now=now)
    SetOff.objects.bulk_create(rows)
    return {pk for row in rows for pk in (row.invoice_id, row.note_id)}


def states_of_money(invoices: Sequence[Invoice | Booked]) -> dict[int, PaymentState]:
    """Return the payment states that follow from invoices' allocations alone; the caller holds their locks."""
    ids = [invoice.pk for invoice in invoices]
    covered, beyond = allocated_amounts(ids), _paid_beyond(ids)
    return {
        invoice.pk: payment_state(
            invoice.payable_amount,
            covered.get(invoice.pk, NOTHING),
            beyond.get(invoice.pk, NOTHING),
            invoice.set_off_amount,
        )
        for invoice in invoices
    }


def _paid_beyond(invoice_ids: Collection[int]) -> dict[int, Decimal]:
    """Return what is loose of the movements that named each of some invoices: it was paid beyond it."""
    naming = Allocation.objects.filter(
        invoice__any_of=invoice_ids,
        rule=Rule.STRUCTURED_COMMUNICATION,
        undone_by__isnull=True,
        movement__loose__isnull=False,
    )
    beyond: dict[int, Decimal] = {}
    rows = naming.values_list("invoice", "movement", "movement__loose__amount").distinct()
    for invoice_id, _movement_id, amount in rows:
        beyond[invoice_id] = beyond.get(invoice_id, NOTHING) + amount
    return beyond
