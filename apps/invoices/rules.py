"""States of invoices and what their amounts say (product page, "Sales invoice")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from apps.core.money import round_half_up

# The reaction that judges a received version.
JUDGE_TASK: Final = "invoices.judge_invoice"
# The finding on a PDF that holds something which acts by itself.
ACTIVE_CONTENT: Final = "pdf_active_content"


class DocumentType(StrEnum):
    """What a sales document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceState(StrEnum):
    """Where an invoice, or one version of it, stands."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


INVOICE_TRANSITIONS: Final[dict[InvoiceState, frozenset[InvoiceState]]] = {
    InvoiceState.RECEIVED: frozenset({InvoiceState.ACCEPTED, InvoiceState.REJECTED}),
    InvoiceState.ACCEPTED: frozenset(),
    InvoiceState.REJECTED: frozenset(),
}


class PaymentState(StrEnum):
    """What has been paid of an invoice; every step can be taken back."""

    OPEN = "open"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    CREDITED = "credited"
    SETTLED = "settled"


UNPAID: Final = (PaymentState.OPEN, PaymentState.PARTIALLY_PAID)
# Nothing is to be paid any more, though the bank's money does not cover it.
CLOSED_WITHOUT_MONEY: Final = (PaymentState.SETTLED, PaymentState.CREDITED)


class OfficeViewState(StrEnum):
    """What the accounting office has done with an invoice."""

    UNSEEN = "unseen"
    BOOKED = "booked"
    QUESTIONED = "questioned"
    REFUSED = "refused"


# What the office refused is its maker's to correct: an accepted correction puts it before the office again. Nothing
# leads back from the books: from there on a credit note corrects.
OFFICE_VIEW_TRANSITIONS: Final[dict[OfficeViewState, frozenset[OfficeViewState]]] = {
    OfficeViewState.UNSEEN: frozenset({OfficeViewState.BOOKED, OfficeViewState.QUESTIONED, OfficeViewState.REFUSED}),
    OfficeViewState.BOOKED: frozenset(),
    OfficeViewState.QUESTIONED: frozenset({OfficeViewState.BOOKED, OfficeViewState.REFUSED}),
    OfficeViewState.REFUSED: frozenset({OfficeViewState.UNSEEN}),
}


class RemarkKind(StrEnum):
    """What a sentence between an office and a company about an invoice is."""

    QUESTION = "question"
    REFUSAL = "refusal"
    ANSWER = "answer"


LONGEST_REMARK: Final = 2000


class ArrivalOutcome(StrEnum):
    """What one upload turned out to be."""

    FIRST = "first"
    DUPLICATE = "duplicate"
    CORRECTION = "correction"
    REJECTED = "rejected"


class Severity(StrEnum):
    """How much a finding weighs."""

    FATAL = "fatal"
    WARNING = "warning"
    INFORMATION = "information"


SEVERITY_ORDER: Final = (Severity.FATAL, Severity.WARNING, Severity.INFORMATION)


class Layer(StrEnum):
    """Which rules found it."""

    XML = "xml"
    SCHEMA = "schema"
    EN16931 = "en16931"
    PEPPOL = "peppol"
    BELGIUM = "belgium"
    HOUSE = "house"
    PDF = "pdf"


# What makes an amount or a buyer another one, so that the books want a credit note (product page).
AMOUNTS: Final = ("net_amount", "vat_amount", "total_amount", "payable_amount", "currency")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who a document is for: the VAT number where it gives one, else the name, spelling aside."""

    name: str
    number: str

    def is_same(self, other: "Buyer") -> bool:
        """Say whether two documents name one buyer."""
        if self.number and other.number:
            return self.number == other.number
        return " ".join(self.name.casefold().split()) == " ".join(other.name.casefold().split())


def is_same_across_channels(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two softwares sent the same invoice, of one supplier, type and number (product page, Identity).

    Buyer, day, total and currency count; softwares write the rest each in their own way.
    """
    day: date = one["issue_date"]
    same_sum = (one["total_amount"], one["currency"]) == (other["total_amount"], other["currency"])
    return day == other["issue_date"] and same_sum and buyer_of(one).is_same(buyer_of(other))


def is_credit_note_expected(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Say whether a correction changed the buyer or an amount: the books then want a credit note and a new invoice."""
    same_amounts = all(before[name] == after[name] for name in AMOUNTS)
    return not (same_amounts and buyer_of(before).is_same(buyer_of(after)))


def buyer_of(facts: Mapping[str, Any]) -> Buyer:
    """Return the buyer among a document's facts."""
    return Buyer(facts["customer_name"], facts["customer_number"])


def is_locked(office_state: OfficeViewState) -> bool:
    """Say whether the office has an invoice in its books: from then on it changes by a credit note only."""
    return office_state is OfficeViewState.BOOKED


def payment_state_at_acceptance(document_type: DocumentType, payable: Decimal) -> PaymentState:
    """Return the payment state with which an accepted document starts.

    An invoice with nothing to pay is settled at once; a credit note keeps the UBL's positive sign and stays open
    until it is set off or refunded.
    """
    nothing_to_pay = payable <= 0 if document_type is DocumentType.INVOICE else payable == 0
    return PaymentState.SETTLED if nothing_to_pay else PaymentState.OPEN


def payment_state(payable: Decimal, allocated: Decimal, excess: Decimal, set_off: Decimal = Decimal(0)) -> PaymentState:
    """Return what has been paid of the payable amount: `allocated`, with `excess` paid beyond it and left loose.

    Credit notes took `set_off` of it away; of a credit note, that is what it took away. Without any money, what is
    taken away as a whole is credited.
    """
    if allocated <= 0:
        return PaymentState.CREDITED if 0 < payable <= set_off else PaymentState.OPEN
    if allocated < payable - set_off:
        return PaymentState.PARTIALLY_PAID
    return PaymentState.OVERPAID if excess > 0 else PaymentState.PAID


def is_still_to_be_paid(state: str, paid: str) -> bool:
    """Say whether something of an invoice is open: it is accepted, and not paid, settled or credited as a whole."""
    return state == InvoiceState.ACCEPTED and paid in UNPAID


def open_amount(owed: Decimal, allocated: Decimal, state: PaymentState) -> Decimal:
    """Return what is still to be paid of what credit notes left; nothing once it is settled or credited.

    In cents, or with the third decimal of a bank's money where it counts.
    """
    if state in CLOSED_WITHOUT_MONEY:
        return Decimal("0.00")
    left = owed - allocated
    cents = round_half_up(left)
    return cents if cents == left else left
