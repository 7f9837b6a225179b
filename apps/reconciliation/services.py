"""Allocating money to invoices: the rules decide, these functions lock and write."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError
from apps.events import services as events
from apps.invoices.models import STILL_TO_BE_PAID, Invoice
from apps.invoices.rules import DocumentType, InvoiceState, PaymentState, payment_state
from apps.invoices.services.credits import link_credit_notes
from apps.invoices.services.judgement import set_payment_state
from apps.reconciliation.models import Allocation
from apps.reconciliation.rules import (
    Credit,
    GivenCredit,
    Match,
    OpenInvoice,
    Rule,
    match_credit,
    match_reversal,
)
from apps.reconciliation.selectors import allocated_amounts
from apps.statements.models import Movement, Statement
from apps.statements.rules import StatementState

SYSTEM: Final = "system"


class AllocationExceedsOpenAmount(DomainError):
    """More was to be allocated than is open on the invoice or loose on the movement."""

    code = "allocation_exceeds_open_amount"
    sentence = _("That is more than is still open.")


def match_statement(*, statement_uuid: UUID, now: datetime) -> int:
    """Match a statement's money with the company's open invoices, in the bank's order; returns the allocations made.

    Running it again changes nothing: what is allocated is neither loose nor open any more.
    """
    statement = Statement.objects.select_related("account").get(uuid=statement_uuid)
    if statement.state != StatementState.IMPORTED or statement.account is None:
        return 0
    # One look for the whole statement: most movements name no invoice of the company.
    references = Invoice.objects.filter(company_id=statement.account.company_id, state=InvoiceState.ACCEPTED)
    movements = (
        statement.movements.filter(is_money=True)
        .exclude(structured_communication="")
        .filter(structured_communication__in=references.values("structured_communication"))
        .order_by("ordinal")
    )
    return sum(match_movement(movement_id=pk, now=now) for pk in movements.values_list("pk", flat=True))


def match_invoice(*, invoice_uuid: UUID, now: datetime) -> int:
    """Match an invoice with loose money that named it before it came, oldest first; returns the allocations made.

    Credit notes and the invoices that they are about find each other first.
    """
    invoice = Invoice.objects.get(uuid=invoice_uuid)
    if invoice.state == InvoiceState.ACCEPTED:
        link_credit_notes(invoice=invoice, now=now)
    refresh_payment_state(invoice.pk, now)
    if not invoice.structured_communication or invoice.state != InvoiceState.ACCEPTED:
        return 0
    earlier = Movement.objects.filter(
        statement__account__company_id=invoice.company_id,
        statement__state=StatementState.IMPORTED,
        structured_communication=invoice.structured_communication,
        is_money=True,
    ).order_by("entry_on", "id")
    return sum(match_movement(movement_id=pk, now=now) for pk in earlier.values_list("pk", flat=True))


def match_company(*, company_uuid: UUID, now: datetime) -> int:
    """Match a company's open invoices with loose money of all its accounts; returns the allocations made.

    What was registered apart meets here, once two companies are one.
    """
    named = Invoice.objects.filter(STILL_TO_BE_PAID, company__uuid=company_uuid).exclude(structured_communication="")
    uuids = list(named.order_by("issue_date", "id").values_list("uuid", flat=True))
    return sum(match_invoice(invoice_uuid=uuid, now=now) for uuid in uuids)


@transaction.atomic
def match_movement(*, movement_id: int, now: datetime) -> int:
    """Allocate one movement as far as it is certain; returns the allocations made."""
    movement = Movement.objects.select_related("statement__account").get(pk=movement_id)
    if movement.amount < 0:
        return _take_back(movement, now)
    candidates = _lock_candidates(movement)
    movement = _lock_movement(movement_id)
    if movement.company_id is None:
        # Its statement counts no more: staff chose another one.
        return 0
    loose = movement.amount - _given(movement)
    credit = Credit(movement.pk, movement.structured_communication, movement.currency, movement.amount, loose)
    match = match_credit(credit, candidates)
    if match is None:
        return 0
    allocate(movement=movement, match=match, evidence=movement.structured_communication, actor=SYSTEM, now=now)
    return 1


def allocate(*, movement: Movement, match: Match, evidence: str, actor: str, now: datetime) -> Allocation:
    """Write one positive allocation and what follows for the invoice, in the caller's transaction.

    The caller holds the locks of the invoice and the movement, in that order.

    :raises AllocationExceedsOpenAmount: when it exceeds what is open on the invoice or loose on the movement.
    """
    invoice = (
        Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=match.invoice_id)
    )
    allocated = allocated_amounts([invoice.pk]).get(invoice.pk, Decimal(0))
    if match.amount > invoice.payable_amount - allocated or match.amount > movement.amount - _given(movement):
        raise AllocationExceedsOpenAmount
    allocation = _write(movement, match, evidence, actor=actor, now=now)
    refresh_payment_state(invoice.pk, now)
    return allocation


def _take_back(movement: Movement, now: datetime) -> int:
    originals = _lock_originals(movement)
    movement = _lock_movement(movement.pk)
    if movement.company_id is None or movement.allocations.exists():
        return 0
    matches = match_reversal(movement.amount, movement.structured_communication, movement.counterparty_iban, originals)
    for match in matches:
        _write(movement, match, movement.structured_communication, actor=SYSTEM, now=now)
        refresh_payment_state(match.invoice_id, now)
    return len(matches)


def _write(movement: Movement, match: Match, evidence: str, *, actor: str, now: datetime) -> Allocation:
    allocation = Allocation.objects.create(
        movement=movement,
        invoice_id=match.invoice_id,
        amount=match.amount,
        rule=match.rule,
        evidence=evidence,
        reverses_id=match.reverses,
        actor=actor,
        created_at=now,
    )
    company_uuid = Invoice.objects.values_list("company__uuid", flat=True).get(pk=match.invoice_id)
    events.record(
        "allocation.made" if match.amount > 0 else "allocation.taken_back",
        subject_uuid=allocation.uuid,
        company_uuid=company_uuid,
        actor=actor,
        now=now,
        payload={"rule": match.rule.value},
    )
    return allocation


def _lock_candidates(movement: Movement) -> list[OpenInvoice]:
    """Lock and return the invoices with the movement's reference, with their customers' other open invoices."""
    account = movement.statement.account
    if account is None or not movement.structured_communication:
        return []
    payable = Invoice.objects.filter(
        STILL_TO_BE_PAID, company_id=account.company_id, document_type=DocumentType.INVOICE
    )
    named = payable.filter(structured_communication=movement.structured_communication)
    of_customers = Q()
    for name, number in named.values_list("customer_name", "customer_number"):
        of_customers |= Q(customer_number=number) if number else Q(customer_name=name)
    if not of_customers:
        return []
    of_customers |= Q(structured_communication=movement.structured_communication)
    rows = list(payable.filter(of_customers).select_for_update(of=("self",), no_key=True).order_by("pk"))
    allocated = allocated_amounts(row.pk for row in rows)
    return [_open_invoice(row, allocated.get(row.pk, Decimal(0))) for row in rows]


def _open_invoice(row: Invoice, allocated: Decimal) -> OpenInvoice:
    return OpenInvoice(
        id=row.pk,
        reference=row.structured_communication,
        customer=row.customer_number or row.customer_name,
        currency=row.currency,
        payable=row.payable_amount,
        allocated=allocated,
    )


def _lock_originals(movement: Movement) -> list[GivenCredit]:
    """Lock the invoices, then the credits, that a debit may take back, and return the credits."""
    account = movement.statement.account
    if account is None or not movement.structured_communication:
        return []
    given = Movement.objects.filter(
        statement__account=account,
        structured_communication=movement.structured_communication,
        amount=-movement.amount,
        is_money=True,
    )
    held = Invoice.objects.filter(allocations__movement__in=given).order_by("pk").distinct()
    # DISTINCT and FOR UPDATE do not go together: the ids first, then the locks.
    ids = list(held.values_list("pk", flat=True))
    list(Invoice.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk"))
    rows = list(given.select_for_update(of=("self",), no_key=True).order_by("pk"))
    return [_given_credit(row) for row in rows]


def _given_credit(row: Movement) -> GivenCredit:
    # A credit may have given to one invoice more than once: its excess, after a correction raised the invoice.
    moved = Allocation.objects.filter(Q(movement=row) | Q(reverses=row)).values_list("invoice_id")
    given = dict(moved.annotate(total=Sum("amount")))
    held_by = tuple((invoice_id, amount) for invoice_id, amount in sorted(given.items()) if amount > 0)
    return GivenCredit(row.pk, row.structured_communication, row.counterparty_iban, row.amount, held_by)


def _lock_movement(movement_id: int) -> Movement:
    return Movement.objects.select_for_update(of=("self",), no_key=True).get(pk=movement_id)


def _given(movement: Movement) -> Decimal:
    """Return what a movement has given, what was taken back from it included (that money has left again)."""
    total = movement.allocations.aggregate(total=Sum("amount"))["total"]
    return total or Decimal(0)


def refresh_payment_state(invoice_id: int, now: datetime) -> None:
    """Write the payment state that follows from the allocations; what a person settled stays settled."""
    with transaction.atomic():
        invoice = (
            Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=invoice_id)
        )
        has_been_settled = invoice.payment_state in {PaymentState.SETTLED, PaymentState.CREDITED}
        if has_been_settled or invoice.state != InvoiceState.ACCEPTED:
            return
        set_payment_state(invoice=invoice, state=state_of_money(invoice), actor=SYSTEM, now=now)


def state_of_money(invoice: Invoice) -> PaymentState:
    """Return the payment state that follows from an invoice's allocations alone; the caller holds its lock."""
    allocations = list(invoice.allocations.select_related("movement"))
    allocated = sum((a.amount for a in allocations), Decimal(0))
    return payment_state(invoice.payable_amount, allocated, _excess(allocations))


def _excess(allocations: Sequence[Allocation]) -> Decimal:
    """Return what was paid beyond the invoice by movements that named it and no other invoice took."""
    reversed_ids = {a.reverses_id for a in allocations if a.rule == Rule.REVERSAL}
    naming = [
        a.movement for a in allocations if a.rule == Rule.STRUCTURED_COMMUNICATION and a.movement_id not in reversed_ids
    ]
    return sum((movement.amount - _given(movement) for movement in naming), Decimal(0))
