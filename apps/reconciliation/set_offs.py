"""What accepted credit notes take away of the invoices that they are about, by themselves.

It follows from what money leaves of the invoice and from the documents as they stand, never from what came first: so
money that comes later takes its place again, and a correction of either is followed. The two of which a person wrote
anything are left to people.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from apps.invoices.models import Invoice
from apps.invoices.rules import CLOSED_WITHOUT_MONEY, InvoiceState, PaymentState, buyer_of
from apps.reconciliation.models import SetOff, Settlement
from apps.reconciliation.rules import NOTHING, SYSTEM, NoteRest, set_off_in_order
from apps.reconciliation.selectors import Between, allocated_amounts, list_set_offs


class Booked(NamedTuple):
    """What is looked at of a document to tell its payment state."""

    pk: int
    uuid: UUID
    company_uuid: UUID
    document_type: str
    payment_state: str
    payable_amount: Decimal
    set_off_amount: Decimal


def notes_of(invoices: Iterable[Invoice | Booked]) -> list[Invoice]:
    """Return the credit notes that are about some invoices, or take something of them away."""
    rows = list(invoices)
    reduced = [invoice.pk for invoice in rows if invoice.set_off_amount]
    linked = Invoice.objects.filter(credits__any_of=[invoice.pk for invoice in rows])
    found = {note.pk: note for note in linked}
    if reduced:
        taking = Invoice.objects.filter(pk__in=SetOff.objects.filter(invoice__in=reduced).values("note"))
        found.update((note.pk, note) for note in taking)
    return list(found.values())


def invoices_of(note_ids: Iterable[int]) -> set[int]:
    """Return the ids of the invoices that some credit notes are about, or take something away of."""
    notes = list(Invoice.objects.filter(pk__in=list(note_ids)))
    giving = [note.pk for note in notes if note.set_off_amount]
    taken = SetOff.objects.filter(note__in=giving).values_list("invoice", flat=True) if giving else ()
    return {note.credits_id for note in notes if note.credits_id} | set(taken)


def is_about(note: Invoice, invoice: Invoice) -> bool:
    """Tell whether an accepted credit note names an accepted invoice of the same customer and currency."""
    are_accepted = note.state == invoice.state == InvoiceState.ACCEPTED
    is_named = note.credits_id == invoice.pk and note.currency == invoice.currency
    return are_accepted and is_named and buyer_of(note.facts).is_same(buyer_of(invoice.facts))


def closed_by_hand(documents: Iterable[Invoice | Booked]) -> set[int]:
    """Return the ids of the documents that a person settled, or that had nothing to pay: no rule opens them again."""
    closed = [row for row in documents if row.payment_state in CLOSED_WITHOUT_MONEY]
    unclear = [row.pk for row in closed if row.payment_state == PaymentState.CREDITED]
    said = Settlement.objects.filter(invoice__in=unclear, undone_at=None).values_list("invoice", flat=True)
    settled = {row.pk for row in closed if row.payment_state == PaymentState.SETTLED}
    return settled | (set(said) if unclear else set())


def find_set_offs(invoices: Sequence[Invoice], notes: Sequence[Invoice], *, now: datetime) -> list[SetOff]:
    """Return the rows, not yet written, that bring what is set off to where it should be; none when it is there.

    `notes` are all of `notes_of(invoices)`. The caller holds the locks of both before it writes.
    """
    if not notes:
        return []
    concerned = Q(invoice__in=invoices) | Q(note__in=notes)
    standing = {(row.note_id, row.invoice_id): row for row in list_set_offs(concerned=concerned)}
    closed = closed_by_hand([*invoices, *notes])
    money = allocated_amounts(invoice.pk for invoice in invoices)
    wanted = {pair: row.amount for pair, row in standing.items()}
    about = {invoice.pk: _free_notes(invoice, notes, standing) for invoice in invoices}
    for note_id, invoice_id in wanted:
        row = standing[note_id, invoice_id]
        if invoice_id in about and not row.is_in_hand:
            wanted[note_id, invoice_id] = NOTHING
    for invoice in invoices:
        taken_by_others = _taken(wanted, invoice_id=invoice.pk)
        room = invoice.payable_amount - money.get(invoice.pk, NOTHING) - taken_by_others
        rests = [_rest(note, invoice, standing, wanted, closed) for note in about[invoice.pk]]
        for note_id, amount in set_off_in_order(room, rests).items():
            wanted[note_id, invoice.pk] = amount
    return [
        SetOff(note_id=pair[0], invoice_id=pair[1], amount=amount - before, actor=SYSTEM, created_at=now)
        for pair, amount in sorted(wanted.items())
        if amount != (before := standing[pair].amount if pair in standing else NOTHING)
    ]


def _free_notes(invoice: Invoice, notes: Sequence[Invoice], standing: dict[tuple[int, int], Between]) -> list[Invoice]:
    """Return the credit notes about an invoice that no person decided about."""
    in_hand = {
        note_id for (note_id, invoice_id), row in standing.items() if row.is_in_hand and invoice_id == invoice.pk
    }
    return [note for note in notes if note.pk not in in_hand and is_about(note, invoice)]


def _rest(
    note: Invoice,
    invoice: Invoice,
    standing: dict[tuple[int, int], Between],
    wanted: dict[tuple[int, int], Decimal],
    closed: set[int],
) -> NoteRest:
    """Return what is left of a credit note for an invoice; what a person settled takes no more than it had."""
    rest = note.payable_amount - _taken(wanted, note_id=note.pk)
    if closed & {note.pk, invoice.pk}:
        before = standing.get((note.pk, invoice.pk))
        rest = min(rest, before.amount if before else NOTHING)
    return NoteRest(note.pk, note.issue_date, note.number, rest)


def _taken(wanted: dict[tuple[int, int], Decimal], *, note_id: int = 0, invoice_id: int = 0) -> Decimal:
    return sum((amount for pair, amount in wanted.items() if note_id == pair[0] or invoice_id == pair[1]), NOTHING)
