"""What a person could assign a payment to, likeliest first, each with the criteria met and failed.

Points are for ranking; which of them alone are enough to be shown was set by the labelled cases (`cases`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from apps.reconciliation.matching.converting import as_sent
from apps.reconciliation.matching.names import is_mentioned, likeness
from apps.reconciliation.matching.reading import SAME_NAME, Reading, explain_difference
from apps.reconciliation.matching.sums import sums_of
from apps.reconciliation.matching.values import Candidate, Criterion, Memory, Payment, Suggestion
from apps.reconciliation.matching.writing import could_name

MOST_SUGGESTED: Final = 5
# Below this a suggestion is a guess, and none is better.
ENOUGH: Final = 30
# What tells of an invoice by itself; without any of them the amount must agree.
_TELLING: Final = frozenset({"reference", "reference_slip", "number", "number_perhaps", "numbers"})
_AMOUNTS: Final = frozenset({"amount", "amount_original", "amount_explained", "amount_part", "sum"})
_FRACTIONS: Final = (2, 3, 4)


def suggest(reading: Reading, candidates: Sequence[Candidate], memory: Memory) -> tuple[Suggestion, ...]:
    """Return at most five suggestions for what is loose of a payment, in its currency and in the one that was sent."""
    payment = reading.payment
    allowed = [c for c in candidates if c.is_open and memory.allows(payment, c)]
    is_open = [c for c in allowed if c.currency == payment.currency]
    found = [*_singly(reading, is_open), *_several(reading, is_open)]
    if sent := as_sent(payment):
        found += _as_sent(replace(reading, payment=sent), payment, [c for c in allowed if c.currency == sent.currency])
    shown = [s for s in found if _is_worth_showing(s)]
    return tuple(sorted(shown, key=lambda s: (-s.score, len(s.invoice_ids), s.invoice_ids))[:MOST_SUGGESTED])


def _singly(reading: Reading, is_open: Sequence[Candidate]) -> list[Suggestion]:
    exact = sum(1 for c in is_open if c.still_open == reading.payment.loose)
    return [_judge(reading, c, is_common=exact > 1) for c in is_open]


def _as_sent(reading: Reading, credited: Payment, is_open: Sequence[Candidate]) -> Iterator[Suggestion]:
    """Yield what takes all of a payment as it was sent, read so: it would be given what the bank credited."""
    sent = reading.payment
    for suggestion in _singly(reading, is_open):
        if suggestion.amount == sent.loose:
            criteria = tuple(_in_sent_currency(each, sent.currency) for each in suggestion.criteria)
            yield replace(suggestion, amount=credited.loose, criteria=criteria, is_changed=True)


def _in_sent_currency(criterion: Criterion, currency: str) -> Criterion:
    if criterion.name not in _AMOUNTS:
        return criterion
    name = "amount_original" if criterion.name == "amount" else criterion.name
    return replace(criterion, name=name, particulars={**criterion.particulars, "sent_in": currency})


def _is_worth_showing(suggestion: Suggestion) -> bool:
    met = {criterion.name for criterion in suggestion.criteria if criterion.is_met}
    return suggestion.score >= ENOUGH and bool(met & _TELLING or met & _AMOUNTS)


def _judge(reading: Reading, candidate: Candidate, *, is_common: bool) -> Suggestion:
    criteria = (
        _reference(reading, candidate),
        _number(reading, candidate),
        _amount(reading, candidate, is_common=is_common),
        _account(reading, candidate),
        _name(reading, candidate),
    )
    amount = min(reading.payment.loose, candidate.still_open)
    return Suggestion((candidate.id,), amount, sum(c.points for c in criteria), criteria)


def _reference(reading: Reading, candidate: Candidate) -> Criterion:
    if candidate.reference and candidate.reference in reading.references:
        return Criterion("reference", is_met=True, points=60, particulars={"reference": candidate.reference})
    if candidate in reading.by_slip:
        return Criterion("reference_slip", is_met=True, points=45, particulars={"reference": candidate.reference})
    if reading.references:
        return Criterion(
            "reference_of_another", is_met=False, points=-20, particulars={"reference": reading.references[0]}
        )
    return Criterion("reference", is_met=False, points=0, particulars={"reference": candidate.reference})


def _number(reading: Reading, candidate: Candidate) -> Criterion:
    is_met = candidate in reading.by_number or candidate in reading.by_end_to_end
    if not is_met and could_name(reading.writing, candidate.number):
        return Criterion("number_perhaps", is_met=True, points=20, particulars={"number": candidate.number})
    return Criterion("number", is_met=is_met, points=45 if is_met else 0, particulars={"number": candidate.number})


def _amount(reading: Reading, candidate: Candidate, *, is_common: bool) -> Criterion:
    payment = reading.payment
    particulars = {"amount": str(payment.loose), "open": str(candidate.still_open)}
    if payment.loose == candidate.still_open:
        return Criterion("amount", is_met=True, points=20 if is_common else 30, particulars=particulars)
    if explain_difference(payment, candidate, payment.loose):
        return Criterion("amount_explained", is_met=True, points=25, particulars=particulars)
    if payment.loose < candidate.still_open:
        is_part = is_instalment(payment.loose, candidate.payable)
        return Criterion("amount_part", is_met=is_part, points=15 if is_part else 5, particulars=particulars)
    return Criterion("amount", is_met=False, points=0, particulars=particulars)


def is_instalment(amount: Decimal, payable: Decimal) -> bool:
    """Tell whether an amount is a half, a third or a quarter of an invoice, cents aside."""
    return any(abs(amount * count - payable) <= Decimal("0.01") * count for count in _FRACTIONS)


def _account(reading: Reading, candidate: Candidate) -> Criterion:
    if candidate.customer in reading.customers:
        return Criterion("account", is_met=True, points=25)
    if reading.customers:
        return Criterion("account_of_another", is_met=False, points=-10)
    return Criterion("account", is_met=False, points=0)


def _name(reading: Reading, candidate: Candidate) -> Criterion:
    share = likeness(reading.payment.payer_name, candidate.customer_name)
    particulars = {"payer": reading.payment.payer_name, "customer": candidate.customer_name}
    if share >= SAME_NAME:
        return Criterion("name", is_met=True, points=25, particulars=particulars)
    if is_mentioned(candidate.customer_name, reading.payment.text):
        return Criterion("name_in_text", is_met=True, points=20, particulars=particulars)
    return Criterion("name", is_met=False, points=10 if share >= SAME_NAME / 2 else 0, particulars=particulars)


def _several(reading: Reading, is_open: Sequence[Candidate]) -> list[Suggestion]:
    """Return sets of one customer's open invoices that are together exactly the amount."""
    concerned = {c.customer for c in is_open if _is_concerned(reading, c)}
    found = []
    for customer in sorted(concerned):
        of_customer = [c for c in is_open if c.customer == customer]
        for several in sums_of(of_customer, reading.payment.loose):
            shares = [_account(reading, several[0]), _name(reading, several[0])]
            named = [c for c in several if c in reading.named or c in reading.by_slip]
            total = Criterion(
                "sum",
                is_met=True,
                points=25,
                particulars={"amount": str(reading.payment.loose), "count": str(len(several))},
            )
            numbers = Criterion(
                "numbers",
                is_met=bool(named),
                points=30 * len(named) // len(several),
                particulars={"count": str(len(named))},
            )
            criteria = (total, numbers, *shares)
            ids = tuple(c.id for c in several)
            found.append(Suggestion(ids, reading.payment.loose, sum(c.points for c in criteria), criteria))
    return found


def _is_concerned(reading: Reading, candidate: Candidate) -> bool:
    return (
        candidate.customer in reading.customers
        or candidate in reading.named
        or candidate in reading.by_slip
        or _name(reading, candidate).is_met
    )
