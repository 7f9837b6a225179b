"""Labelled payments of a made-up company: each carries what it truly pays and whether the data determine it.

For measuring the rules, not for making them pass: the labels come from how a case was made, never from the rules. The
same seed gives the same cases.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import Final

from apps.core.structured_communication import (
    format_structured_communication,
    has_valid_belgian_check,
    make_structured_communication,
)
from apps.reconciliation.matching.made_up import (
    MIX,
    PRICES,
    Case,
    Company,
    Customer,
    Kind,
    add_invoice,
    fill_up,
    make_account,
    make_case,
    make_name,
    make_person,
    new_company,
    pay,
    pick,
)
from apps.reconciliation.matching.values import Candidate, Payment
from apps.reconciliation.rules import NOTHING, GivenCredit, Held

_CHATTER: Final = (
    "betaling", "merci", "dank u", "paiement facture", "vereffening", "overschrijving", "factuur van 12/05/2026",
    "facture du 03.02.2026", "BE68 5390 0754 7034", "tel 0475 12 34 56", "1.234,56 EUR", "werf 2026 fase 3", "groeten",
)  # fmt: skip


def make_cases(*, seed: int, count: int) -> Iterator[Case]:
    """Yield cases in the mix, of companies of a thousand payments each; the books move on after each."""
    chance = random.Random(seed)  # noqa: S311 # nothing here is a secret
    kinds = [kind for kind, share in MIX.items() for _each in range(share)]
    company = new_company(chance)
    for number in range(count):
        if number % 1000 == 0:
            company = new_company(chance)
        kind = kinds[number % 100] if number % 100 else chance.choice(kinds[:1])
        case = _MAKERS[kind](company)
        yield case
        company.settle(case)
        company.today += timedelta(days=chance.random() < 0.2)
        fill_up(company)


def _clean(company: Company) -> Case:
    customer, invoice = pick(company)
    payment = pay(company, customer, invoice.still_open, reference=invoice.reference)
    return make_case(company, Kind.CLEAN, payment, [(invoice, invoice.still_open)], is_determined=True)


def _free_text(company: Company) -> Case:
    chance = company.chance
    customer, invoice = pick(company)
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
    payment = pay(company, customer, invoice.still_open, text=text)
    return make_case(company, Kind.FREE_TEXT, payment, [(invoice, invoice.still_open)], is_determined=True)


def _slip(company: Company) -> Case:
    """A reference with a slip, or an invoice number with one: then it may be another invoice's number."""
    chance = company.chance
    customer, invoice = pick(company)
    if is_number := chance.random() < 0.25:
        text = f"factuur {_with_wrong_digit(chance, invoice.number)}"
    else:
        written = _with_slip(chance, invoice.reference)
        text = f"+++{written[:3]}/{written[3:7]}/{written[7:]}+++" if chance.random() < 0.7 else written
    payment = pay(company, customer, invoice.still_open, text=text)
    is_determined = not is_number and company.is_known(payment.payer_account, customer.key)
    return make_case(company, Kind.SLIP, payment, [(invoice, invoice.still_open)], is_determined=is_determined)


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
    customer, invoice = pick(company)
    part = (invoice.still_open / chance.choice((2, 3, 4))).quantize(Decimal("0.01"))
    if chance.random() < 0.7:
        payment = pay(company, customer, part, reference=invoice.reference)
        is_determined = not _could_be_others(company.of(customer), invoice, part)
    else:
        payment = pay(
            company, customer, part, text=f"{chance.choice(('1e schijf', 'acompte', 'deel'))} {invoice.number}"
        )
        is_determined = False
    return make_case(company, Kind.INSTALMENT, payment, [(invoice, part)], is_determined=is_determined)


def _could_be_others(of_customer: list[Candidate], named: Candidate, amount: Decimal) -> bool:
    """Tell, by trying every set, whether an amount is what else is open of the customer."""
    for size in range(1, len(of_customer) + 1):
        for several in combinations(of_customer, size):
            if several != (named,) and sum(invoice.still_open for invoice in several) == amount:
                return True
    return False


def _several(company: Company) -> Case:
    chance = company.chance
    customer, first = pick(company)
    while len(company.of(customer)) < 3:
        add_invoice(company, customer)
    others = [invoice for invoice in company.of(customer) if invoice.id != first.id]
    invoices = [first, *chance.sample(others, chance.randrange(1, min(3, len(others)) + 1))]
    total = sum((invoice.still_open for invoice in invoices), NOTHING)
    if is_listed := chance.random() < 0.75:
        by_number = chance.random() < 0.6
        names = [i.number if by_number else format_structured_communication(i.reference) for i in invoices]
        text = chance.choice((" ", ", ", " + ", " en ")).join(names)
        payment = pay(company, customer, total, text=f"facturen {text}")
    else:
        payment = pay(company, customer, total, text=chance.choice(_CHATTER))
    truth = [(invoice, invoice.still_open) for invoice in invoices]
    return make_case(company, Kind.SEVERAL, payment, truth, is_determined=is_listed)


def _third_party(company: Company) -> Case:
    """A spouse, a parent, a factor: another account and name than the customer's."""
    chance = company.chance
    customer, invoice = pick(company)
    payer = Customer("", make_person(chance), make_account(chance))
    how = chance.randrange(3)
    if how == 0:
        payment = pay(company, payer, invoice.still_open, reference=invoice.reference)
    elif how == 1:
        payment = pay(company, payer, invoice.still_open, text=f"voor {customer.name} factuur {invoice.number}")
    else:
        payment = pay(company, payer, invoice.still_open, text=f"voor {customer.name}")
    truth = [(invoice, invoice.still_open)]
    return make_case(company, Kind.THIRD_PARTY, payment, truth, is_determined=how < 2)


def _twins(company: Company) -> Case:
    chance = company.chance
    customer, invoice = pick(company)
    twin = add_invoice(company, customer, invoice.still_open)
    if named := chance.random() < 0.4:
        payment = pay(company, customer, twin.still_open, reference=twin.reference)
    else:
        payment = pay(company, customer, twin.still_open, text=chance.choice(_CHATTER))
    return make_case(company, Kind.TWINS, payment, [(twin, twin.still_open)], is_determined=named)


def _batch(company: Company) -> Case:
    """A detail of a globalised movement, whose total is no money and never comes here; or a payment that came back."""
    if company.given and company.chance.random() < 0.4:
        return _return(company)
    _customer, invoice = pick(company)
    payment = pay(company, None, invoice.still_open, reference=invoice.reference)
    return make_case(company, Kind.BATCH, payment, [(invoice, invoice.still_open)], is_determined=True)


def _return(company: Company) -> Case:
    original, invoice = company.given.pop()
    payment = replace(original, id=company.last_id + 1, amount=-original.amount, loose=-original.amount)
    company.last_id += 1
    amount = min(original.amount, invoice.still_open)
    held = GivenCredit(
        original.id, original.reference, original.payer_account, original.amount, (Held(invoice.id, amount),)
    )
    return make_case(company, Kind.BATCH, payment, [(invoice, -amount)], is_determined=True, given=(held,))


def _none(company: Company) -> Case:
    return make_case(company, Kind.NONE, company.chance.choice(_STRAYS)(company), [], is_determined=False)


def _odd_amount(company: Company) -> Decimal:
    return Decimal(company.chance.randrange(1000, 500000)) / 100


def _paid_again(company: Company) -> Payment:
    again = company.chance.choice(company.paid[-20:] or list(company.invoices.values()))
    payer = next(customer for customer in company.customers if customer.key == again.customer)
    return pay(company, payer, again.payable if not again.is_open else _odd_amount(company), reference=again.reference)


def _of_another_software(company: Company) -> Payment:
    reference = make_structured_communication(company.chance.randrange(10**10))
    amount = company.chance.choice(PRICES)
    return pay(
        company, Customer("", make_name(company.chance), make_account(company.chance)), amount, reference=reference
    )


def _of_a_stranger(company: Company) -> Payment:
    return pay(company, Customer("", "ZEVENDE HEMEL", make_account(company.chance)), company.chance.choice(PRICES))


def _in_advance(company: Company) -> Payment:
    return pay(company, company.chance.choice(company.customers), _odd_amount(company), text="voorschot")


def _of_the_state(company: Company) -> Payment:
    state = Customer("", "FOD FINANCIEN", make_account(company.chance))
    return pay(company, state, _odd_amount(company), text="TERUGGAVE BTW 3E KW 2026")


def _of_a_provider(company: Company) -> Payment:
    provider = Customer("", "STRIPE PAYMENTS EUROPE", make_account(company.chance))
    return pay(company, provider, _odd_amount(company), text=f"STRIPE PAYOUT {company.today.isoformat()}")


def _own_transfer(company: Company) -> Payment:
    return replace(pay(company, None, _odd_amount(company), text="EIGEN OVERSCHRIJVING"), is_a_customers=False)


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
