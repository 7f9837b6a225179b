"""Why an invoice stands as it does; `causes` says why a payment that could be for it is not given to it by itself.

Plain lines with their particulars; the words are the reader's (`apps.reconciliation.explanations`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from apps.reconciliation.matching.values import Candidate
from apps.reconciliation.rules import NOTHING

# Amounts called `amount` are in the payment's currency, others in the invoice's. A tuple of texts is a list of invoice
# numbers; among them, an invoice that the reader may not see stands as this.
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
    PART_OF_SUM = "part_of_sum"
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
