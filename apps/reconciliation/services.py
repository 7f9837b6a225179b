"""Matching money with invoices: the rules decide, these functions find, lock and ask the ledger to write."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.invoices.models import STILL_TO_BE_PAID, Invoice
from apps.invoices.rules import DocumentType, InvoiceState
from apps.invoices.services.credits import link_credit_notes, notes_about
from apps.reconciliation.by_reference import pay_by_reference
from apps.reconciliation.finding import companies_with_loose, find_loose
from apps.reconciliation.gathering import look_around_each, read_again, read_candidates, read_payments
from apps.reconciliation.ledger import give, lock_companies, settle_states, write_matched
from apps.reconciliation.matching import EARLIEST, Candidate, Payment, find_certain
from apps.reconciliation.matching.writing import squeeze
from apps.reconciliation.models import Allocation, LooseMoney
from apps.reconciliation.returns import could_be_returns, take_back
from apps.reconciliation.rules import NOTHING, Rule
from apps.reconciliation.set_offs import invoices_of
from apps.statements.models import Movement, Statement
from apps.statements.rules import StatementState

# Movements that are looked at together, under one set of locks.
AT_ONCE: Final = 1000
# What was found may make more certain; so often at most, and of so much loose money of a company at a time.
_ROUNDS: Final = 5
_LOOSE_AT_ONCE: Final = 200


def match_statements(*, statement_uuids: Collection[UUID], now: datetime) -> int:
    """Match the money of statements with their companies' open invoices; returns the allocations made.

    First what is plain, all of it at once; then the rules look at the rest, of each company in the bank's order. What
    no invoice holds afterwards is written as loose. Running it again changes nothing: what is allocated is neither
    loose nor open any more.
    """
    statements = list(
        Statement.objects.filter(uuid__in=statement_uuids, state=StatementState.IMPORTED, account__isnull=False)
        .order_by("account__company", "new_balance_on", "pk")
        .values_list("pk", "account__company")
    )
    ids = [pk for pk, _company_id in statements]
    made = pay_by_reference(statement_ids=ids, now=now)
    made += sum(_match_unseen(some, now) for some in _one_of_each(statements))
    given = Allocation.objects.filter(movement__statement__any_of=ids)
    return made + _look_again({company_id for _pk, company_id in statements}, given, now)


def match_statement(*, statement_uuid: UUID, now: datetime) -> int:
    """Match the money of one statement."""
    return match_statements(statement_uuids=[statement_uuid], now=now)


def _one_of_each(statements: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield statements together that are of different companies: the first of each, then the second of each."""
    of_company: dict[int, list[int]] = defaultdict(list)
    for pk, company_id in statements:
        of_company[company_id].append(pk)
    for together in zip_longest(*of_company.values()):
        yield [pk for pk in together if pk is not None]


def _match_unseen(statement_ids: Sequence[int], now: datetime) -> int:
    """Let the rules look at what nobody has looked at: neither given, nor loose, nor returned."""
    unseen = Movement.objects.filter(
        statement__any_of=statement_ids,
        is_money=True,
        allocations__isnull=True,
        loose__isnull=True,
        returns__isnull=True,
    ).order_by("statement", "ordinal")
    made, last = 0, Q()
    while movements := list(unseen.filter(last)[:AT_ONCE]):
        made += len(_match_some(movements, now))
        at, ordinal = movements[-1].statement_id, movements[-1].ordinal
        last = Q(statement__gt=at) | Q(statement=at, ordinal__gt=ordinal)
    return made


def _match_some(movements: Sequence[Movement], now: datetime) -> list[int]:
    """Look at some movements at once: what credits pay, then what debits take back; returns the allocations' ids."""
    written = _give([movement for movement in movements if movement.amount > 0], now)
    debits: dict[int, list[Movement]] = defaultdict(list)
    for movement in movements:
        if movement.amount < 0 and movement.company_id:
            debits[movement.company_id].append(movement)
    for company_id, some in debits.items():
        returned = could_be_returns(company_id, some)
        for movement in some:
            if movement.pk in returned:
                written += [row.pk for row in take_back(movement, now)]
    return written


@transaction.atomic
def _give(movements: Sequence[Movement], now: datetime) -> list[int]:
    """Give credits to invoices as far as it is certain, in their order, each as those before it leave the invoices; and
    note what is loose of them.
    """
    received = {movement.pk: movement for movement in movements}
    if not received:
        return []
    asking: dict[int, list[Payment]] = defaultdict(list)
    for payment in read_payments(list(received.values())):
        if company_id := received[payment.id].company_id:
            asking[company_id].append(payment)
    around = look_around_each(asking, is_locking=True)
    # What belongs to no company any more is of a statement that counts no more: staff chose another one.
    counting = {pk: company_id for pk, company_id in lock_companies(received) if company_id in around}
    noted = set(LooseMoney.objects.filter(movement__any_of=counting).values_list("movement", flat=True))
    rows, loose = [], []
    # Once more under the locks: somebody else may have given of them meanwhile.
    for payment in read_again([each for some in asking.values() for each in some if each.id in counting]):
        near = around[counting[payment.id]]
        assignments = find_certain(payment, near.candidates_for(payment), near.memory)
        rows += [
            give(payment.id, each, _evidence(payment, near.rows[each.invoice_id], each.rule)) for each in assignments
        ]
        left = near.take(payment, assignments)
        if assignments if payment.id in noted else left > NOTHING:
            loose.append((counting[payment.id], replace(payment, loose=left)))
    return write_matched(rows, loose, now=now)


def _look_again(company_ids: Collection[int], given: QuerySet[Allocation], now: datetime) -> int:
    """Look once more at companies' loose money that what was given concerns: accounts have become known, amounts have
    changed.

    What was given is read back, so that whoever takes over from a killed worker looks again too. Returns the
    allocations made.
    """
    made = 0
    for _round in range(_ROUNDS):
        having = companies_with_loose(company_ids)
        concerned = _concerned(given.filter(invoice__company__any_of=having)) if having else []
        written = _match_some(concerned, now) if concerned else []
        if not written:
            break
        made += len(written)
        given = Allocation.objects.filter(pk__any_of=written)
    return made


def _concerned(given: QuerySet[Allocation]) -> list[Movement]:
    """Return the loose money that has the account of what was given, or is what is open of its invoice, or names it;
    of each company the earliest.
    """
    rows = list(given.values_list("invoice__company", "movement__counterparty_iban", "invoice").distinct())
    if not rows:
        return []
    touched = Invoice.objects.filter(STILL_TO_BE_PAID, pk__any_of={invoice_id for *_others, invoice_id in rows})
    amounts: set[tuple[int, Decimal]] = set()
    names: set[tuple[int, str]] = set()
    for company_id, candidate in read_candidates(touched):
        amounts.add((company_id, candidate.still_open))
        names.update((company_id, name) for name in (squeeze(candidate.number), candidate.reference) if name)
    accounts = {(company_id, account) for company_id, account, _invoice_id in rows if account}
    found = find_loose(amounts=amounts, names=names, accounts=accounts)
    concerned = []
    of_company: Counter[int | None] = Counter()
    for movement in Movement.objects.filter(pk__any_of=found).order_by("entry_on", "pk"):
        of_company[movement.company_id] += 1
        if of_company[movement.company_id] <= _LOOSE_AT_ONCE:
            concerned.append(movement)
    return concerned


def forget_statement(*, statement_uuid: UUID) -> None:
    """Forget what is loose of a statement that gave way to another; nothing of it was given, or it could not have."""
    LooseMoney.objects.filter(
        movement__statement__uuid=statement_uuid, movement__statement__state=StatementState.HELD
    ).delete()


def match_invoice(*, invoice_uuid: UUID, now: datetime) -> int:
    """Match an invoice with loose money that came before it, oldest first; returns the allocations made.

    Looked at is what could name it or has its amount. Credit notes and the invoices that they are about find each
    other first, and are set off; of a credit note, the invoices that it concerns are matched.
    """
    invoice = Invoice.objects.get(uuid=invoice_uuid)
    if invoice.state != InvoiceState.ACCEPTED:
        return 0
    notes = notes_about(invoice)
    link_credit_notes(invoice=invoice, now=now)
    concerned = invoices_of(notes) | ({invoice.pk} if invoice.document_type == DocumentType.INVOICE else set())
    settle_states(concerned, note_ids=notes, now=now)
    accepted = Invoice.objects.filter(pk__in=concerned, state=InvoiceState.ACCEPTED)
    return sum(_match_invoice(row, now) for row in accepted.order_by("issue_date", "pk"))


def _match_invoice(invoice: Invoice, now: datetime) -> int:
    named = Q(names__overlap=sorted({squeeze(invoice.number), invoice.structured_communication} - {""}))
    amounts = {invoice.payable_amount, invoice.owed_amount}
    amount = Q(amount__in=amounts, entry_on__gte=invoice.issue_date - EARLIEST)
    loose = LooseMoney.objects.filter(named | amount, company_id=invoice.company_id).values("movement")
    movements = list(Movement.objects.filter(pk__in=loose).order_by("entry_on", "pk"))
    made = len(_match_some(movements, now))
    return made + _look_again({invoice.company_id}, Allocation.objects.filter(invoice=invoice), now)


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
