"""A made-up company with its customers, its open invoices and what was paid: the ground of the labelled cases."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from apps.core.structured_communication import has_valid_creditor_reference_check, make_structured_communication
from apps.reconciliation.matching.made_up_people import (
    Customer,
    as_banks_write,
    make_account,
    make_name,
    make_relative,
)
from apps.reconciliation.matching.values import Assignment, Candidate, Memory, Payment
from apps.reconciliation.rules import NOTHING, GivenCredit, Rule


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
_FORMATS: Final = (
    "F{year}-{number:05d}",
    "{year}/{number:04d}",
    "{year}{number:04d}",
    "VF-26-{number:04d}",
    "{number}",
)
_NEW_ACCOUNT: Final = 0.25
# Of so many people another customer has the family name; so many invoices have something else than the rest: another
# currency, a credit note that took a part of it away, a reference of the other kind.
_RELATED, _FOREIGN, _CREDITED, _CREDITOR_REFERENCE = 0.3, 0.04, 0.06, 0.1
HOME: Final = "EUR"
# What a bank credits for one of each.
RATES: Final = {"USD": Decimal("0.917"), "GBP": Decimal("1.163"), "CHF": Decimal("1.041")}


@dataclass(frozen=True, slots=True)
class Case:
    """A payment with its truth: invoice ids with what it pays of each, in the invoice's currency; none when it belongs
    to no invoice.

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
    """The books of a made-up company: what is open, who has paid before, for others too (`payers`)."""

    chance: random.Random
    customers: list[Customer] = field(default_factory=list)
    invoices: dict[int, Candidate] = field(default_factory=dict)
    paid: list[Candidate] = field(default_factory=list)
    known: dict[str, set[str]] = field(default_factory=dict)
    given: list[tuple[Payment, Candidate]] = field(default_factory=list)
    payers: list[Customer] = field(default_factory=list)
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
            self._book(before[invoice_id].less(Assignment(invoice_id, amount, Rule.PERSON)))
            if case.payment.payer_account:
                self.known.setdefault(case.payment.payer_account, set()).add(before[invoice_id].customer)
        is_plain = case.payment.original_amount is None and case.payment.amount > 0
        if len(case.truth) == 1 and case.payment.reference and is_plain:
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
        company.customers.append(Customer(f"C{number}", _name_of_customer(company), make_account(chance)))
    for customer in company.customers:
        if chance.random() < 0.6:
            company.known[customer.account] = {customer.key}
    fill_up(company)
    return company


def _name_of_customer(company: Company) -> str:
    chance = company.chance
    if company.customers and chance.random() < _RELATED:
        return make_relative(chance, chance.choice(company.customers))
    return make_name(chance)


def fill_up(company: Company) -> None:
    """Open invoices until there are as many as always."""
    while len(company.invoices) < OPEN_AT_ONCE:
        add_invoice(company, company.chance.choice(company.customers))


def add_invoice(company: Company, customer: Customer, *, like: Candidate | None = None) -> Candidate:
    """Open an invoice of a customer; one `like` another has its amount and currency."""
    chance = company.chance
    company.last_id += 1
    number = company.last_id
    amount = like.still_open if like else _make_amount(chance)
    currency = like.currency if like else chance.choice(list(RATES)) if chance.random() < _FOREIGN else HOME
    set_off = NOTHING
    if not like and currency == HOME and chance.random() < _CREDITED:
        set_off = (amount / chance.choice((3, 4, 10))).quantize(Decimal("0.01"))
    invoice = Candidate(
        id=number,
        number=company.number_format.format(year=company.today.year, number=number),
        reference=_make_reference(chance),
        customer=customer.key,
        customer_name=customer.name,
        currency=currency,
        payable=amount,
        still_open=amount - set_off,
        issued_on=company.today - timedelta(days=chance.randrange(1, 60)),
        set_off=set_off,
    )
    company.invoices[number] = invoice
    return invoice


def _make_amount(chance: random.Random) -> Decimal:
    is_listed = chance.random() < 0.6
    return chance.choice(PRICES) if is_listed else Decimal(chance.randrange(1500, 400000)) / 100


def _make_reference(chance: random.Random) -> str:
    base = chance.randrange(10**10)
    if chance.random() >= _CREDITOR_REFERENCE:
        return make_structured_communication(base)
    found = (f"RF{check:02d}{base:010d}" for check in range(2, 99))
    return next(reference for reference in found if has_valid_creditor_reference_check(reference))


def pay(
    company: Company,
    customer: Customer | None,
    amount: Decimal,
    *,
    currency: str = HOME,
    reference: str = "",
    text: str = "",
) -> Payment:
    """Return a payment of a customer, now and then from an account that nobody knows; of nobody, without a payer.

    What is sent in another `currency` is credited as the bank makes of it, which tells what was sent.
    """
    company.last_id += 1
    account, name = "", ""
    if customer:
        is_new = company.chance.random() < _NEW_ACCOUNT
        account = make_account(company.chance) if is_new else customer.account
        name = as_banks_write(company.chance, customer.name)
    is_foreign = currency != HOME
    credited = (amount * RATES[currency]).quantize(Decimal("0.01")) if is_foreign else amount
    return Payment(
        id=company.last_id,
        amount=credited,
        loose=credited,
        currency=HOME,
        entered_on=company.today,
        reference=reference,
        text=text,
        payer_account=account,
        payer_name=name,
        original_amount=amount if is_foreign else None,
        original_currency=currency if is_foreign else "",
    )


def pick(company: Company, *, is_home: bool = False) -> tuple[Customer, Candidate]:
    """Return an open invoice and its customer; one in the account's currency where that `is_home`."""
    wanted = [invoice for invoice in company.invoices.values() if not is_home or invoice.currency == HOME]
    invoice = company.chance.choice(wanted)
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
