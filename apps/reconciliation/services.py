"""Allocating money to invoices: the rules decide, these functions lock and write."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from apps.reconciliation.gathering import look_around, read_payments
from apps.reconciliation.matching import EARLIEST, Assignment, Candidate, Payment, find_certain
from apps.reconciliation.models import Allocation
from apps.reconciliation.rules import GivenCredit, Rule, match_reversal
from apps.reconciliation.selectors import allocated_amounts
from apps.statements.models import Movement, Statement
from apps.statements.rules import StatementState

SYSTEM: Final = "system"
# Movements that are looked at together.
AT_ONCE: Final = 500
EVIDENCE_LENGTH: Final = 200


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
    company_id = statement.account.company_id
    money = statement.movements.filter(is_money=True).order_by("ordinal")
    made, last = 0, -1
    while movements := list(money.filter(ordinal__gt=last)[:AT_ONCE]):
        made += _match_some(company_id, movements, now)
        last = movements[-1].ordinal
    return made


def _match_some(company_id: int, movements: Sequence[Movement], now: datetime) -> int:
    """Look at some movements at once, and lock only for those about which something is certain."""
    payments = read_payments([movement for movement in movements if movement.amount > 0])
    around = look_around(company_id=company_id, payments=payments)
    certain = {p.id for p in payments if find_certain(p, around.candidates_for(p), around.memory)}
    # The first payment of an account can be what makes the next one certain.
    taught = {p.payer_account for p in payments if p.id in certain and p.payer_account}
    certain.update(p.id for p in payments if p.payer_account in taught)
    returned = _could_be_returns(company_id, [movement for movement in movements if movement.amount < 0])
    worth_it = [movement.pk for movement in movements if movement.pk in certain or movement.pk in returned]
    return sum(match_movement(movement_id=pk, now=now) for pk in worth_it)


def _could_be_returns(company_id: int, debits: Sequence[Movement]) -> set[int]:
    references = {movement.structured_communication for movement in debits} - {""}
    accepted = Invoice.objects.filter(company_id=company_id, state=InvoiceState.ACCEPTED)
    named = accepted.filter(structured_communication__in=references).values_list("structured_communication", flat=True)
    ours = set(named) if references else set()
    return {movement.pk for movement in debits if movement.structured_communication in ours}


def match_invoice(*, invoice_uuid: UUID, now: datetime) -> int:
    """Match an invoice with loose money that came before it, oldest first; returns the allocations made.

    Looked at is what has its reference or its amount. Credit notes and the invoices that they are about find each
    other first.
    """
    invoice = Invoice.objects.get(uuid=invoice_uuid)
    if invoice.state == InvoiceState.ACCEPTED:
        link_credit_notes(invoice=invoice, now=now)
    refresh_payment_state(invoice.pk, now)
    if invoice.state != InvoiceState.ACCEPTED or invoice.document_type != DocumentType.INVOICE:
        return 0
    money = Movement.objects.filter(company_id=invoice.company_id, amount__gt=0)
    earlier = money.filter(amount=invoice.payable_amount, entry_on__gte=invoice.issue_date - EARLIEST)
    ids = set(earlier.exclude(allocations__isnull=False).values_list("pk", flat=True))
    if invoice.structured_communication:
        named = money.filter(structured_communication=invoice.structured_communication)
        ids.update(named.values_list("pk", flat=True))
    in_order = Movement.objects.filter(pk__in=ids).order_by("entry_on", "id").values_list("pk", flat=True)
    return sum(match_movement(movement_id=pk, now=now) for pk in in_order)


def match_company(*, company_uuid: UUID, now: datetime) -> int:
    """Match a company's open invoices with loose money of all its accounts; returns the allocations made.

    What was registered apart meets here, once two companies are one.
    """
    owed = Invoice.objects.filter(STILL_TO_BE_PAID, company__uuid=company_uuid)
    uuids = list(owed.order_by("issue_date", "id").values_list("uuid", flat=True))
    return sum(match_invoice(invoice_uuid=uuid, now=now) for uuid in uuids)


@transaction.atomic
def match_movement(*, movement_id: int, now: datetime) -> int:
    """Allocate one movement as far as it is certain; returns the allocations made."""
    movement = Movement.objects.select_related("statement__account").get(pk=movement_id)
    if movement.amount < 0:
        return _take_back(movement, now)
    if movement.statement.account is None:
        return 0
    payments = read_payments([movement])
    around = look_around(company_id=movement.statement.account.company_id, payments=payments, is_locking=True)
    movement = _lock_movement(movement_id)
    if movement.company_id is None:
        # Its statement counts no more: staff chose another one.
        return 0
    # Once more under the locks: somebody else may have given of it meanwhile.
    payment = read_payments([movement])[0]
    assignments = find_certain(payment, around.candidates_for(payment), around.memory)
    for assignment in assignments:
        evidence = _evidence(payment, around.rows[assignment.invoice_id], assignment.rule)
        allocate(movement=movement, assignment=assignment, evidence=evidence, actor=SYSTEM, now=now)
    return len(assignments)


def _evidence(payment: Payment, invoice: Candidate, rule: Rule) -> str:
    """Return what the rule went by, for people."""
    by_account = {Rule.KNOWN_ACCOUNT: payment.payer_account, Rule.END_TO_END: payment.end_to_end}
    if rule in by_account:
        return by_account[rule]
    is_named_by_number = rule is Rule.INVOICE_NUMBER or not invoice.reference
    return (invoice.number if is_named_by_number else invoice.reference)[:EVIDENCE_LENGTH]


def allocate(*, movement: Movement, assignment: Assignment, evidence: str, actor: str, now: datetime) -> Allocation:
    """Write one positive allocation and what follows for the invoice, in the caller's transaction.

    The caller holds the locks of the invoice and the movement, in that order.

    :raises AllocationExceedsOpenAmount: when it exceeds what is open on the invoice or loose on the movement.
    """
    invoice = (
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("company")
        .get(pk=assignment.invoice_id)
    )
    allocated = allocated_amounts([invoice.pk]).get(invoice.pk, Decimal(0))
    amount = assignment.amount
    if amount > invoice.payable_amount - allocated or amount > movement.amount - _given(movement):
        raise AllocationExceedsOpenAmount
    written = _Written(assignment.invoice_id, amount, assignment.rule, evidence)
    allocation = _write(movement, written, actor=actor, now=now)
    refresh_payment_state(invoice.pk, now)
    return allocation


def _take_back(movement: Movement, now: datetime) -> int:
    originals = _lock_originals(movement)
    movement = _lock_movement(movement.pk)
    if movement.company_id is None or movement.allocations.exists():
        return 0
    reference = movement.structured_communication
    matches = match_reversal(movement.amount, reference, movement.counterparty_iban, originals)
    for back in matches:
        written = _Written(back.invoice_id, back.amount, Rule.REVERSAL, reference, back.reverses)
        _write(movement, written, actor=SYSTEM, now=now)
        refresh_payment_state(back.invoice_id, now)
    return len(matches)


@dataclass(frozen=True, slots=True)
class _Written:
    invoice_id: int
    amount: Decimal
    rule: Rule
    evidence: str
    reverses: int | None = None


def _write(movement: Movement, written: _Written, *, actor: str, now: datetime) -> Allocation:
    allocation = Allocation.objects.create(
        movement=movement,
        invoice_id=written.invoice_id,
        amount=written.amount,
        rule=written.rule,
        evidence=written.evidence,
        reverses_id=written.reverses,
        actor=actor,
        created_at=now,
    )
    company_uuid = Invoice.objects.values_list("company__uuid", flat=True).get(pk=written.invoice_id)
    events.record(
        "allocation.made" if written.amount > 0 else "allocation.taken_back",
        subject_uuid=allocation.uuid,
        company_uuid=company_uuid,
        actor=actor,
        now=now,
        payload={"rule": written.rule.value},
    )
    return allocation


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
