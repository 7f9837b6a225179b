"""What there is to tell about credit notes on the page of an invoice, and about the invoices of a credit note."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import Q, QuerySet

from apps.invoices.models import STILL_TO_BE_PAID, Invoice
from apps.invoices.rules import DocumentType, InvoiceState, is_still_to_be_paid
from apps.reconciliation.matching.explaining import Fact, Noted
from apps.reconciliation.rules import NOTHING
from apps.reconciliation.selectors import Between, list_set_offs
from apps.reconciliation.set_offs import is_about, notes_of

# So many credit notes of the customer that name no invoice are offered.
OFFERED: Final = 10


@dataclass(frozen=True, slots=True)
class SetOffSeen:
    """The document at the other end, and what is set off; of a credit note that is offered, what would be.

    `by` and `at` say who wrote it last; empty while it is offered.
    """

    document: Invoice
    amount: Decimal
    by: str = ""
    at: datetime | None = None

    @property
    def number(self) -> str:
        """Return the number of the document at the other end."""
        return self.document.number


@dataclass(frozen=True, slots=True)
class NotesSeen:
    """What is said (`noted`), what is set off, and which credit notes could be."""

    noted: tuple[Noted, ...] = ()
    set_offs: tuple[SetOffSeen, ...] = ()
    unnamed: tuple[SetOffSeen, ...] = ()


def look_at_notes(invoice: Invoice, *, has_reader: bool) -> NotesSeen:
    """Look at the credit notes of an invoice, or at the invoices of a credit note.

    To a reader outside the company nothing is offered that only the company can set off.
    """
    if invoice.state != InvoiceState.ACCEPTED:
        return NotesSeen()
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        return _of_note(invoice)
    between = {row.note_id: row for row in list_set_offs(concerned=Q(invoice=invoice))}
    notes = {note.pk: note for note in sorted(notes_of([invoice]), key=lambda note: (note.issue_date, note.number))}
    offered = () if has_reader else tuple(_offered(invoice, notes))
    noted = [*_noted(invoice, notes, between), *(Noted(Fact.NOTE_UNNAMED, row.number, row.amount) for row in offered)]
    return NotesSeen(tuple(noted), tuple(_seen(notes, between.values(), "note_id")), offered)


def list_open_notes(invoice: Invoice) -> QuerySet[Invoice]:
    """Return the open credit notes of an invoice's customer, in its currency, oldest first."""
    notes = Invoice.objects.filter(
        STILL_TO_BE_PAID,
        company_id=invoice.company_id,
        document_type=DocumentType.CREDIT_NOTE,
        currency=invoice.currency,
        payable_amount__gt=0,
    )
    customer = Q(customer_number=invoice.customer_number) & ~Q(customer_number="")
    return notes.filter(customer | Q(customer_name=invoice.customer_name)).order_by("issue_date", "pk")


def _of_note(note: Invoice) -> NotesSeen:
    between = list_set_offs(concerned=Q(note=note))
    invoices = Invoice.objects.in_bulk({row.invoice_id for row in between})
    seen = tuple(_seen(invoices, between, "invoice_id"))
    return NotesSeen(tuple(Noted(Fact.NOTE_AGAINST, row.number, row.amount) for row in seen), seen)


def _seen(documents: Mapping[int, Invoice], between: Iterable[Between], end: str) -> Iterator[SetOffSeen]:
    for row in between:
        if row.amount > NOTHING:
            yield SetOffSeen(documents[getattr(row, end)], row.amount, row.last_actor, row.last_at)


def _noted(invoice: Invoice, notes: Mapping[int, Invoice], between: Mapping[int, Between]) -> Iterator[Noted]:
    for note in notes.values():
        row = between.get(note.pk)
        rest = note.owed_amount if is_still_to_be_paid(note.state, note.payment_state) else NOTHING
        if row and row.amount > NOTHING:
            yield Noted(Fact.NOTE_TOOK, note.number, row.amount)
        if rest > NOTHING and note.credits_id == invoice.pk:
            yield Noted(_why_left(note, invoice, row), note.number, rest)


def _why_left(note: Invoice, invoice: Invoice, row: Between | None) -> Fact:
    if row and row.is_in_hand:
        return Fact.NOTE_IN_HAND
    if is_about(note, invoice):
        return Fact.NOTE_LEFT
    return Fact.NOTE_OTHER_CURRENCY if note.currency != invoice.currency else Fact.NOTE_OF_ANOTHER


def _offered(invoice: Invoice, notes: Mapping[int, Invoice]) -> Iterator[SetOffSeen]:
    """Yield the open credit notes of the customer that name no invoice, while something of the invoice is open."""
    if not is_still_to_be_paid(invoice.state, invoice.payment_state):
        return
    unnamed = list_open_notes(invoice).filter(credits=None).exclude(pk__in=list(notes))
    for note in unnamed[:OFFERED]:
        yield SetOffSeen(note, note.owed_amount)
