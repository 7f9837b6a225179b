"""What people decide about a credit note and an invoice: set it off there, or take it off. No rule overrules it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.companies.models import Company
from apps.events import services as events
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, is_still_to_be_paid
from apps.reconciliation.decisions import NothingToUndo, NotToBePaid, OtherCurrency
from apps.reconciliation.ledger import lock_invoices, settle_states
from apps.reconciliation.models import SetOff
from apps.reconciliation.rules import NOTHING
from apps.reconciliation.selectors import list_open_amounts, list_set_offs


@transaction.atomic
def set_off_note(*, company: Company, note_uuid: UUID, invoice_uuid: UUID, actor: str, now: datetime) -> SetOff:
    """Set a credit note off against an invoice, as a person says: as much as is open of both.

    The two are left to people from then on.

    :raises NotToBePaid: when one of them is not the company's, or nothing of it is open.
    :raises OtherCurrency: when they are in different currencies.
    """
    note, invoice = _lock_two(company, note_uuid, invoice_uuid)
    for document in (note, invoice):
        if not is_still_to_be_paid(document.state, document.payment_state):
            raise NotToBePaid(number=document.number)
    if note.currency != invoice.currency:
        raise OtherCurrency(number=note.number, currency=note.currency)
    amount = min(list_open_amounts([note, invoice]).values())
    if amount <= NOTHING:
        raise NotToBePaid(number=note.number)
    return _write(SetOff(note=note, invoice=invoice, amount=amount, actor=actor, created_at=now))


@transaction.atomic
def undo_set_off(*, company: Company, note_uuid: UUID, invoice_uuid: UUID, actor: str, now: datetime) -> SetOff:
    """Give back to an invoice what a credit note took away of it, whoever set it off; the two are left to people.

    :raises NotToBePaid: when one of them is not the company's.
    :raises NothingToUndo: when nothing is set off between them.
    """
    note, invoice = _lock_two(company, note_uuid, invoice_uuid)
    standing = sum((row.amount for row in list_set_offs(concerned=Q(note=note, invoice=invoice))), NOTHING)
    if standing <= NOTHING:
        raise NothingToUndo
    written = _write(SetOff(note=note, invoice=invoice, amount=-standing, actor=actor, created_at=now))
    events.record("invoice.set_off_undone", subject_uuid=invoice.uuid, company_uuid=company.uuid, actor=actor, now=now)
    return written


def _lock_two(company: Company, note_uuid: UUID, invoice_uuid: UUID) -> tuple[Invoice, Invoice]:
    """Lock a credit note and an invoice by their ids.

    :raises NotToBePaid: when one of them is not the company's, or not what it should be.
    """
    wanted = {note_uuid: DocumentType.CREDIT_NOTE, invoice_uuid: DocumentType.INVOICE}
    own = Invoice.objects.filter(company=company, uuid__in=wanted).values_list("pk", flat=True)
    found = {row.uuid: row for row in lock_invoices(own) if wanted[row.uuid] == row.document_type}
    if missing := [uuid for uuid in wanted if uuid not in found]:
        raise NotToBePaid(number=missing[0])
    return found[note_uuid], found[invoice_uuid]


def _write(row: SetOff) -> SetOff:
    """Write a person's row and what follows for both documents, whose locks the caller holds."""
    row.save(force_insert=True)
    settle_states([row.invoice_id], note_ids=[row.note_id], actor=row.actor, now=row.created_at, has_moved=True)
    return row
