"""Labelled payments of a made-up company: each carries what it truly pays and whether the data determine it.

For measuring the rules, not for making them pass: the labels come from how a case was made, never from the rules. The
same seed gives the same cases.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations
from typing import Final

from apps.core.structured_communication import (
    format_structured_communication,
    has_valid_belgian_check,
    make_structured_communication,
)
from apps.reconciliation.matching.values import NOTHING, Candidate, Memory, Payment
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
_PRICES: Final = tuple(Decimal(text) for text in ("60.50", "121.00", "242.00", "36.30", "484.00", "90.75", "1210.00"))
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
_CHATTER: Final = (
    "betaling", "merci", "dank u", "paiement facture", "vereffening", "overschrijving", "factuur van 12/05/2026",
    "facture du 03.02.2026", "BE68 5390 0754 7034", "tel 0475 12 34 56", "1.234,56 EUR", "werf 2026 fase 3", "groeten",
)  # fmt: skip
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


def make_cases(*, seed: int, count: int) -> Iterator[Case]:
    """Yield cases in the mix, of companies of a thousand payments each; the books move on after each."""
    chance = random.Random(seed)  # noqa: S311 # nothing here is a secret
    kinds = [kind for kind, share in MIX.items() for _each in range(share)]
    company = _new_company(chance)
    for number in range(count):
        if number % 1000 == 0:
            company = _new_company(chance)
        kind = kinds[number % 100] if number % 100 else chance.choice(kinds[:1])
        case = _MAKERS[kind](company)
        yield case
        company.settle(case)
        company.today += timedelta(days=chance.random() < 0.2)
        _fill_up(company)


def _new_company(chance: random.Random) -> Company:
    company = Company(chance, number_format=chance.choice(_FORMATS))
    for number in range(CUSTOMERS):
        company.customers.append(Customer(f"C{number}", _name(chance), _account(chance)))
    for customer in company.customers:
        if chance.random() < 0.6:
            company.known[customer.account] = {customer.key}
    _fill_up(company)
    return company


def _name(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
    return f"{chance.choice(_TRADES)} {chance.choice(_LAST)} {chance.choice(_FORMS)}".strip()


def _account(chance: random.Random) -> str:
    base = chance.randrange(10**10)
    number = f"{base:010d}{base % 97 or 97:02d}"
    return f"BE{98 - int(number + '111400') % 97:02d}{number}"


def _fill_up(company: Company) -> None:
    while len(company.invoices) < OPEN_AT_ONCE:
        _add_invoice(company, company.chance.choice(company.customers))


def _add_invoice(company: Company, customer: Customer, amount: Decimal | None = None) -> Candidate:
    chance = company.chance
    company.last_id += 1
    number = company.last_id
    if amount is None:
        is_listed = chance.random() < 0.6
        amount = chance.choice(_PRICES) if is_listed else Decimal(chance.randrange(1500, 400000)) / 100
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


def _pay(
    company: Company, customer: Customer | None, amount: Decimal, *, reference: str = "", text: str = ""
) -> Payment:
    company.last_id += 1
    account, name = "", ""
    if customer:
        is_new = company.chance.random() < _NEW_ACCOUNT
        account = _account(company.chance) if is_new else customer.account
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


def _pick(company: Company) -> tuple[Customer, Candidate]:
    invoice = company.chance.choice(list(company.invoices.values()))
    return next(customer for customer in company.customers if customer.key == invoice.customer), invoice


def _case(
    company: Company,
    kind: Kind,
    payment: Payment,
    truth: list[tuple[Candidate, Decimal]],
    *,
    is_determined: bool,
    given: tuple[GivenCredit, ...] = (),
) -> Case:
    return Case(
        kind,
        payment,
        tuple((invoice.id, amount) for invoice, amount in truth),
        is_determined,
        company.candidates(),
        company.memory(),
        given,
    )


def _clean(company: Company) -> Case:
    customer, invoice = _pick(company)
    payment = _pay(company, customer, invoice.still_open, reference=invoice.reference)
    return _case(company, Kind.CLEAN, payment, [(invoice, invoice.still_open)], is_determined=True)


def _free_text(company: Company) -> Case:
    chance = company.chance
    customer, invoice = _pick(company)
    digits = invoice.reference
    spellings = (
        format_structured_communication(digits),
        f"***{digits[:3]}/{digits[3:7]}/{digits[7:]}***",
        digits,
        f"{digits[:3]} {digits[3:7]} {digits[7:]}",
        f"{digits[:3]}.{digits[3:7]}.{digits[7:]}",
        f"factuur {invoice.number}",
        f"facture n° {invoice.number.replace('-', ' ').replace('/', ' ')}",
        f"fact {invoice.number.lower().replace('-', '/')}",
    )
    text = f"{chance.choice(_CHATTER)} {chance.choice(spellings)} {chance.choice(_CHATTER)}"
    payment = _pay(company, customer, invoice.still_open, text=text)
    return _case(company, Kind.FREE_TEXT, payment, [(invoice, invoice.still_open)], is_determined=True)


def _slip(company: Company) -> Case:
    """A reference with a slip, or an invoice number with one: then it may be another invoice's number."""
    chance = company.chance
    customer, invoice = _pick(company)
    if is_number := chance.random() < 0.25:
        text = f"factuur {_with_wrong_digit(chance, invoice.number)}"
    else:
        written = _with_slip(chance, invoice.reference)
        text = f"+++{written[:3]}/{written[3:7]}/{written[7:]}+++" if chance.random() < 0.7 else written
    payment = _pay(company, customer, invoice.still_open, text=text)
    is_determined = not is_number and company.is_known(payment.payer_account, customer.key)
    return _case(company, Kind.SLIP, payment, [(invoice, invoice.still_open)], is_determined=is_determined)


def _with_wrong_digit(chance: random.Random, number: str) -> str:
    at = chance.choice([place for place, sign in enumerate(number) if sign.isdigit()])
    return number[:at] + str((int(number[at]) + chance.randrange(1, 10)) % 10) + number[at + 1 :]


def _with_slip(chance: random.Random, reference: str) -> str:
    while True:
        at = chance.randrange(11)
        if chance.random() < 0.5:
            written = reference[:at] + str((int(reference[at]) + chance.randrange(1, 10)) % 10) + reference[at + 1 :]
        else:
            written = reference[:at] + reference[at + 1] + reference[at] + reference[at + 2 :]
        if written != reference and not has_valid_belgian_check(written):
            return written


def _instalment(company: Company) -> Case:
    chance = company.chance
    customer, invoice = _pick(company)
    part = (invoice.still_open / chance.choice((2, 3, 4))).quantize(Decimal("0.01"))
    if chance.random() < 0.7:
        payment = _pay(company, customer, part, reference=invoice.reference)
        is_determined = not _could_be_others(company.of(customer), invoice, part)
    else:
        payment = _pay(
            company, customer, part, text=f"{chance.choice(('1e schijf', 'acompte', 'deel'))} {invoice.number}"
        )
        is_determined = False
    return _case(company, Kind.INSTALMENT, payment, [(invoice, part)], is_determined=is_determined)


def _could_be_others(of_customer: list[Candidate], named: Candidate, amount: Decimal) -> bool:
    """Tell, by trying every set, whether an amount is what else is open of the customer."""
    for size in range(1, len(of_customer) + 1):
        for several in combinations(of_customer, size):
            if several != (named,) and sum(invoice.still_open for invoice in several) == amount:
                return True
    return False


def _several(company: Company) -> Case:
    chance = company.chance
    customer, first = _pick(company)
    while len(company.of(customer)) < 3:
        _add_invoice(company, customer)
    others = [invoice for invoice in company.of(customer) if invoice.id != first.id]
    invoices = [first, *chance.sample(others, chance.randrange(1, min(3, len(others)) + 1))]
    total = sum((invoice.still_open for invoice in invoices), NOTHING)
    if is_listed := chance.random() < 0.75:
        by_number = chance.random() < 0.6
        names = [i.number if by_number else format_structured_communication(i.reference) for i in invoices]
        text = chance.choice((" ", ", ", " + ", " en ")).join(names)
        payment = _pay(company, customer, total, text=f"facturen {text}")
    else:
        payment = _pay(company, customer, total, text=chance.choice(_CHATTER))
    truth = [(invoice, invoice.still_open) for invoice in invoices]
    return _case(company, Kind.SEVERAL, payment, truth, is_determined=is_listed)


def _third_party(company: Company) -> Case:
    """A spouse, a parent, a factor: another account and name than the customer's."""
    chance = company.chance
    customer, invoice = _pick(company)
    payer = Customer("", f"{chance.choice(_FIRST)} {chance.choice(_LAST)}", _account(chance))
    how = chance.randrange(3)
    if how == 0:
        payment = _pay(company, payer, invoice.still_open, reference=invoice.reference)
    elif how == 1:
        payment = _pay(company, payer, invoice.still_open, text=f"voor {customer.name} factuur {invoice.number}")
    else:
        payment = _pay(company, payer, invoice.still_open, text=f"voor {customer.name}")
    truth = [(invoice, invoice.still_open)]
    return _case(company, Kind.THIRD_PARTY, payment, truth, is_determined=how < 2)


def _twins(company: Company) -> Case:
    chance = company.chance
    customer, invoice = _pick(company)
    twin = _add_invoice(company, customer, invoice.still_open)
    if named := chance.random() < 0.4:
        payment = _pay(company, customer, twin.still_open, reference=twin.reference)
    else:
        payment = _pay(company, customer, twin.still_open, text=chance.choice(_CHATTER))
    return _case(company, Kind.TWINS, payment, [(twin, twin.still_open)], is_determined=named)


def _batch(company: Company) -> Case:
    """A detail of a globalised movement, whose total is no money and never comes here; or a payment that came back."""
    if company.given and company.chance.random() < 0.4:
        return _return(company)
    _customer, invoice = _pick(company)
    payment = _pay(company, None, invoice.still_open, reference=invoice.reference)
    return _case(company, Kind.BATCH, payment, [(invoice, invoice.still_open)], is_determined=True)


def _return(company: Company) -> Case:
    original, invoice = company.given.pop()
    payment = replace(original, id=company.last_id + 1, amount=-original.amount, loose=-original.amount)
    company.last_id += 1
    amount = min(original.amount, invoice.still_open)
    held = GivenCredit(
        original.id, original.reference, original.payer_account, original.amount, ((invoice.id, amount),)
    )
    return _case(company, Kind.BATCH, payment, [(invoice, -amount)], is_determined=True, given=(held,))


def _none(company: Company) -> Case:
    return _case(company, Kind.NONE, company.chance.choice(_STRAYS)(company), [], is_determined=False)


def _odd_amount(company: Company) -> Decimal:
    return Decimal(company.chance.randrange(1000, 500000)) / 100


def _paid_again(company: Company) -> Payment:
    again = company.chance.choice(company.paid[-20:] or list(company.invoices.values()))
    payer = next(customer for customer in company.customers if customer.key == again.customer)
    return _pay(company, payer, again.payable if not again.is_open else _odd_amount(company), reference=again.reference)


def _of_another_software(company: Company) -> Payment:
    reference = make_structured_communication(company.chance.randrange(10**10))
    amount = company.chance.choice(_PRICES)
    return _pay(company, Customer("", _name(company.chance), _account(company.chance)), amount, reference=reference)


def _of_a_stranger(company: Company) -> Payment:
    return _pay(company, Customer("", "ZEVENDE HEMEL", _account(company.chance)), company.chance.choice(_PRICES))


def _in_advance(company: Company) -> Payment:
    return _pay(company, company.chance.choice(company.customers), _odd_amount(company), text="voorschot")


def _of_the_state(company: Company) -> Payment:
    state = Customer("", "FOD FINANCIEN", _account(company.chance))
    return _pay(company, state, _odd_amount(company), text="TERUGGAVE BTW 3E KW 2026")


def _of_a_provider(company: Company) -> Payment:
    provider = Customer("", "STRIPE PAYMENTS EUROPE", _account(company.chance))
    return _pay(company, provider, _odd_amount(company), text=f"STRIPE PAYOUT {company.today.isoformat()}")


def _own_transfer(company: Company) -> Payment:
    return replace(_pay(company, None, _odd_amount(company), text="EIGEN OVERSCHRIJVING"), is_a_customers=False)


_STRAYS: Final = (
    _paid_again, _of_another_software, _of_a_stranger, _in_advance, _of_the_state, _of_a_provider, _own_transfer,
)  # fmt: skip

_MAKERS: Final[dict[Kind, Callable[[Company], Case]]] = {
    Kind.CLEAN: _clean,
    Kind.FREE_TEXT: _free_text,
    Kind.SLIP: _slip,
    Kind.INSTALMENT: _instalment,
    Kind.SEVERAL: _several,
    Kind.THIRD_PARTY: _third_party,
    Kind.TWINS: _twins,
    Kind.BATCH: _batch,
    Kind.NONE: _none,
}
