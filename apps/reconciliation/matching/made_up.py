"""A made-up company with its customers, its open invoices and what was paid: the ground of the labelled cases."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from apps.core.structured_communication import (
    make_structured_communication,
)
from apps.reconciliation.matching.values import Candidate, Memory, Payment
from apps.reconciliation.rules import GivenCredit


class Kind(StrEnum):
    """What is hard about a case, and how many of a hundred there are of it (`MIX`)."""

    CLEAN = "clean reference"
    FREE_TEXT = "reference in free text"
    SLIP = "one digit wrong or swapped"
    INSTALMENT = "instalment"
    SEVERAL = "several invoices in one"
    THIRD_PARTY = "third-party payer"
    TWINS = "same amount and customer twice"
    BATCH = "batch or return"
    NONE = "belongs to no invoice"


MIX: Final = {
    Kind.CLEAN: 35,
    Kind.FREE_TEXT: 15,
    Kind.SLIP: 10,
    Kind.INSTALMENT: 10,
    Kind.SEVERAL: 8,
    Kind.THIRD_PARTY: 7,
    Kind.TWINS: 5,
    Kind.BATCH: 5,
    Kind.NONE: 5,
}
# So many invoices are open at once; each payment is followed by new ones.
OPEN_AT_ONCE: Final = 60
CUSTOMERS: Final = 25
PRICES: Final = tuple(Decimal(text) for text in ("60.50", "121.00", "242.00", "36.30", "484.00", "90.75", "1210.00"))
_FIRST: Final = ("Jan", "Marie", "Luc", "Els", "Hélène", "Piet", "Ann", "François", "Jürgen", "Sofie", "Karim", "Noor")
_LAST: Final = (
    "Peeters", "Janssens", "Maes", "Dubois", "Lambert", "Claes", "Goossens", "Wouters", "Müller", "Dupont", "Willems",
    "De Smet", "Van den Broeck", "Mertens", "Lejeune", "Thijs",
)  # fmt: skip
_TRADES: Final = ("Bouw", "Garage", "Bakkerij", "Électricité", "Tuinen", "Transport", "Boulangerie", "Dakwerken")
_FORMS: Final = ("BV", "NV", "SRL", "SA", "VOF", "")
_FORMATS: Final = (
    "F{year}-{number:05d}",
    "{year}/{number:04d}",
    "{year}{number:04d}",
    "VF-26-{number:04d}",
    "{number}",
)
_NEW_ACCOUNT: Final = 0.25


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody whom the company invoices."""

    key: str
    name: str
    account: str


@dataclass(frozen=True, slots=True)
class Case:
    """A payment with its truth: invoice ids with what it pays of each; none when it belongs to no invoice.

    `is_determined` says whether the data leave one answer by the product's rules of certainty. `given` is what earlier
    payments with the same reference gave, for a return.
    """

    kind: Kind
    payment: Payment
    truth: tuple[tuple[int, Decimal], ...]
    is_determined: bool
    candidates: tuple[Candidate, ...]
    memory: Memory
    given: tuple[GivenCredit, ...] = ()


@dataclass
class Company:
    """The books of a made-up company: what is open, who has paid before."""

    chance: random.Random
    customers: list[Customer] = field(default_factory=list)
    invoices: dict[int, Candidate] = field(default_factory=dict)
    paid: list[Candidate] = field(default_factory=list)
    known: dict[str, set[str]] = field(default_factory=dict)
    given: list[tuple[Payment, Candidate]] = field(default_factory=list)
    number_format: str = _FORMATS[0]
    last_id: int = 0
    today: date = date(2026, 1, 5)

    def candidates(self) -> tuple[Candidate, ...]:
        """Return what is open, and what was paid last."""
        return (*self.invoices.values(), *self.paid[-20:])

    def of(self, customer: Customer) -> list[Candidate]:
        """Return a customer's open invoices, oldest first."""
        return [invoice for invoice in self.invoices.values() if invoice.customer == customer.key]

    def memory(self) -> Memory:
        """Return what the company's earlier payments taught."""
        return Memory(customers_of={account: frozenset(customers) for account, customers in self.known.items()})

    def is_known(self, account: str, customer: str) -> bool:
        """Tell whether an account has paid for a customer."""
        return customer in self.known.get(account, set())

    def settle(self, case: Case) -> None:
        """Book what a case truly pays or takes back, as the rules or a person would."""
        before = {invoice.id: invoice for invoice in (*self.paid, *self.invoices.values())}
        for invoice_id, amount in case.truth:
            self._book(replace(before[invoice_id], still_open=before[invoice_id].still_open - amount))
            if case.payment.payer_account:
                self.known.setdefault(case.payment.payer_account, set()).add(before[invoice_id].customer)
        if len(case.truth) == 1 and case.payment.reference and case.payment.amount > 0:
            self.given.append((case.payment, before[case.truth[0][0]]))

    def _book(self, invoice: Candidate) -> None:
        self.paid = [paid for paid in self.paid if paid.id != invoice.id]
        if invoice.is_open:
            self.invoices[invoice.id] = invoice
        else:
            self.invoices.pop(invoice.id, None)
            self.paid.append(invoice)


def new_company(chance: random.Random) -> Company:
    """Return a company with customers, of which most have paid before, and open invoices."""
    company = Company(chance, number_format=chance.choice(_FORMATS))
    for number in range(CUSTOMERS):
        company.customers.append(Customer(f"C{number}", make_name(chance), make_account(chance)))
    for customer in company.customers:
        if chance.random() < 0.6:
            company.known[customer.account] = {customer.key}
    fill_up(company)
    return company


def make_person(chance: random.Random) -> str:
    """Return the name of a person."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def make_name(chance: random.Random) -> str:
    """Return the name of a person or a business."""
    if chance.random() < 0.5:
        return make_person(chance)
    return f"{chance.choice(_TRADES)} {chance.choice(_LAST)} {chance.choice(_FORMS)}".strip()


def make_account(chance: random.Random) -> str:
    """Return a Belgian IBAN with right check digits."""
    base = chance.randrange(10**10)
    number = f"{base:010d}{base % 97 or 97:02d}"
    return f"BE{98 - int(number + '111400') % 97:02d}{number}"


def fill_up(company: Company) -> None:
    """Open invoices until there are as many as always."""
    while len(company.invoices) < OPEN_AT_ONCE:
        add_invoice(company, company.chance.choice(company.customers))


def add_invoice(company: Company, customer: Customer, amount: Decimal | None = None) -> Candidate:
    """Open an invoice of a customer."""
    chance = company.chance
    company.last_id += 1
    number = company.last_id
    if amount is None:
        is_listed = chance.random() < 0.6
        amount = chance.choice(PRICES) if is_listed else Decimal(chance.randrange(1500, 400000)) / 100
    invoice = Candidate(
        id=number,
        number=company.number_format.format(year=company.today.year, number=number),
        reference=make_structured_communication(chance.randrange(10**10)),
        customer=customer.key,
        customer_name=customer.name,
        currency="EUR",
        payable=amount,
        still_open=amount,
        issued_on=company.today - timedelta(days=chance.randrange(1, 60)),
    )
    company.invoices[number] = invoice
    return invoice


def pay(
    company: Company, customer: Customer | None, amount: Decimal, *, reference: str = "", text: str = ""
) -> Payment:
    """Return a payment of a customer, now and then from an account that nobody knows; of nobody, without a payer."""
    company.last_id += 1
    account, name = "", ""
    if customer:
        is_new = company.chance.random() < _NEW_ACCOUNT
        account = make_account(company.chance) if is_new else customer.account
        name = _as_banks_write(company.chance, customer.name)
    return Payment(
        id=company.last_id,
        amount=amount,
        loose=amount,
        currency="EUR",
        entered_on=company.today,
        reference=reference,
        text=text,
        payer_account=account,
        payer_name=name,
    )


def _as_banks_write(chance: random.Random, name: str) -> str:
    words = name.upper().split()
    if chance.random() < 0.3:
        words.reverse()
    return " ".join(words)[:35]


def pick(company: Company) -> tuple[Customer, Candidate]:
    """Return an open invoice and its customer."""
    invoice = company.chance.choice(list(company.invoices.values()))
    return next(customer for customer in company.customers if customer.key == invoice.customer), invoice


def make_case(
    company: Company,
    kind: Kind,
    payment: Payment,
    truth: list[tuple[Candidate, Decimal]],
    *,
    is_determined: bool,
    given: tuple[GivenCredit, ...] = (),
) -> Case:
    """Return a case with what the company has on its books before it."""
    return Case(
        kind,
        payment,
        tuple((invoice.id, amount) for invoice, amount in truth),
        is_determined,
        company.candidates(),
        company.memory(),
        given,
    )
