"""What a payment certainly pays, in the order of the rules (product page, "What makes a match certain").

1. what the payment names: references, end-to-end ids and full numbers: of one invoice, or of several with their sum;
2. a reused reference, oldest first, where the company allows it;
3. the exact amount, from an account that has paid for the customer before: one open invoice fitting;
4. the same with a reference that is one slip away.

What names an invoice in another currency is looked at as it was sent, where the bank tells (`converting`).

Whatever contradicts makes it uncertain, and then people get suggestions (`suggestions`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from apps.reconciliation.matching.converting import as_credited, as_sent
from apps.reconciliation.matching.names import is_mentioned
from apps.reconciliation.matching.reading import Reading, explain_difference, is_name_of, read_payment
from apps.reconciliation.matching.suggestions import suggest
from apps.reconciliation.matching.sums import oldest_that_sum, sums_of
from apps.reconciliation.matching.values import (
    Assignment,
    Candidate,
    Decision,
    Memory,
    Payment,
    Reason,
)
from apps.reconciliation.matching.writing import could_name, is_one_slip_away, squeeze
from apps.reconciliation.rules import NOTHING, Rule

# A number is known, and paid by, so long before the date on the invoice at most: others count from one again each year.
EARLIEST: Final = timedelta(days=7)

_NOTHING_TO_SUGGEST: Final = frozenset({Reason.NOT_A_CUSTOMERS_PAYMENT, Reason.NOTHING_LOOSE})

_Outcome = tuple[Assignment, ...] | Reason


def decide(payment: Payment, candidates: Sequence[Candidate], memory: Memory) -> Decision:
    """Return what is certain about a payment; when nothing is, the reason and the ranked suggestions.

    `candidates` are the company's invoices that the payment could touch: those it may name, paid ones included, and
    all open ones of the customers concerned. More candidates never make an uncertain match certain by themselves.
    """
    reading = read_payment(payment, candidates, memory)
    outcome = _find_certain(reading, candidates, memory)
    if isinstance(outcome, tuple):
        return Decision(assignments=outcome)
    if outcome in _NOTHING_TO_SUGGEST:
        return Decision(reason=outcome)
    if outcome is Reason.ALREADY_PAID and _is_paid_again(reading):
        return Decision(reason=outcome)
    return Decision(reason=outcome, suggestions=suggest(reading, candidates, memory))


def find_certain(payment: Payment, candidates: Sequence[Candidate], memory: Memory) -> tuple[Assignment, ...]:
    """Return what is certain about a payment, as `decide` does, without looking for what else could be suggested."""
    outcome = _find_certain(read_payment(payment, candidates, memory), candidates, memory)
    return outcome if isinstance(outcome, tuple) else ()


def _find_certain(reading: Reading, candidates: Sequence[Candidate], memory: Memory) -> _Outcome:
    payment = reading.payment
    if not payment.is_a_customers:
        return Reason.NOT_A_CUSTOMERS_PAYMENT
    if payment.loose <= NOTHING:
        return Reason.NOTHING_LOOSE
    if payment.is_in_hand:
        return Reason.IN_HAND
    credited = _judge(reading, candidates, memory)
    sent = as_sent(payment) if credited is Reason.OTHER_CURRENCY else None
    if sent is None:
        return credited
    outcome = _judge(replace(reading, payment=sent), candidates, memory)
    return as_credited(payment, outcome) or credited if isinstance(outcome, tuple) else outcome


def _judge(reading: Reading, candidates: Sequence[Candidate], memory: Memory) -> _Outcome:
    """Judge a payment in the currency that it is read in."""
    if reading.named:
        return _pay_named(reading, candidates, memory)
    if reading.references:
        ruled_out = any(c.reference in reading.references for c in candidates)
        return Reason.NEVER_FOR_THIS_CUSTOMER if ruled_out else Reason.UNKNOWN_REFERENCE
    return _pay_by_account(reading, [c for c in candidates if memory.allows(reading.payment, c)])


def _is_paid_again(reading: Reading) -> bool:
    """A reference, which no slip makes another's, and its whole amount: shown as such, and nothing else's money."""
    by_reference = [invoice for invoices in reading.by_reference.values() for invoice in invoices]
    paid = {reading.payment.amount, reading.payment.original_amount}
    return any(invoice.payable in paid for invoice in by_reference)


def _pay_named(reading: Reading, candidates: Sequence[Candidate], memory: Memory) -> _Outcome:
    """Pay what is named; everything named must be explained by the amount, or nothing is certain."""
    payment = reading.payment
    if any(invoice.currency != payment.currency for invoice in reading.named):
        return Reason.OTHER_CURRENCY
    if reading.unknown_references:
        return Reason.UNKNOWN_REFERENCE
    if any(len(invoices) > 1 for invoices in reading.by_reference.values()):
        return _pay_reused(reading, candidates, memory)
    unpaid = [invoice for invoice in reading.named if invoice.before_notes > NOTHING]
    if len(unpaid) < len(reading.named):
        return Reason.ALREADY_PAID
    return _pay_several(payment, unpaid) if len(unpaid) > 1 else _pay_one(reading, unpaid[0], candidates)


def _pay_reused(reading: Reading, candidates: Sequence[Candidate], memory: Memory) -> _Outcome:
    """Pay what is named by a reference that several invoices have: what credit notes took away is not meant."""
    is_open = [invoice for invoice in reading.named if invoice.is_open]
    if not is_open:
        return Reason.ALREADY_PAID
    if len(is_open) > 1 or memory.oldest_first:
        return _pay_oldest(reading, is_open, memory)
    return _pay_one(reading, is_open[0], candidates)


def _pay_oldest(reading: Reading, is_open: list[Candidate], memory: Memory) -> _Outcome:
    customers = {invoice.customer for invoice in is_open}
    is_one_reference = len(reading.references) == 1 and not reading.by_number
    if not memory.oldest_first or len(customers) > 1 or not is_one_reference:
        return Reason.SEVERAL_FIT
    oldest = oldest_that_sum(is_open, reading.payment.loose)
    if not oldest:
        return Reason.SUM_DIFFERS
    return tuple(Assignment(invoice.id, invoice.still_open, Rule.OLDEST_FIRST) for invoice in oldest)


def _pay_several(payment: Payment, invoices: list[Candidate]) -> _Outcome:
    """Pay several exactly: what is open of them, or what was before credit notes took something away."""
    after, before = ([c.still_open for c in invoices], [c.before_notes for c in invoices])
    for amounts in (after, before):
        if sum(amounts, NOTHING) == payment.loose:
            shares = [(c.id, amount) for c, amount in zip(invoices, amounts, strict=True) if amount > NOTHING]
            return tuple(Assignment(pk, amount, Rule.SEVERAL_INVOICES) for pk, amount in shares)
    return Reason.SUM_DIFFERS


def _pay_one(reading: Reading, invoice: Candidate, candidates: Sequence[Candidate]) -> _Outcome:
    payment = reading.payment
    if payment.loose != invoice.still_open and _fits_others(payment, invoice, candidates):
        return Reason.AMOUNT_FITS_ANOTHER
    given = min(payment.loose, invoice.before_notes)
    difference = explain_difference(payment, invoice, given)
    by_reference = any(invoice in invoices for invoices in reading.by_reference.values())
    if by_reference or invoice in reading.by_end_to_end:
        rule = Rule.STRUCTURED_COMMUNICATION if by_reference else Rule.END_TO_END
        return (Assignment(invoice.id, given, rule, difference),)
    if payment.loose not in (invoice.still_open, invoice.before_notes):
        return Reason.AMOUNT_DIFFERS
    if payment.entered_on < invoice.issued_on - EARLIEST or _is_another_customers(reading, invoice, candidates):
        return Reason.NAMES_ANOTHER
    return (Assignment(invoice.id, given, Rule.INVOICE_NUMBER),)


def _is_another_customers(reading: Reading, named: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Tell whether the payer is another customer with an invoice of that amount: a slip makes one number another.

    A payer may be both, as customers have one name, or one pays for another. Then one slip must not make the one number
    the other, unless the text tells them apart.
    """
    text, number = reading.payment.text, squeeze(named.number)
    is_customers, is_told = _is_payers(reading, named), is_mentioned(named.customer_name, text)
    return any(
        c.customer != named.customer
        and c.still_open == reading.payment.loose
        and _is_payers(reading, c)
        and not (is_customers and is_told and not is_mentioned(c.customer_name, text))
        and (not is_customers or is_one_slip_away(squeeze(c.number), number))
        for c in candidates
    )


def _is_payers(reading: Reading, invoice: Candidate) -> bool:
    """Tell whether an invoice is of the customer from whom, or in whose name, a payment comes."""
    payment = reading.payment
    return (
        invoice.customer in reading.customers
        or is_name_of(payment, invoice)
        or is_mentioned(invoice.customer_name, payment.text)
    )


def _fits_others(payment: Payment, named: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Tell whether the amount is another open invoice of that customer, or several, the named one among them."""
    same = [c for c in candidates if c.is_open and c.customer == named.customer and c.currency == payment.currency]
    if any(c.id != named.id and c.still_open == payment.amount for c in same):
        return True
    return bool(sums_of(same, payment.amount))


def _pay_by_account(reading: Reading, candidates: Sequence[Candidate]) -> _Outcome:
    payment = reading.payment
    if not reading.customers:
        return Reason.NO_EVIDENCE
    fitting = [
        c
        for c in candidates
        if c.is_open
        and c.customer in reading.customers
        and c.currency == payment.currency
        and c.still_open == payment.loose
        and c.issued_on <= payment.entered_on
    ]
    if not fitting:
        return Reason.AMOUNT_DIFFERS
    if reading.writing.slips:
        return _pay_by_slip(reading, fitting)
    doubtful = [c for c in candidates if c.customer in reading.customers and could_name(reading.writing, c.number)]
    if any(invoice not in fitting for invoice in doubtful) or _means_another_customer(reading, fitting[0], candidates):
        return Reason.NAMES_ANOTHER
    if len(fitting) > 1 or _is_sum_of_others(reading, candidates):
        return Reason.SEVERAL_FIT
    return (Assignment(fitting[0].id, payment.loose, Rule.KNOWN_ACCOUNT),)


def _means_another_customer(reading: Reading, fitting: Candidate, candidates: Sequence[Candidate]) -> bool:
    """Tell whether the text or the payer's name is that of another customer who owes something.

    Somebody pays for a relative or a friend now and then; the accounts of families are known for several.
    """
    payment = reading.payment
    others = [c for c in candidates if c.is_open and c.customer != fitting.customer]
    if any(is_mentioned(c.customer_name, payment.text) for c in others):
        return True
    return not is_name_of(payment, fitting) and any(
        c.still_open == payment.loose and is_name_of(payment, c) for c in others
    )


def _is_sum_of_others(reading: Reading, candidates: Sequence[Candidate]) -> bool:
    """Tell whether several invoices of one customer whom the account pays for are the amount together."""
    payment = reading.payment
    same = [c for c in candidates if c.is_open and c.currency == payment.currency]
    return any(
        sums_of([c for c in same if c.customer == customer], payment.loose) for customer in sorted(reading.customers)
    )


def _pay_by_slip(reading: Reading, fitting: list[Candidate]) -> _Outcome:
    """A reference with wrong check digits decides only where amount and account agree with it."""
    meant = [invoice for invoice in fitting if invoice in reading.by_slip]
    if len(meant) != 1 or any(invoice.is_open and invoice not in meant for invoice in reading.by_slip):
        return Reason.SEVERAL_FIT if meant else Reason.NAMES_ANOTHER
    return (Assignment(meant[0].id, reading.payment.loose, Rule.REPAIRED_REFERENCE),)
