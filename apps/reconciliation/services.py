"""Matching money with invoices: the rules decide, these functions find, lock and ask the ledger to write."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.invoices.models import STILL_TO_BE_PAID, Invoice
from apps.invoices.rules import DocumentType, InvoiceState
from apps.invoices.services.credits import link_credit_notes, notes_about
from apps.reconciliation.by_reference import pay_by_reference
from apps.reconciliation.gathering import candidates_of, look_around, read_payments
from apps.reconciliation.ledger import give, lock_movements, settle_states, write_loose, write_rows
from apps.reconciliation.matching import EARLIEST, Candidate, Payment, find_certain
from apps.reconciliation.matching.writing import squeeze
from apps.reconciliation.models import Allocation, LooseMoney
from apps.reconciliation.returns import could_be_returns, take_back
from apps.reconciliation.rules import SYSTEM, Rule
from apps.reconciliation.set_offs import invoices_of
from apps.statements.models import Movement, Statement
from apps.statements.rules import StatementState

# Movements that are looked at together.
AT_ONCE: Final = 500
# What was found may make more certain; so often at most, and of so much loose money at a time.
_ROUNDS: Final = 5
_LOOSE_AT_ONCE: Final = 200


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
    ids = [pk for pk, _company in statements]
    made = pay_by_reference(statement_ids=ids, now=now)
    made += sum(_match_statement(pk, company_id, now) for pk, company_id in statements)
    given = Allocation.objects.filter(movement__statement__in=ids)
    companies = sorted({company_id for _pk, company_id in statements})
    return made + sum(_look_again(pk, given.filter(invoice__company=pk), now) for pk in companies)


def match_statement(*, statement_uuid: UUID, now: datetime) -> int:
    """Match the money of one statement."""
    return match_statements(statement_uuids=[statement_uuid], now=now)


def _match_statement(statement_id: int, company_id: int, now: datetime) -> int:
    """Let the rules look at what nobody has looked at: neither given, nor loose, nor returned."""
    unseen = Movement.objects.filter(
        statement=statement_id, is_money=True, allocations__isnull=True, loose__isnull=True, returns__isnull=True
    ).order_by("ordinal")
    made, last = 0, -1
    while movements := list(unseen.filter(ordinal__gt=last)[:AT_ONCE]):
        made += len(_match_some(company_id, movements, now))
        _note_loose(movements)
        last = movements[-1].ordinal
    return made


def _match_some(company_id: int, movements: Sequence[Movement], now: datetime) -> list[Allocation]:
    """Look at some movements at once, and lock only when something is certain about one of them."""
    written: list[Allocation] = []
    payments = read_payments([movement for movement in movements if movement.amount > 0])
    around = look_around(company_id=company_id, payments=payments)
    if any(find_certain(payment, around.candidates_for(payment), around.memory) for payment in payments):
        written += _give(company_id, payments, [row.id for row in around.rows.values() if row.set_off], now)
    returned = could_be_returns(company_id, [movement for movement in movements if movement.amount < 0])
    for movement in movements:
        if movement.pk in returned:
            written += take_back(movement, now)
    return written


@transaction.atomic
def _give(company_id: int, payments: Sequence[Payment], reduced: Sequence[int], now: datetime) -> list[Allocation]:
    """Give credits to invoices as far as it is certain, in their order, each as those before it leave the invoices.

    Of the `reduced` invoices credit notes take something away, which may give way.
    """
    around = look_around(company_id=company_id, payments=payments, is_locking=True, reduced=reduced)
    movements = {movement.pk: movement for movement in lock_movements(payment.id for payment in payments)}
    counting = [movements[payment.id] for payment in payments if movements[payment.id].company_id]
    rows = []
    # Once more under the locks: somebody else may have given of them meanwhile. What belongs to no company any more is
    # of a statement that counts no more: staff chose another one.
    for payment in read_payments(counting):
        assignments = find_certain(payment, around.candidates_for(payment), around.memory)
        for each in assignments:
            evidence = _evidence(payment, around.rows[each.invoice_id], each.rule)
            rows.append(give(movements[payment.id], each, evidence))
        around.take(payment, assignments)
    return write_rows(rows, actor=SYSTEM, now=now) if rows else []


@transaction.atomic
def _note_loose(movements: Sequence[Movement]) -> None:
    """Write what is loose of credits that no invoice could take; it is read under their locks."""
    received = [movement.pk for movement in movements if movement.amount > 0]
    held = Allocation.objects.filter(movement__in=received).values_list("movement", flat=True)
    noted = LooseMoney.objects.filter(movement__in=received).values_list("movement", flat=True)
    if missing := set(received).difference(held, noted):
        write_loose(lock_movements(missing))


def _look_again(company_id: int, given: QuerySet[Allocation], now: datetime) -> int:
    """Look once more at loose money that what was given concerns: accounts have become known, amounts have changed.

    What was given is read back, so that whoever takes over from a killed worker looks again too. Returns the
    allocations made.
    """
    made = 0
    for _round in range(_ROUNDS):
        movements = _concerned(company_id, given)
        written = _match_some(company_id, movements, now) if movements else []
        if not written:
            break
        made += len(written)
        given = Allocation.objects.filter(pk__in=[row.pk for row in written])
    return made


def _concerned(company_id: int, given: QuerySet[Allocation]) -> list[Movement]:
    loose = Movement.objects.filter(loose__company_id=company_id)
    if not loose.exists():
        return []
    rows = set(given.values_list("movement__counterparty_iban", "invoice"))
    if not rows:
        return []
    touched = Invoice.objects.filter(STILL_TO_BE_PAID, pk__in={invoice_id for _account, invoice_id in rows})
    amounts, names = set(), set()
    for candidate in candidates_of(touched):
        amounts.add(candidate.still_open)
        names.update({squeeze(candidate.number), candidate.reference} - {""})
    concerned = (
        Q(counterparty_iban__in={account for account, _invoice_id in rows} - {""})
        | Q(loose__amount__in=amounts)
        | Q(loose__names__overlap=sorted(names))
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
    made = len(_match_some(invoice.company_id, movements, now))
    return made + _look_again(invoice.company_id, Allocation.objects.filter(invoice=invoice), now)


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
