"""Why an invoice is still open, or how it was paid: what was booked, what was looked at, and what is suggested.

Looked at is loose money that names the invoice, with a slip too, has its amount, or comes from its customer: from a
known account or under the customer's name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from string import digits
from typing import Final

from django.db.models import Max, Q, QuerySet, Sum

from apps.accounting_offices.models import AccountingOffice
from apps.core.clock import brussels_day
from apps.invoices.models import Invoice
from apps.invoices.rules import DocumentType, InvoiceState
from apps.reconciliation.explanations import sentence_of
from apps.reconciliation.gathering import Surroundings, accounts_of, look_around, read_candidates, read_payments
from apps.reconciliation.matching import EARLIEST, Candidate, Payment, Suggestion, decide
from apps.reconciliation.matching.causes import find_cause
from apps.reconciliation.matching.explaining import ANOTHER, Booked, Cause, Line, Standing, explain
from apps.reconciliation.matching.names import words_of
from apps.reconciliation.matching.reading import read_payment
from apps.reconciliation.matching.writing import squeeze
from apps.reconciliation.models import Allocation, LooseMoney
from apps.reconciliation.notes_seen import NotesSeen, SetOffSeen, look_at_notes
from apps.reconciliation.returning import PerhapsReturned, find_perhaps_returned
from apps.reconciliation.rules import NOTHING, Rule
from apps.reconciliation.selectors import list_allocations, standing_settlement
from apps.reconciliation.sentences import criterion_sentence
from apps.statements.models import Movement, Statement
from apps.statements.selectors import list_company_statements
from apps.tokens.models import Software

# So many payments are looked at, those that name the invoice first, and so many told.
LOOKED_AT: Final = 50
TOLD: Final = 10
# Shorter words are in too many names to find one by.
_TELLING_WORD: Final = 4
_BELGIAN: Final = 12


@dataclass(frozen=True, slots=True)
class Suggested:
    """A payment that a person could assign to the invoice, with what would go to it and to the other invoices."""

    movement: Movement
    amount: Decimal
    suggestion: Suggestion
    others: tuple[str, ...]

    @property
    def told(self) -> list[tuple[bool, str]]:
        """Return whether each criterion is met, and its sentence in the active language; the met ones first."""
        criteria = sorted(self.suggestion.criteria, key=lambda criterion: not criterion.is_met)
        return [(each.is_met, criterion_sentence(each, self.movement.currency)) for each in criteria]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All there is to say about the payment of an invoice, in the active language."""

    open_amount: Decimal
    allocations: Sequence[Allocation]
    suggestions: tuple[Suggested, ...]
    sentences: tuple[str, ...]
    set_offs: tuple[SetOffSeen, ...] = ()
    unnamed_notes: tuple[SetOffSeen, ...] = ()
    perhaps_returned: Sequence[PerhapsReturned] = ()


def explain_invoice(
    *, invoice: Invoice, reader: Software | None = None, office: AccountingOffice | None = None
) -> Explanation:
    """Look at an invoice and at the loose money that could be for it, with a number of queries that does not grow.

    To a software as its `reader`, invoices that it did not send are not named, and nothing is suggested for them. An
    `office` is told of loose money in the statements that it may see.
    """
    allocations = list(list_allocations(invoice=invoice))
    ((_company_id, candidate),) = read_candidates(Invoice.objects.filter(pk=invoice.pk))
    is_owed = invoice.state == InvoiceState.ACCEPTED and invoice.document_type == DocumentType.INVOICE
    notes = look_at_notes(invoice, has_reader=reader is not None or office is not None)
    statements = list_company_statements(company_id=invoice.company_id, office=office)
    back = find_perhaps_returned(allocations)
    if office is not None:
        back = _seen(back, statements)
    movements = _find_payments(invoice, candidate, statements) if is_owed else []
    looked = _look_at(invoice, candidate, movements) if movements else []
    told = [line for _movement, line, _suggestion in looked][:TOLD]
    lines = explain(_standing(invoice, candidate, allocations, statements, notes, back), told)
    suggestions = tuple(_suggested(invoice, candidate, looked))
    if reader is not None:
        sent = _sent_numbers(invoice, lines, suggestions, reader)
        lines = tuple(_without_others(line, sent) for line in lines)
        suggestions = tuple(row for row in suggestions if sent.issuperset(row.others))
    return Explanation(
        open_amount=max(candidate.still_open, NOTHING),
        allocations=allocations,
        suggestions=suggestions,
        sentences=tuple(sentence_of(line, invoice.currency) for line in lines),
        set_offs=notes.set_offs if reader is None else tuple(row for row in notes.set_offs if row.number in sent),
        unnamed_notes=notes.unnamed,
        perhaps_returned=back,
    )


def _seen(back: Sequence[PerhapsReturned], statements: QuerySet[Statement]) -> list[PerhapsReturned]:
    """Keep those whose debit stands in a statement that the reader may see."""
    asked = {row.debit.statement_id for row in back}
    seen = set(statements.filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    return [row for row in back if row.debit.statement_id in seen]


def _sent_numbers(
    invoice: Invoice, lines: Sequence[Line], suggestions: Sequence[Suggested], reader: Software
) -> set[str]:
    """Return which of the invoices that would be named the reader sent."""
    named = {number for row in suggestions for number in row.others}
    for line in lines:
        numbers = line.particulars.get("numbers", ())
        named.update(numbers if isinstance(numbers, tuple) else ())
        named.add(str(line.particulars.get("note", ANOTHER)))
    sent = Invoice.objects.filter(company_id=invoice.company_id, number__in=named, arrivals__software=reader)
    return set(sent.values_list("number", flat=True)) if named else set()


def _without_others(line: Line, sent: set[str]) -> Line:
    numbers = line.particulars.get("numbers")
    if line.particulars.get("note", ANOTHER) not in {ANOTHER, *sent}:
        return replace(line, particulars={**line.particulars, "note": ANOTHER})
    if not isinstance(numbers, tuple) or sent.issuperset(numbers):
        return line
    shown = (*(number for number in numbers if number in sent), ANOTHER)
    return replace(line, particulars={**line.particulars, "numbers": shown})


def _standing(
    invoice: Invoice,
    candidate: Candidate,
    allocations: Sequence[Allocation],
    statements: QuerySet[Statement],
    notes: NotesSeen,
    back: Sequence[PerhapsReturned],
) -> Standing:
    settlement = standing_settlement(invoice=invoice)
    excess = LooseMoney.objects.filter(movement__in={row.movement_id for row in allocations})
    return Standing(
        invoice=candidate,
        state=invoice.state,
        payment_state=invoice.payment_state,
        is_note=invoice.document_type == DocumentType.CREDIT_NOTE,
        booked=tuple(_book(allocations)),
        settled=(settlement.way, settlement.settled_on, settlement.reason) if settlement else None,
        notes=notes.noted,
        perhaps_returned=tuple(
            Booked(
                amount=row.payment.amount,
                currency=row.payment.currency,
                payer=row.payment.counterparty_name,
                paid_on=row.payment.entry_on,
                moved_on=row.debit.entry_on,
            )
            for row in back
        ),
        excess=excess.aggregate(total=Sum("amount"))["total"] or NOTHING,
        seen_until=statements.aggregate(day=Max("new_balance_on"))["day"],
    )


def _book(allocations: Sequence[Allocation]) -> Iterator[Booked]:
    """Yield the rows of the ledger; what takes back tells of the payment that it takes back."""
    undone = {row.undoes_id for row in allocations}
    taken_back = {row.reverses_id for row in allocations if row.reverses_id and row.pk not in undone}
    originals = Movement.objects.in_bulk(taken_back)
    for row in allocations:
        is_return = row.rule == Rule.REVERSAL
        payment = originals.get(row.reverses_id, row.movement) if is_return else row.movement
        yield Booked(
            amount=row.amount,
            currency=payment.currency,
            payer=payment.counterparty_name,
            paid_on=payment.entry_on,
            moved_on=row.movement.entry_on if is_return else brussels_day(row.created_at),
            difference=row.difference,
            difference_kind=row.difference_kind,
            sent=row.paid if row.is_exchange else None,
            is_return=is_return,
            is_undoing=row.rule == Rule.UNDONE,
            is_undone=row.pk in undone or (not is_return and row.movement_id in taken_back),
        )


def _find_payments(invoice: Invoice, candidate: Candidate, statements: QuerySet[Statement]) -> list[Movement]:
    """Return loose payments that could be for an invoice, newest first; for one that is paid only what names it."""
    loose = LooseMoney.objects.filter(company_id=invoice.company_id).order_by("-entry_on", "-movement")
    names = {squeeze(candidate.number), candidate.reference, *_slips_of(candidate.reference)} - {""}
    found = list(loose.filter(names__overlap=sorted(names)).values_list("movement", flat=True)[:LOOKED_AT])
    if candidate.is_open:
        since = loose.filter(entry_on__gte=invoice.issue_date - EARLIEST)
        for way in _ways_to(invoice, candidate):
            found += since.filter(way).values_list("movement", flat=True)[:LOOKED_AT]
    ids = list(dict.fromkeys(found))[:LOOKED_AT]
    shown = Movement.objects.filter(pk__in=ids, statement__in=statements)
    return list(shown.select_related("statement").order_by("-entry_on", "-pk"))


def _ways_to(invoice: Invoice, candidate: Candidate) -> Iterator[Q]:
    """Yield what loose money an open invoice is looked for by, besides its names: each way has its own index."""
    yield Q(amount=candidate.still_open)
    yield Q(
        movement__company_id=invoice.company_id,
        movement__original_amount=candidate.still_open,
        movement__original_currency=invoice.currency,
    )
    if accounts := accounts_of(company_id=invoice.company_id, invoice=candidate):
        yield Q(movement__counterparty_iban__in=accounts)
    words = [word for word in words_of(candidate.customer_name) if len(word) >= _TELLING_WORD]
    if words:
        telling = max(words, key=lambda word: (len(word), word))
        yield Q(movement__company_id=invoice.company_id, movement__counterparty_name__icontains=telling)


def _slips_of(reference: str) -> set[str]:
    """Return every way to write a Belgian reference with one slip: some 260."""
    if not (len(reference) == _BELGIAN and reference.isdecimal()):
        return set()
    cut = [(reference[:at], reference[at:]) for at in range(len(reference) + 1)]
    missing = {left + right[1:] for left, right in cut if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cut if len(right) > 1}
    wrong = {left + digit + right[1:] for (left, right), digit in product(cut, digits) if right}
    too_many = {left + digit + right for (left, right), digit in product(cut, digits)}
    return (missing | swapped | wrong | too_many) - {reference}


_Looked = tuple[Movement, Line, Suggestion | None]


def _look_at(invoice: Invoice, candidate: Candidate, movements: Sequence[Movement]) -> list[_Looked]:
    """Ask the rules about some payments, and keep those that concern the invoice, the likeliest first."""
    payments = read_payments(movements)
    around = look_around(company_id=invoice.company_id, payments=payments, beside=[invoice.pk])
    looked = [
        (movement, *_ask(payment, candidate, around)) for movement, payment in zip(movements, payments, strict=True)
    ]
    about = [(movement, line, suggestion) for movement, line, suggestion in looked if line is not None]
    return sorted(about, key=lambda row: (row[1].code is not Cause.COMING, -row[2].score if row[2] else 0))


def _ask(payment: Payment, candidate: Candidate, around: Surroundings) -> tuple[Line | None, Suggestion | None]:
    candidates = around.candidates_for(payment, beside=candidate)
    decision = decide(payment, candidates, around.memory)
    reading = read_payment(payment, candidates, around.memory)
    about = [suggestion for suggestion in decision.suggestions if candidate.id in suggestion.invoice_ids]
    cause = find_cause(reading, candidate, decision, candidates, around.memory)
    return cause, max(about, key=lambda suggestion: suggestion.score, default=None)


def _suggested(invoice: Invoice, candidate: Candidate, looked: Sequence[_Looked]) -> Iterator[Suggested]:
    """Yield what is suggested, likeliest first; of several invoices together, each gets what is open of it."""
    found = [(movement, suggestion) for movement, _line, suggestion in looked if suggestion]
    ids = {pk for _movement, suggestion in found for pk in suggestion.invoice_ids} - {invoice.pk}
    numbers: Mapping[int, str] = dict(Invoice.objects.filter(pk__in=ids).values_list("pk", "number"))
    for movement, suggestion in found:
        others = tuple(numbers[pk] for pk in suggestion.invoice_ids if pk != invoice.pk)
        amount = suggestion.amount if suggestion.is_changed else min(suggestion.amount, candidate.still_open)
        yield Suggested(movement, amount, suggestion, others)
