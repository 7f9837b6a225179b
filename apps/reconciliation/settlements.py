"""Settling an invoice by hand: cash, card, set off, written off; each with its day and reason, each undone again."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.events import services as events
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, PaymentState, is_still_to_be_paid
from apps.invoices.services.judgement import set_payment_state
from apps.reconciliation.ledger import states_of_money
from apps.reconciliation.models import Settlement
from apps.reconciliation.rules import SettlementWay
from apps.reconciliation.selectors import list_open_amounts

REASON_LENGTH: Final = 300


class NothingToSettle(DomainError):
    """The invoice is not accepted, or nothing of it is open."""

    code = "nothing_to_settle"
    sentence = _("Nothing of %(number)s is open, so there is nothing to settle.")


class SettlementDayAhead(DomainError):
    """Money that still has to come settles nothing."""

    code = "settlement_day_ahead"
    sentence = _("Choose today or a day that is over.")


class ReasonTooShort(DomainError):
    """A settlement says why, for whoever reads the books later; in a few words, and not in a letter."""

    code = "settlement_reason_length"
    sentence = _("Write why it is settled, in at most %(most)s characters.")


class SettlementUndone(DomainError):
    """The settlement does not stand any more."""

    code = "settlement_undone"
    sentence = _("This settlement was undone already.")


@transaction.atomic
def settle_invoice(
    *, invoice: Invoice, way: SettlementWay, settled_on: date, reason: str, actor: str, now: datetime
) -> Settlement:
    """Settle all that is open of an invoice or credit note. A credit note that is set off is `credited`.

    :raises NothingToSettle: when it is not accepted, or nothing is open: paid, overpaid, settled or credited.
    :raises SettlementDayAhead: when the day is still to come, in Brussels.
    :raises ReasonTooShort: without a reason, or with one of over 300 characters.
    """
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= REASON_LENGTH:
        raise ReasonTooShort(most=REASON_LENGTH)
    if settled_on > brussels_day(now):
        raise SettlementDayAhead
    invoice = _lock(invoice.pk)
    if not is_still_to_be_paid(invoice.state, invoice.payment_state):
        raise NothingToSettle(number=invoice.number)
    settlement = Settlement.objects.create(
        invoice=invoice,
        way=way,
        amount=list_open_amounts([invoice])[invoice.pk],
        settled_on=settled_on,
        reason=reason,
        actor=actor,
        created_at=now,
    )
    _record("invoice.settled", invoice, way, actor=actor, now=now)
    set_payment_state(invoice=invoice, state=_state_after(invoice, way), actor=actor, now=now)
    return settlement


@transaction.atomic
def undo_settlement(*, invoice: Invoice, settlement_uuid: UUID, actor: str, now: datetime) -> None:
    """Undo a settlement: what is open follows from the bank's money again, which is looked for anew.

    :raises SettlementUndone: when it does not stand.
    """
    invoice = _lock(invoice.pk)
    settlement = Settlement.objects.filter(invoice=invoice, uuid=settlement_uuid, undone_at=None).first()
    if settlement is None:
        raise SettlementUndone
    settlement.undone_at, settlement.undone_by = now, actor
    settlement.save(update_fields=["undone_at", "undone_by"])
    _record("invoice.settlement_undone", invoice, SettlementWay(settlement.way), actor=actor, now=now)
    set_payment_state(invoice=invoice, state=states_of_money([invoice])[invoice.pk], actor=actor, now=now)


def _lock(invoice_id: int) -> Invoice:
    return Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=invoice_id)


def _state_after(invoice: Invoice, way: SettlementWay) -> PaymentState:
    is_set_off_note = invoice.document_type == DocumentType.CREDIT_NOTE and way is SettlementWay.SET_OFF
    return PaymentState.CREDITED if is_set_off_note else PaymentState.SETTLED


def _record(name: str, invoice: Invoice, way: SettlementWay, *, actor: str, now: datetime) -> None:
    events.record(
        name,
        subject_uuid=invoice.uuid,
        company_uuid=invoice.company.uuid,
        actor=actor,
        now=now,
        payload={"way": way.value},
    )
