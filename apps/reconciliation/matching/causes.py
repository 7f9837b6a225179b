"""Why a payment that could be for an invoice is not given to it by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from apps.reconciliation.matching.converting import as_sent
from apps.reconciliation.matching.decision import EARLIEST
from apps.reconciliation.matching.explaining import Cause, Line, Value
from apps.reconciliation.matching.names import is_mentioned
from apps.reconciliation.matching.reading import Reading, is_name_of
from apps.reconciliation.matching.suggestions import is_instalment
from apps.reconciliation.matching.sums import sums_of
from apps.reconciliation.matching.values import Candidate, Decision, Memory, Reason
from apps.reconciliation.matching.writing import names_in_full
from apps.reconciliation.rules import NOTHING


def find_cause(
    reading: Reading, invoice: Candidate, decision: Decision, candidates: Sequence[Candidate], memory: Memory
) -> Line | None:
    """Return why a loose payment, read among its candidates, does not pay an invoice; none when it has nothing to do
    with it.
    """
    credited, sent = reading.payment, as_sent(reading.payment)
    if sent and sent.currency == invoice.currency != credited.currency:
        reading = replace(reading, payment=sent)
    found = _find(reading, invoice, decision, candidates, memory)
    if found is None:
        return None
    cause, particulars = found
    about: dict[str, Value] = {
        "amount": credited.loose,
        "currency": credited.currency,
        "payer": credited.payer_name,
        "paid_on": credited.entered_on,
        "open": invoice.still_open,
    }
    if reading.payment is sent and sent is not None:
        about["sent"] = sent.amount
    return Line(cause, {**about, **particulars})


_Found = tuple[Cause, dict[str, Value]]


def _find(
    reading: Reading, invoice: Candidate, decision: Decision, candidates: Sequence[Candidate], memory: Memory
) -> _Found | None:
    payment = reading.payment
    if any(assignment.invoice_id == invoice.id for assignment in decision.assignments):
        return Cause.COMING, {}
    if not memory.allows(payment, invoice):
        return (Cause.RULED_OUT, {}) if _is_near_but_for_payer(reading, invoice) else None
    is_named = invoice in reading.named
    if not (is_named or _is_near(reading, invoice)):
        return None
    if payment.is_in_hand:
        return Cause.IN_HAND, {}
    if payment.currency != invoice.currency:
        return Cause.OTHER_CURRENCY, {"other": invoice.currency}
    if is_named:
        return _of_named(reading, invoice, decision.reason, candidates)
    return _of_others(reading, invoice) or _of_unnamed(reading, invoice, candidates)


def _is_near(reading: Reading, invoice: Candidate) -> bool:
    """Tell whether a payment that does not name an open invoice could be for it: by a slip, the amount or the payer."""
    return invoice.is_open and (
        invoice in reading.by_slip
        or reading.payment.loose == invoice.still_open
        or invoice.customer in reading.customers
        or _has_name(reading, invoice)
    )


def _is_near_but_for_payer(reading: Reading, invoice: Candidate) -> bool:
    """Tell whether a payment of an account that was ruled out could be for an invoice by what else it says."""
    names_it = invoice.reference in reading.references or names_in_full(reading.writing, invoice.number)
    return invoice.is_open and (names_it or reading.payment.loose == invoice.still_open or _has_name(reading, invoice))


def _has_name(reading: Reading, invoice: Candidate) -> bool:
    return is_name_of(reading.payment, invoice) or is_mentioned(invoice.customer_name, reading.payment.text)


def _of_named(
    reading: Reading, invoice: Candidate, reason: Reason | None, candidates: Sequence[Candidate]
) -> _Found | None:
    others = [c for c in reading.named if c.id != invoice.id]
    if not invoice.is_open and (invoice.before_notes <= NOTHING or reason is Reason.ALREADY_PAID):
        return Cause.PAID_TWICE, {}
    if reason is Reason.UNKNOWN_REFERENCE:
        return Cause.UNKNOWN_REFERENCE, {"references": reading.unknown_references}
    if reason is Reason.ALREADY_PAID:
        return Cause.NAMES_PAID, {"numbers": _numbers(c for c in others if not c.is_open)}
    if reason is Reason.SEVERAL_FIT:
        return Cause.SHARED_REFERENCE, {"numbers": _numbers(c for c in others if c.is_open)}
    if reason is Reason.SUM_DIFFERS:
        named = [c for c in reading.named if c.is_open]
        return Cause.SUM_DIFFERS, {"numbers": _numbers(named), "total": sum((c.still_open for c in named), NOTHING)}
    if reason is Reason.AMOUNT_FITS_ANOTHER:
        return Cause.FITS_OTHERS, {"numbers": _numbers(_fitting(invoice, reading.payment.amount, candidates))}
    if reason is Reason.NAMES_ANOTHER:
        if reading.payment.entered_on < invoice.issued_on - EARLIEST:
            return Cause.TOO_EARLY, {"day": invoice.issued_on}
        return Cause.ANOTHER_CUSTOMER, {}
    return Cause.NUMBER_OTHER_AMOUNT, {}


def _of_others(reading: Reading, invoice: Candidate) -> _Found | None:
    """Return what is wrong when the payment names something, and this invoice not."""
    if invoice in reading.by_slip:
        return Cause.REFERENCE_SLIP, {"reference": invoice.reference}
    if reading.unknown_references:
        return Cause.UNKNOWN_REFERENCE, {"references": reading.unknown_references}
    if reading.named:
        paid = [c for c in reading.named if not c.is_open]
        return (Cause.NAMES_PAID if paid else Cause.NAMES_OTHERS), {"numbers": _numbers(paid or reading.named)}
    return None


def _of_unnamed(reading: Reading, invoice: Candidate, candidates: Sequence[Candidate]) -> _Found:
    payment = reading.payment
    is_known, has_name = invoice.customer in reading.customers, _has_name(reading, invoice)
    if payment.loose != invoice.still_open:
        is_more = payment.loose > invoice.still_open and (is_known or has_name)
        if others := _together_with(invoice, payment.loose, candidates) if is_more else ():
            return Cause.PART_OF_SUM, {"numbers": _numbers(others)}
        is_part = payment.loose < invoice.still_open and is_instalment(payment.loose, invoice.payable)
        return (Cause.INSTALMENT if is_part else Cause.OTHER_AMOUNT), {}
    if is_known and payment.entered_on < invoice.issued_on:
        return Cause.TOO_EARLY, {"day": invoice.issued_on}
    rivals = _fitting(invoice, payment.loose, candidates) if is_known or has_name else ()
    if rivals:
        return Cause.SAME_AMOUNT, {"numbers": _numbers(rivals)}
    if is_known:
        return Cause.TEXT_OF_ANOTHER, {}
    if reading.customers:
        return Cause.ACCOUNT_OF_ANOTHER, {}
    return (Cause.NAME_AND_AMOUNT if has_name else Cause.ONLY_AMOUNT), {}


def _together_with(invoice: Candidate, amount: Decimal, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return what else is open of the customer and makes an amount up together with an invoice."""
    found = (several for several in sums_of(_owed_with(invoice, candidates), amount) if invoice in several)
    return [c for c in next(found, ()) if c.id != invoice.id]


def _owed_with(invoice: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    return [c for c in candidates if c.is_open and c.customer == invoice.customer and c.currency == invoice.currency]


def _fitting(invoice: Candidate, amount: Decimal, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the customer's other open invoices of an amount; without any, several that are it together."""
    same = _owed_with(invoice, candidates)
    alone = [c for c in same if c.id != invoice.id and c.still_open == amount]
    return alone or next(iter(sums_of(same, amount)), ())


def _numbers(invoices: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(invoice.number for invoice in invoices)
