"""Which invoice a credit note is about, whichever of the two came first."""

from datetime import datetime

from django.db import transaction

from apps.events import services as events
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, InvoiceState


def link_credit_notes(*, invoice: Invoice, now: datetime) -> int:
    """Link an accepted credit note to its invoice, or an accepted invoice to the credit notes that name it.

    A credit note names a number, not a year: two invoices with that number leave it unlinked. Running it again, as
    after a correction of either, makes the link anew. Call it once the acceptance is committed: of two that come at
    the same time, the later call sees both. Returns the links changed.
    """
    return sum(_link(note_id, now) for note_id in notes_about(invoice))


def notes_about(invoice: Invoice) -> list[int]:
    """Return the ids of the credit notes whose link may change with an invoice; of a credit note, its own."""
    if invoice.document_type == DocumentType.CREDIT_NOTE:
        return [invoice.pk]
    naming = Invoice.objects.filter(
        company_id=invoice.company_id, document_type=DocumentType.CREDIT_NOTE, preceding_number=invoice.number
    )
    # And those that named it before one of the two was corrected.
    return sorted({*naming.values_list("pk", flat=True), *invoice.credit_notes.values_list("pk", flat=True)})


@transaction.atomic
def _link(note_id: int, now: datetime) -> bool:
    note = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=note_id)
    if note.state != InvoiceState.ACCEPTED:
        return False
    credited = _credited_by(note)
    if note.credits_id == (credited.pk if credited else None):
        return False
    note.credits = credited
    note.save(update_fields=["credits"])
    events.record(
        "credit_note.linked" if credited else "credit_note.unlinked",
        subject_uuid=note.uuid,
        company_uuid=note.company.uuid,
        actor="system",
        now=now,
        payload={"invoice": str(credited.uuid)} if credited else {},
    )
    return True


def _credited_by(note: Invoice) -> Invoice | None:
    """Return the one accepted invoice of the company with the number that a credit note names."""
    if not note.preceding_number:
        return None
    named = Invoice.objects.filter(
        company_id=note.company_id,
        document_type=DocumentType.INVOICE,
        state=InvoiceState.ACCEPTED,
        number=note.preceding_number,
    )
    found = list(named[:2])
    return found[0] if len(found) == 1 else None
