"""Legal holds of one invoice: staff keep its papers beyond their time, as for a dispute, until they lift it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.companies.holds import HoldReasonMissing
from apps.core.errors import DomainError, NotFound
from apps.events import services as events
from apps.invoices.models import Invoice, InvoiceHold


class InvoiceNotHeld(DomainError):
    """There is no hold to lift."""

    code = "no_legal_hold"
    sentence = _("This invoice is under no legal hold of its own.")


@transaction.atomic
def hold_invoice(*, invoice_uuid: UUID, reason: str, actor: str, now: datetime) -> InvoiceHold:
    """Hold the papers of an invoice; one that is held already gets no second hold, and keeps its reason.

    :raises NotFound: when there is no such invoice.
    :raises HoldReasonMissing: without a reason.
    """
    invoice = _lock(invoice_uuid)
    if not (reason := reason.strip()[:300]):
        raise HoldReasonMissing
    standing = InvoiceHold.objects.filter(invoice=invoice, lifted_at=None).first()
    if standing:
        return standing
    hold = InvoiceHold.objects.create(invoice=invoice, reason=reason, placed_at=now, placed_by=actor)
    _record("invoice.hold_placed", invoice, actor, now)
    return hold


@transaction.atomic
def lift_invoice_hold(*, invoice_uuid: UUID, actor: str, now: datetime) -> InvoiceHold:
    """End the hold of an invoice; a hold of its company stands.

    :raises NotFound: when there is no such invoice.
    :raises InvoiceNotHeld: when there is none.
    """
    invoice = _lock(invoice_uuid)
    hold = InvoiceHold.objects.filter(invoice=invoice, lifted_at=None).first()
    if hold is None:
        raise InvoiceNotHeld
    hold.lifted_at, hold.lifted_by = now, actor
    hold.save(update_fields=["lifted_at", "lifted_by"])
    _record("invoice.hold_lifted", invoice, actor, now)
    return hold


def _lock(invoice_uuid: UUID) -> Invoice:
    """Take the invoice's row, as a purge does: whichever comes first is seen by the other."""
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company")
    invoice = locked.filter(uuid=invoice_uuid).first()
    if invoice is None:
        raise NotFound
    return invoice


def _record(name: str, invoice: Invoice, actor: str, now: datetime) -> None:
    events.record(name, subject_uuid=invoice.uuid, company_uuid=invoice.company.uuid, actor=actor, now=now)
