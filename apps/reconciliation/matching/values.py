"""What the matching rules look at and what they answer: plain values, amounts in the currency beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from apps.reconciliation.rules import NOTHING, DifferenceKind, Rule


class Reason(StrEnum):
    """Why a payment was not allocated by itself; each has a sentence for the people who ask."""

    NO_EVIDENCE = "no_evidence"
    NOT_A_CUSTOMERS_PAYMENT = "not_a_customers_payment"
    NOTHING_LOOSE = "nothing_loose"
    ALREADY_PAID = "already_paid"
    OTHER_CURRENCY = "other_currency"
    SEVERAL_FIT = "several_fit"
    AMOUNT_FITS_ANOTHER = "amount_fits_another"
    SUM_DIFFERS = "sum_differs"
    AMOUNT_DIFFERS = "amount_differs"
    NAMES_ANOTHER = "names_another"
    UNKNOWN_REFERENCE = "unknown_reference"
    NEVER_FOR_THIS_CUSTOMER = "never_for_this_customer"
    IN_HAND = "in_hand"


@dataclass(frozen=True, slots=True)
class Discount:
    """What an invoice's own terms let its customer keep when the money is there on `until` at the latest.

    Terms may give several, each until another day.
    """

    amount: Decimal
    until: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """An accepted invoice of the company that a payment could be for; one that is paid is a candidate too.

    `reference` is canonical or empty. `customer` is the key that tells customers apart (their number, else their
    name). `still_open` is what is to be paid, zero or less once nothing is. Credit notes took `set_off` away by
    themselves, which gives way to money: whichever of the two comes first, the money is the invoice's.
    """

    id: int
    number: str
    reference: str
    customer: str
    customer_name: str
    currency: str
    payable: Decimal
    still_open: Decimal
    issued_on: date
    discounts: tuple[Discount, ...] = ()
    set_off: Decimal = NOTHING

    @property
    def is_open(self) -> bool:
        """Tell whether anything is still to be paid."""
        return self.still_open > NOTHING

    @property
    def before_notes(self) -> Decimal:
        """What would be open without the credit notes that give way: so much money it takes."""
        return self.still_open + self.set_off

    def less(self, given: "Assignment") -> "Candidate":
        """Return the invoice once an assignment to it is written."""
        left = self.before_notes - given.amount - (given.difference.amount if given.difference else NOTHING)
        set_off = min(self.set_off, left)
        return replace(self, still_open=left - set_off, set_off=set_off)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in. `loose` is what no invoice holds of it.

    `reference` is what the bank gave as a structured communication, canonical, or empty; `text` is everything that
    the payer wrote freely, information records included. `bank_cost` is what the bank shows to have kept.
    `original_amount` and `original_currency` are what the payer sent where the bank converted it. A person who gave of
    it, or took back, has it `is_in_hand`: the rules leave it to people.
    """

    id: int
    amount: Decimal
    loose: Decimal
    currency: str
    entered_on: date
    reference: str = ""
    end_to_end: str = ""
    text: str = ""
    payer_account: str = ""
    payer_name: str = ""
    bank_cost: Decimal = NOTHING
    original_amount: Decimal | None = None
    original_currency: str = ""
    is_a_customers: bool = True
    is_in_hand: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """What a company's earlier matches and its people taught.

    `customers_of` gives the customers that an account has paid for, by an exact match or a person's word; `never` are
    the pairs of account and customer that a person ruled out; `oldest_first` says that the company lets a reused
    reference pay the oldest invoices first.
    """

    customers_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    never: frozenset[tuple[str, str]] = frozenset()
    oldest_first: bool = False

    def allows(self, payment: Payment, candidate: Candidate) -> bool:
        """Tell whether no person ruled out that a payment's account pays for an invoice's customer."""
        return (payment.payer_account, candidate.customer) not in self.never

    def customers(self, account: str) -> frozenset[str]:
        """Return the customers that an account is known to pay for; none for an empty account."""
        return self.customers_of.get(account, frozenset()) if account else frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """What is missing and explained, so that the invoice counts as paid; of an exchange it may be below zero."""

    amount: Decimal
    kind: DifferenceKind


@dataclass(frozen=True, slots=True)
class Assignment:
    """An amount of a payment for an invoice."""

    invoice_id: int
    amount: Decimal
    rule: Rule
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that was looked at for a payment and an invoice. `particulars` fill the sentence of `name`."""

    name: str
    is_met: bool
    points: int
    particulars: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Invoices that a person could assign a payment to, with the criteria met and failed; likelier with more points.

    One that `is_changed` by the bank is of one invoice in the currency that was sent, and gives it all that was
    credited.
    """

    invoice_ids: tuple[int, ...]
    amount: Decimal
    score: int
    criteria: tuple[Criterion, ...]
    is_changed: bool = False

    def shares(self, still_open: Mapping[int, Decimal]) -> dict[int, Decimal]:
        """Return what each of its invoices would get: what is open of it, in their order, as far as the amount goes."""
        if self.is_changed:
            return {self.invoice_ids[0]: self.amount}
        left, given = self.amount, {}
        for invoice_id in self.invoice_ids:
            given[invoice_id] = min(left, still_open[invoice_id])
            left -= given[invoice_id]
        return given


@dataclass(frozen=True, slots=True)
class Decision:
    """What is certain (`assignments`), or else why nothing is (`reason`) and what a person could choose from."""

    assignments: tuple[Assignment, ...] = ()
    reason: Reason | None = None
    suggestions: tuple[Suggestion, ...] = ()
