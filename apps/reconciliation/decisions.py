"""What people decide about money: give it, take it back, rule a payer out, choose. No rule overrules any of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.companies.models import Company
from apps.core.errors import DomainError
from apps.events import services as events
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, is_still_to_be_paid
from apps.reconciliation.ledger import lock_movements, lock_with_notes, loose_of, write_loose, write_rows
from apps.reconciliation.matching import Difference
from apps.reconciliation.matching.converting import exchange
from apps.reconciliation.models import Allocation, MatchingChoice, Returned, RuledOut
from apps.reconciliation.rules import NOTHING, Rule
from apps.reconciliation.selectors import allocated_amounts, giving_way
from apps.statements.models import Movement


class MoneyHasMoved(DomainError):
    """Somebody, or a rule, gave of the money since it was looked at."""

    code = "money_has_moved"
    sentence = _("Meanwhile %(amount)s of this payment is loose. Look at it again.")


class NoMoneyToGive(DomainError):
    """It is no credit of the company that counts, or nothing of it is loose."""

    code = "no_money_to_give"
    sentence = _("Nothing of this payment is loose.")


class AllocationExceedsOpenAmount(DomainError):
    """More was to be given than is open on the invoice or loose on the movement."""

    code = "allocation_exceeds_open_amount"
    sentence = _("That is more than is still open.")


class NotToBePaid(DomainError):
    """The document is no accepted invoice of the company with something open."""

    code = "not_to_be_paid"
    sentence = _("Nothing of %(number)s is open.")


class OtherCurrency(DomainError):
    """An invoice in one currency takes no money in another, but for all that was sent in its own currency."""

    code = "other_currency"
    sentence = _("%(number)s is in %(currency)s, and this payment is not.")


class NothingToUndo(DomainError):
    """The allocation was undone before, or the bank took its money back."""

    code = "nothing_to_undo"
    sentence = _("This was undone already, or the bank took the money back.")


class NoPayerToRuleOut(DomainError):
    """The bank tells no account of the payer, so there is nothing to remember."""

    code = "no_payer_to_rule_out"
    sentence = _("The bank did not say from which account this came.")


@dataclass(frozen=True, slots=True)
class Part:
    """An amount of a payment for an invoice."""

    invoice_uuid: UUID
    amount: Decimal


@transaction.atomic
def assign_money(
    *, company: Company, movement_uuid: UUID, parts: Sequence[Part], seen: Decimal, actor: str, now: datetime
) -> list[Allocation]:
    """Give a payment, or parts of it, to invoices, as a person says: a suggestion confirmed, or a split of one's own.

    `seen` is what was loose when the person decided: what is sent twice does not count twice.

    :raises NoMoneyToGive: when the movement is no credit of the company that counts, or all of it is given.
    :raises MoneyHasMoved: when something else is loose than was seen.
    :raises NotToBePaid: when an invoice is not the company's, or nothing of it is open.
    :raises OtherCurrency: when an invoice is in another currency than the payment, and was not sent all of it either.
    :raises AllocationExceedsOpenAmount: when a part is more than is open, or all parts more than is loose.
    """
    wanted: dict[UUID, Decimal] = {}
    for part in parts:
        wanted[part.invoice_uuid] = wanted.get(part.invoice_uuid, NOTHING) + part.amount
    invoices = _lock_invoices(company, list(wanted))
    movement = _lock_credit(company, movement_uuid)
    loose = loose_of(movement)
    if loose <= NOTHING:
        raise NoMoneyToGive
    if loose != seen:
        raise MoneyHasMoved(amount=loose)
    covered = allocated_amounts(invoice.pk for invoice in invoices.values())
    rows = []
    for invoice_uuid, amount in wanted.items():
        invoice = invoices[invoice_uuid]
        if not is_still_to_be_paid(invoice.state, invoice.payment_state):
            raise NotToBePaid(number=invoice.number)
        changed = _changed_for(invoice, movement, amount)
        paid = amount + (changed.amount if changed else NOTHING)
        if paid > invoice.owed_amount - covered.get(invoice.pk, NOTHING):
            raise AllocationExceedsOpenAmount
        row = Allocation(movement=movement, invoice=invoice, amount=amount, rule=Rule.PERSON)
        if changed:
            row.difference, row.difference_kind = changed.amount, changed.kind
        rows.append(row)
    if sum(wanted.values()) > loose:
        raise AllocationExceedsOpenAmount
    return write_rows(rows, actor=actor, now=now)


def _changed_for(invoice: Invoice, movement: Movement, amount: Decimal) -> Difference | None:
    """Return what makes a whole payment, which the bank changed, what was sent in the invoice's currency."""
    if invoice.currency == movement.currency:
        return None
    sent = movement.original_amount
    if sent is None or movement.original_currency != invoice.currency or amount != movement.amount:
        raise OtherCurrency(number=invoice.number, currency=invoice.currency)
    return exchange(amount, sent)


def _lock_invoices(company: Company, uuids: Sequence[UUID]) -> dict[UUID, Invoice]:
    """Lock invoices by id.

    :raises NotToBePaid: when one is not the company's, or is a credit note.
    """
    owed = Invoice.objects.filter(company=company, uuid__in=uuids, document_type=DocumentType.INVOICE)
    locked = owed.select_for_update(of=("self",), no_key=True).select_related("company").order_by("pk")
    found = {invoice.uuid: invoice for invoice in locked}
    if missing := [uuid for uuid in uuids if uuid not in found]:
        raise NotToBePaid(number=missing[0])
    return found


def _lock_credit(company: Company, movement_uuid: UUID) -> Movement:
    received = Movement.objects.filter(company=company, is_money=True, amount__gt=0)
    movement = received.select_for_update(of=("self",), no_key=True).filter(uuid=movement_uuid).first()
    if movement is None:
        raise NoMoneyToGive
    return movement


@transaction.atomic
def undo_allocation(*, company: Company, allocation_uuid: UUID, actor: str, now: datetime) -> list[Allocation]:
    """Take one allocation back, whoever made it: invoice and money are as they were before. Returns the rows written.

    A return is undone as a whole: the debit is then the return of nothing. The money is left to people afterwards;
    what else could pay the invoice is looked for.

    :raises NothingToUndo: when it is not the company's, was undone before, or the bank took its money back.
    """
    rows = Allocation.objects.filter(invoice__company=company).exclude(rule=Rule.UNDONE)
    undone = rows.filter(uuid=allocation_uuid).first()
    if undone is None:
        raise NothingToUndo
    of_it = rows.filter(movement=undone.movement_id) if undone.rule == Rule.REVERSAL else rows.filter(pk=undone.pk)
    of_it = of_it.order_by("invoice_id", "pk")
    invoices = {invoice.pk: invoice for invoice in lock_with_notes(of_it.values_list("invoice_id", flat=True))}
    moved = lock_movements({undone.movement_id, undone.reverses_id or undone.movement_id})
    movement = next(movement for movement in moved if movement.pk == undone.movement_id)
    standing = list(of_it.filter(undone_by__isnull=True))
    if not standing or not all(_can_be_undone(row, invoices[row.invoice_id]) for row in standing):
        raise NothingToUndo
    Returned.objects.filter(movement=movement).delete()
    written = write_rows([_opposite(row, movement) for row in standing], actor=actor, now=now)
    write_loose([credit for credit in moved if credit.amount > NOTHING])
    for invoice in invoices.values():
        events.record(
            "invoice.allocation_undone", subject_uuid=invoice.uuid, company_uuid=company.uuid, actor=actor, now=now
        )
    return written


def _can_be_undone(row: Allocation, invoice: Invoice) -> bool:
    """Tell whether the money is still there to be taken off the invoice, or for a return, room for it."""
    if row.amount < NOTHING:
        covered = allocated_amounts([invoice.pk]).get(invoice.pk, NOTHING)
        room = invoice.owed_amount + giving_way([invoice.pk]).get(invoice.pk, NOTHING)
        return covered - row.amount - row.difference <= room
    return not Returned.objects.filter(original=row.movement_id).exists()


def _opposite(row: Allocation, movement: Movement) -> Allocation:
    return Allocation(
        movement=movement,
        invoice_id=row.invoice_id,
        amount=-row.amount,
        difference=-row.difference,
        difference_kind=row.difference_kind,
        rule=Rule.UNDONE,
        evidence=row.evidence,
        reverses_id=row.reverses_id,
        undoes_id=row.pk,
    )


@transaction.atomic
def rule_out_payer(*, company: Company, movement_uuid: UUID, invoice_uuid: UUID, actor: str, now: datetime) -> RuledOut:
    """Remember that a payment's account never pays for an invoice's customer; saying it twice is saying it once.

    What it paid before stays until somebody undoes it.

    :raises NoPayerToRuleOut: when the bank did not tell the payer's account.
    :raises NotToBePaid: when the invoice is not the company's.
    """
    account = (
        Movement.objects.filter(company=company, uuid=movement_uuid)
        .exclude(counterparty_iban="")
        .values_list("counterparty_iban", flat=True)
        .first()
    )
    if account is None:
        raise NoPayerToRuleOut
    invoice = Invoice.objects.filter(company=company, uuid=invoice_uuid).first()
    if invoice is None:
        raise NotToBePaid(number=invoice_uuid)
    customer = invoice.customer_number or invoice.customer_name
    standing = {"company": company, "account": account, "customer": customer, "ended_at": None}
    said = {"customer_name": invoice.customer_name, "actor": actor, "created_at": now}
    row, is_new = RuledOut.objects.get_or_create(**standing, defaults=said)
    if is_new:
        _record("payer.ruled_out", row.uuid, company, actor, now)
    return row


@transaction.atomic
def allow_payer_again(*, company: Company, ruled_out_uuid: UUID, actor: str, now: datetime) -> None:
    """Take the word back that an account never pays for a customer; nothing when that was done."""
    row = RuledOut.objects.select_for_update().filter(company=company, uuid=ruled_out_uuid, ended_at=None).first()
    if row is None:
        return
    row.ended_at, row.ended_by = now, actor
    row.save(update_fields=["ended_at", "ended_by"])
    _record("payer.allowed_again", row.uuid, company, actor, now)
    _record("company.matching_chosen", company.uuid, company, actor, now)


@transaction.atomic
def choose_oldest_first(*, company: Company, is_wanted: bool, actor: str, now: datetime) -> None:
    """Write whether a reference that several invoices share pays the oldest of them first; open ones are looked at."""
    row, is_new = MatchingChoice.objects.select_for_update().get_or_create(
        company=company, defaults={"pays_oldest_first": is_wanted, "changed_by": actor, "changed_at": now}
    )
    if not is_new and row.pays_oldest_first == is_wanted:
        return
    row.pays_oldest_first, row.changed_by, row.changed_at = is_wanted, actor, now
    row.save(update_fields=["pays_oldest_first", "changed_by", "changed_at"])
    _record("company.matching_chosen", company.uuid, company, actor, now)


def _record(name: str, subject_uuid: UUID, company: Company, actor: str, now: datetime) -> None:
    events.record(name, subject_uuid=subject_uuid, company_uuid=company.uuid, actor=actor, now=now)
