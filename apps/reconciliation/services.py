"""Matching money with invoices: the rules decide, these functions find, lock and ask the ledger to write."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.invoices.models import STILL_TO_BE_PAID, Invoice
from apps.invoices.rules import DocumentType, InvoiceState
from apps.invoices.services.credits import link_credit_notes
from apps.reconciliation.by_reference import pay_by_reference
from apps.reconciliation.gathering import SYSTEM, look_around, read_payments
from apps.reconciliation.ledger import (
    give,
    lock_movements,
    settle_states,
    write_entries,
    write_loose,
)
from apps.reconciliation.matching import EARLIEST, Candidate, Payment, find_certain
from apps.reconciliation.matching.writing import squeeze
from apps.reconciliation.models import Allocation, LooseMoney
from apps.reconciliation.returns import could_be_returns, take_back
from apps.reconciliation.rules import Rule
from apps.reconciliation.selectors import allocated_amounts
from apps.statements.models import Movement, Statement
from apps.statements.rules import StatementState

# Movements that are looked at together.
AT_ONCE: Final = 500
# What was found may make more certain; so often at most, and of so much loose money at a time.
_ROUNDS: Final = 5
_LOOSE_AT_ONCE: Final = 200


@dataclass
class _Made:
    """What was written: how many rows, and the accounts and invoices after which other money may be certain."""

    count: int = 0
    accounts: set[str] = field(default_factory=set)
    invoice_ids: set[int] = field(default_factory=set)

    def add(self, allocations: Sequence[Allocation]) -> None:
        """Take in rows with their movements."""
        for allocation in allocations:
            self.note(allocation.movement.counterparty_iban, allocation.invoice_id)

    def note(self, account: str, invoice_id: int) -> None:
        """Take in one row."""
        self.count += 1
        self.accounts.update({account} - {""})
        self.invoice_ids.add(invoice_id)


def match_statements(*, statement_uuids: Collection[UUID], now: datetime) -> int:
    """Match the money of statements with their companies' open invoices; returns the allocations made.

    First what is plain, all of it at once; then the rules look at the rest, in the bank's order. What no invoice holds
    afterwards is written as loose. Running it again changes nothing: what is allocated is neither loose nor open any
    more.
    """
    statements = list(
        Statement.objects.filter(uuid__in=statement_uuids, state=StatementState.IMPORTED, account__isnull=False)
        .order_by("account__company", "new_balance_on", "pk")
        .values_list("pk", "account__company")
    )
    made: dict[int, _Made] = defaultdict(_Made)
    for plain in pay_by_reference(statement_ids=[pk for pk, _company in statements], now=now):
        made[plain.company_id].note(plain.account, plain.invoice_id)
    for statement_id, company_id in statements:
        _match_statement(statement_id, company_id, made[company_id], now)
    for company_id in sorted(made):
        _look_again(company_id, made[company_id], now)
    return sum(each.count for each in made.values())


def match_statement(*, statement_uuid: UUID, now: datetime) -> int:
    """Match the money of one statement."""
    return match_statements(statement_uuids=[statement_uuid], now=now)


def _match_statement(statement_id: int, company_id: int, made: _Made, now: datetime) -> None:
    """Let the rules look at what nobody has looked at: neither given, nor loose, nor returned."""
    unseen = Movement.objects.filter(
        statement=statement_id, is_money=True, allocations__isnull=True, loose__isnull=True, returns__isnull=True
    ).order_by("ordinal")
    last = -1
    while movements := list(unseen.filter(ordinal__gt=last)[:AT_ONCE]):
        _match_some(company_id, movements, made, now)
        _note_loose(movements)
        last = movements[-1].ordinal


def _match_some(company_id: int, movements: Sequence[Movement], made: _Made, now: datetime) -> None:
    """Look at some movements at once, and lock only when something is certain about one of them."""
    payments = read_payments([movement for movement in movements if movement.amount > 0])
    around = look_around(company_id=company_id, payments=payments)
    if any(find_certain(payment, around.candidates_for(payment), around.memory) for payment in payments):
        made.add(_give(company_id, [payment.id for payment in payments], now))
    returned = could_be_returns(company_id, [movement for movement in movements if movement.amount < 0])
    for movement in movements:
        if movement.pk in returned:
            made.add(take_back(movement, now))


@transaction.atomic
def _give(company_id: int, movement_ids: Sequence[int], now: datetime) -> list[Allocation]:
    """Give credits to invoices as far as it is certain, in their order, each as those before it leave the invoices."""
    unlocked = {movement.pk: movement for movement in Movement.objects.filter(pk__in=movement_ids)}
    payments = read_payments([unlocked[pk] for pk in movement_ids])
    around = look_around(company_id=company_id, payments=payments, is_locking=True)
    movements = {movement.pk: movement for movement in lock_movements(movement_ids)}
    entries = []
    # Once more under the locks: somebody else may have given of them meanwhile. What belongs to no company any more is
    # of a statement that counts no more: staff chose another one.
    for payment in read_payments([movements[pk] for pk in movement_ids if movements[pk].company_id]):
        assignments = find_certain(payment, around.candidates_for(payment), around.memory)
        for each in assignments:
            evidence = _evidence(payment, around.rows[each.invoice_id], each.rule)
            entries.append(give(movements[payment.id], each, evidence))
        around.take(payment, assignments)
    return write_entries(entries, actor=SYSTEM, now=now) if entries else []


@transaction.atomic
def _note_loose(movements: Sequence[Movement]) -> None:
    """Write what is loose of credits that no invoice could take; it is read under their locks."""
    received = [movement.pk for movement in movements if movement.amount > 0]
    held = Allocation.objects.filter(movement__in=received).values_list("movement", flat=True)
    noted = LooseMoney.objects.filter(movement__in=received).values_list("movement", flat=True)
    if missing := set(received).difference(held, noted):
        write_loose(lock_movements(missing))


def _look_again(company_id: int, made: _Made, now: datetime) -> None:
    """Look once more at loose money that what was made concerns: accounts have become known, amounts have changed."""
    latest = made
    for _round in range(_ROUNDS):
        if not latest.count or not (movements := _concerned(company_id, latest)):
            return
        latest = _Made()
        _match_some(company_id, movements, latest, now)
        made.count += latest.count


def _concerned(company_id: int, made: _Made) -> list[Movement]:
    loose = Movement.objects.filter(loose__company_id=company_id)
    if not loose.exists():
        return []
    touched = Invoice.objects.filter(STILL_TO_BE_PAID, pk__in=made.invoice_ids)
    covered = allocated_amounts(made.invoice_ids)
    amounts, names = set(), set()
    for pk, number, reference, payable in touched.values_list(
        "pk", "number", "structured_communication", "payable_amount"
    ):
        amounts.add(payable - covered.get(pk, Decimal(0)))
        names.update({squeeze(number), reference} - {""})
    concerned = (
        Q(counterparty_iban__in=made.accounts) | Q(loose__amount__in=amounts) | Q(loose__names__overlap=sorted(names))
    )
    return list(loose.filter(concerned).order_by("entry_on", "pk")[:_LOOSE_AT_ONCE])


def forget_statement(*, statement_uuid: UUID) -> None:
    """Forget what is loose of a statement that gave way to another; nothing of it was given, or it could not have."""
    LooseMoney.objects.filter(
        movement__statement__uuid=statement_uuid, movement__statement__state=StatementState.HELD
    ).delete()


def match_invoice(*, invoice_uuid: UUID, now: datetime) -> int:
    """Match an invoice with loose money that came before it, oldest first; returns the allocations made.

    Looked at is what could name it or has its amount. Credit notes and the invoices that they are about find each
    other first.
    """
    invoice = Invoice.objects.get(uuid=invoice_uuid)
    if invoice.state == InvoiceState.ACCEPTED:
        link_credit_notes(invoice=invoice, now=now)
    settle_states([invoice.pk], now=now)
    if invoice.state != InvoiceState.ACCEPTED or invoice.document_type != DocumentType.INVOICE:
        return 0
    named = Q(names__overlap=sorted({squeeze(invoice.number), invoice.structured_communication} - {""}))
    amount = Q(amount=invoice.payable_amount, entry_on__gte=invoice.issue_date - EARLIEST)
    loose = LooseMoney.objects.filter(named | amount, company_id=invoice.company_id).values("movement")
    made = _Made()
    _match_some(invoice.company_id, list(Movement.objects.filter(pk__in=loose).order_by("entry_on", "pk")), made, now)
    _look_again(invoice.company_id, made, now)
    return made.count


def match_company(*, company_uuid: UUID, now: datetime) -> int:
    """Match a company's open invoices with loose money of all its accounts; returns the allocations made.

    What was registered apart meets here, once two companies are one.
    """
    owed = Invoice.objects.filter(STILL_TO_BE_PAID, company__uuid=company_uuid)
    uuids = list(owed.order_by("issue_date", "id").values_list("uuid", flat=True))
    return sum(match_invoice(invoice_uuid=uuid, now=now) for uuid in uuids)


def _evidence(payment: Payment, invoice: Candidate, rule: Rule) -> str:
    """Return what the rule went by, for people."""
    by_account = {Rule.KNOWN_ACCOUNT: payment.payer_account, Rule.END_TO_END: payment.end_to_end}
    if rule in by_account:
        return by_account[rule]
    is_named_by_number = rule is Rule.INVOICE_NUMBER or not invoice.reference
    return invoice.number if is_named_by_number else invoice.reference
