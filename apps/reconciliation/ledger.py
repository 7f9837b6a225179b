"""The ledger of allocations: what is written, what follows for the invoice, and what stays loose of the money.

Locks are taken in one order: invoices by id, then movements by id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.invoices.models import Invoice
from apps.invoices.rules import InvoiceState, PaymentState, payment_state
from apps.invoices.services.judgement import set_payment_state
from apps.reconciliation.gathering import SYSTEM, names_of, read_payments
from apps.reconciliation.matching import Assignment
from apps.reconciliation.models import Allocation, LooseMoney
from apps.reconciliation.rules import Rule
from apps.reconciliation.selectors import allocated_amounts
from apps.statements.models import Movement

EVIDENCE_LENGTH: Final = 200
NOTHING: Final = Decimal(0)


class AllocationExceedsOpenAmount(DomainError):
    """More was to be allocated than is open on the invoice or loose on the movement."""

    code = "allocation_exceeds_open_amount"
    sentence = _("That is more than is still open.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to write: an amount with its difference, of one sign, for an invoice."""

    invoice_id: int
    amount: Decimal
    rule: Rule
    evidence: str
    difference: Decimal = NOTHING
    difference_kind: str = ""
    reverses_id: int | None = None
    undoes_id: int | None = None


def lock_invoice(invoice_id: int) -> Invoice:
    """Lock an invoice; a movement is locked after it, never before."""
    return Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=invoice_id)


def lock_movements(movement_ids: Iterable[int]) -> list[Movement]:
    """Lock movements in the order of their ids."""
    movements = Movement.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(movements.filter(pk__in=set(movement_ids)))


def loose_of(movement: Movement) -> Decimal:
    """Return what no invoice holds of a movement: nothing of one that was returned, as that money has left again."""
    return read_payments([movement])[0].loose


def allocate(*, movement: Movement, assignment: Assignment, evidence: str, actor: str, now: datetime) -> Allocation:
    """Write one positive allocation and what follows for invoice and money, in the caller's transaction.

    The caller holds the locks of the invoice and the movement, in that order.

    :raises AllocationExceedsOpenAmount: when it exceeds what is open on the invoice or loose on the movement.
    """
    invoice = lock_invoice(assignment.invoice_id)
    still_open = invoice.payable_amount - allocated_amounts([invoice.pk]).get(invoice.pk, NOTHING)
    missing = assignment.difference
    covered = assignment.amount + (missing.amount if missing else NOTHING)
    if covered > still_open or assignment.amount > loose_of(movement):
        raise AllocationExceedsOpenAmount
    entry = Entry(
        invoice_id=invoice.pk,
        amount=assignment.amount,
        rule=assignment.rule,
        evidence=evidence[:EVIDENCE_LENGTH],
        difference=missing.amount if missing else NOTHING,
        difference_kind=missing.kind.value if missing else "",
    )
    allocation = write_entry(movement, entry, actor=actor, now=now)
    settle_state(invoice.pk, actor=actor, now=now, has_moved=True)
    return allocation


def write_entry(movement: Movement, entry: Entry, *, actor: str, now: datetime) -> Allocation:
    """Write a row, and what is loose after it; the caller holds both locks, and settles the invoice after it."""
    allocation = Allocation.objects.create(
        movement=movement,
        invoice_id=entry.invoice_id,
        amount=entry.amount,
        difference=entry.difference,
        difference_kind=entry.difference_kind,
        rule=entry.rule,
        evidence=entry.evidence,
        reverses_id=entry.reverses_id,
        undoes_id=entry.undoes_id,
        actor=actor,
        created_at=now,
    )
    if movement.amount > 0:
        write_loose([movement])
    return allocation


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


def settle_state(invoice_id: int, *, now: datetime, actor: str = SYSTEM, has_moved: bool = False) -> None:
    """Write the payment state that follows from the allocations, and that money `has_moved`.

    What a person settled stays settled.
    """
    with transaction.atomic():
        invoice = lock_invoice(invoice_id)
        if invoice.state != InvoiceState.ACCEPTED:
            return
        is_settled = invoice.payment_state in {PaymentState.SETTLED, PaymentState.CREDITED}
        state = PaymentState(invoice.payment_state) if is_settled else state_of_money(invoice)
        set_payment_state(invoice=invoice, state=state, actor=actor, now=now, has_moved=has_moved)


def state_of_money(invoice: Invoice) -> PaymentState:
    """Return the payment state that follows from an invoice's allocations alone; the caller holds its lock."""
    allocations = list(invoice.allocations.select_related("movement"))
    covered = sum((a.amount + a.difference for a in allocations), NOTHING)
    return payment_state(invoice.payable_amount, covered, _excess(allocations))


def _excess(allocations: Sequence[Allocation]) -> Decimal:
    """Return what was paid beyond the invoice by movements that named it and no other invoice took."""
    undone = {a.undoes_id for a in allocations}
    naming = {
        a.movement_id: a.movement for a in allocations if a.rule == Rule.STRUCTURED_COMMUNICATION and a.pk not in undone
    }
    return sum((payment.loose for payment in read_payments(list(naming.values()))), NOTHING)
