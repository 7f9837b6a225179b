"""Why an invoice stands as it does, and why a payment that could be for it is not given to it by itself.

Plain lines with their particulars; the words are the reader's (`apps.reconciliation.explanations`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from apps.reconciliation.matching.converting import as_sent
from apps.reconciliation.matching.decision import EARLIEST
from apps.reconciliation.matching.names import is_mentioned
from apps.reconciliation.matching.reading import Reading, is_name_of
from apps.reconciliation.matching.suggestions import is_instalment
from apps.reconciliation.matching.sums import sums_of
from apps.reconciliation.matching.values import Candidate, Decision, Memory, Reason
from apps.reconciliation.matching.writing import names_in_full
from apps.reconciliation.rules import NOTHING

# A tuple of texts is a list of invoice numbers; amounts called `amount` are in the payment's currency, others in the
# invoice's.
# Among them, an invoice that the reader may not see stands as this.
ANOTHER: Final = ""
Value = str | Decimal | date | tuple[str, ...]


class Fact(StrEnum):
    """What there is to say of an invoice itself."""

    BEING_CHECKED = "being_checked"
    REFUSED = "refused"
    NOTE_OPEN = "note_open"
    NOTE_REST = "note_rest"
    NOTE_AGAINST = "note_against"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    OVERPAID = "overpaid"
    NOTHING_TO_PAY = "nothing_to_pay"
    SETTLED = "settled"
    SET_OFF = "set_off"
    CREDITED = "credited"
    NOTE_TOOK = "note_took"
    NOTE_LEFT = "note_left"
    NOTE_OF_ANOTHER = "note_of_another"
    NOTE_OTHER_CURRENCY = "note_other_currency"
    NOTE_IN_HAND = "note_in_hand"
    NOTE_UNNAMED = "note_unnamed"
    DIFFERENCE = "difference"
    RETURNED = "returned"
    UNDONE = "undone"
    PERHAPS_RETURNED = "perhaps_returned"
    NO_STATEMENTS = "no_statements"
    NOTHING_CAME = "nothing_came"
    RECOGNISED_BY_REFERENCE = "recognised_by_reference"
    RECOGNISED_BY_NUMBER = "recognised_by_number"


class Cause(StrEnum):
    """Why a payment was not given to an invoice by itself."""

    COMING = "coming"
    RULED_OUT = "ruled_out"
    IN_HAND = "in_hand"
    OTHER_CURRENCY = "other_currency"
    PAID_TWICE = "paid_twice"
    NAMES_PAID = "names_paid"
    NAMES_OTHERS = "names_others"
    UNKNOWN_REFERENCE = "unknown_reference"
    REFERENCE_SLIP = "reference_slip"
    SHARED_REFERENCE = "shared_reference"
    FITS_OTHERS = "fits_others"
    SUM_DIFFERS = "sum_differs"
    NUMBER_OTHER_AMOUNT = "number_other_amount"
    TOO_EARLY = "too_early"
    ANOTHER_CUSTOMER = "another_customer"
    SAME_AMOUNT = "same_amount"
    TEXT_OF_ANOTHER = "text_of_another"
    ACCOUNT_OF_ANOTHER = "account_of_another"
    NAME_AND_AMOUNT = "name_and_amount"
    ONLY_AMOUNT = "only_amount"
    INSTALMENT = "instalment"
    OTHER_AMOUNT = "other_amount"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say. With `paid_on` among the particulars it is about a payment, told by its amount and payer."""

    code: Fact | Cause
    particulars: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Booked:
    """One row of the ledger about the invoice: money given, or taken back by the bank or a person on `moved_on`.

    `sent` is what the bank changed into it, in the invoice's currency.
    """

    amount: Decimal
    currency: str
    payer: str
    paid_on: date
    moved_on: date
    difference: Decimal = NOTHING
    difference_kind: str = ""
    sent: Decimal | None = None
    is_return: bool = False
    is_undoing: bool = False
    is_undone: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing to say of a credit note (its number; `ANOTHER` where the reader may not see it) and an amount of it."""

    fact: Fact
    number: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an invoice: its states, what was booked, and what else closed it.

    `settled` are the way, day and reason of a settlement by hand; `notes` what there is to say of credit notes about
    it, or of a credit note, what it took of which invoices; `perhaps_returned` payments with the day on which the same
    amount left again; `excess` what was paid beyond it; `seen_until` the day of
    the company's newest statement.
    """

    invoice: Candidate
    state: str
    payment_state: str
    is_note: bool = False
    booked: tuple[Booked, ...] = ()
    settled: tuple[str, date, str] | None = None
    notes: tuple[Noted, ...] = ()
    perhaps_returned: tuple[Booked, ...] = ()
    excess: Decimal = NOTHING
    seen_until: date | None = None


_CLOSED: Final = {"settled": Fact.SETTLED, "credited": Fact.SET_OFF}
_NOT_YET: Final = {"received": Fact.BEING_CHECKED, "rejected": Fact.REFUSED}


def explain(standing: Standing, causes: Sequence[Line]) -> tuple[Line, ...]:
    """Return what there is to say: how the invoice stands, what happened, each payment, and what would be recognised.

    `causes` are those of the loose payments that were looked at, in the order in which they are shown.
    """
    if standing.state in _NOT_YET:
        return (Line(_NOT_YET[standing.state]),)
    if standing.is_note:
        return tuple(_of_note(standing))
    lines = [*_closing(standing), *_happened(standing), *causes]
    if standing.invoice.is_open and standing.payment_state in ("open", "partially_paid"):
        lines += _awaited(standing, is_anything_there=bool(causes))
    return tuple(lines)


def _of_note(standing: Standing) -> list[Line]:
    lines = [Line(row.fact, {"amount": row.amount, "numbers": (row.number,)}) for row in standing.notes]
    if standing.payment_state != "open":
        return [*lines, *(_closing(standing) if standing.settled or not lines else ())]
    rest = Line(Fact.NOTE_REST, {"rest": standing.invoice.still_open}) if lines else Line(Fact.NOTE_OPEN)
    return [*lines, rest]


def _closing(standing: Standing) -> list[Line]:
    invoice, given = standing.invoice, _standing_gifts(standing)
    if standing.payment_state in _CLOSED and standing.settled:
        way, day, why = standing.settled
        return [Line(_CLOSED[standing.payment_state], {"way": way, "day": day, "reason": why})]
    if invoice.payable <= NOTHING:
        return [Line(Fact.NOTHING_TO_PAY)]
    if standing.payment_state == "credited":
        return [Line(Fact.CREDITED)]
    if standing.payment_state == "partially_paid":
        covered = sum((row.amount + row.difference for row in standing.booked), NOTHING)
        return [Line(Fact.PARTLY_PAID, {"covered": covered, "payable": invoice.payable, "open": invoice.still_open})]
    lines = [Line(Fact.PAID, _payment_of(row)) for row in given] if standing.payment_state != "open" else []
    if standing.payment_state == "overpaid":
        lines.append(Line(Fact.OVERPAID, {"excess": standing.excess}))
    return lines


def _happened(standing: Standing) -> list[Line]:
    lines = [
        Line(Fact.DIFFERENCE, {"difference": row.difference, "kind": row.difference_kind})
        for row in _standing_gifts(standing)
        if row.difference and row.sent is None
    ]
    for row in standing.booked:
        if row.is_return and not row.is_undone:
            lines.append(Line(Fact.RETURNED, {**_payment_of(row), "day": row.moved_on}))
        elif row.is_undoing and row.amount < NOTHING:
            lines.append(Line(Fact.UNDONE, {**_payment_of(row), "day": row.moved_on}))
    lines += [
        Line(Fact.PERHAPS_RETURNED, {**_payment_of(row), "day": row.moved_on}) for row in standing.perhaps_returned
    ]
    lines += [Line(row.fact, {"note": row.number, "rest": row.amount}) for row in standing.notes]
    return lines


def _standing_gifts(standing: Standing) -> list[Booked]:
    return [row for row in standing.booked if row.amount > NOTHING and not row.is_undone and not row.is_undoing]


def _payment_of(row: Booked) -> dict[str, Value]:
    told: dict[str, Value] = {"amount": abs(row.amount), "currency": row.currency}
    if row.sent is not None:
        told["sent"] = abs(row.sent)
    return {**told, "payer": row.payer, "paid_on": row.paid_on}


def _awaited(standing: Standing, *, is_anything_there: bool) -> list[Line]:
    invoice = standing.invoice
    if standing.seen_until is None:
        return [Line(Fact.NO_STATEMENTS)]
    lines = [] if is_anything_there else [Line(Fact.NOTHING_CAME, {"day": standing.seen_until})]
    code = Fact.RECOGNISED_BY_REFERENCE if invoice.reference else Fact.RECOGNISED_BY_NUMBER
    wanted: dict[str, Value] = {"number": invoice.number, "open": invoice.still_open}
    if invoice.reference:
        wanted["reference"] = invoice.reference
    return [*lines, Line(code, wanted)]


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


def _fitting(invoice: Candidate, amount: Decimal, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the customer's other open invoices of an amount; without any, several that are it together."""
    same = [c for c in candidates if c.is_open and c.customer == invoice.customer and c.currency == invoice.currency]
    alone = [c for c in same if c.id != invoice.id and c.still_open == amount]
    return alone or next(iter(sums_of(same, amount)), ())


def _numbers(invoices: Iterable[Candidate]) -> tuple[str, ...]:
    return tuple(invoice.number for invoice in invoices)
