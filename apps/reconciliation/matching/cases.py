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

from apps.core.structured_communication import format_structured_communication, has_valid_belgian_check
from apps.reconciliation.matching.made_up import (
    HOME,
    MIX,
    Case,
    Company,
    Kind,
    add_invoice,
    fill_up,
    make_case,
    new_company,
    pay,
    pick,
)
from apps.reconciliation.matching.made_up_people import Customer, make_account, make_person, make_relative
from apps.reconciliation.matching.strays import make_stray
from apps.reconciliation.matching.values import Candidate
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
    """The bank's own reference, with what is open; or with what was before a credit note, by who did not see it."""
    customer, invoice = pick(company)
    amount = invoice.before_notes if company.chance.random() < 0.3 else invoice.still_open
    payment = pay(company, customer, amount, currency=invoice.currency, reference=invoice.reference)
    is_determined = amount == invoice.still_open or not _could_be_others(company.of(customer), invoice, amount)
    return make_case(company, Kind.CLEAN, payment, [(invoice, amount)], is_determined=is_determined)


def _free_text(company: Company) -> Case:
    chance = company.chance
    customer, invoice = pick(company)
    spellings = (
        *_spellings(invoice.reference),
        f"factuur {invoice.number}",
        f"facture n° {invoice.number.replace('-', ' ').replace('/', ' ')}",
        f"fact {invoice.number.lower().replace('-', '/')}",
    )
    text = f"{chance.choice(_CHATTER)} {chance.choice(spellings)} {chance.choice(_CHATTER)}"
    payment = pay(company, customer, invoice.still_open, currency=invoice.currency, text=text)
    return make_case(company, Kind.FREE_TEXT, payment, [(invoice, invoice.still_open)], is_determined=True)


def _spellings(reference: str) -> tuple[str, ...]:
    written = format_structured_communication(reference)
    if not reference.isdecimal():
        return written, reference, f"ref {written.lower()}"
    first, second, third = reference[:3], reference[3:7], reference[7:]
    return (
        written,
        f"***{first}/{second}/{third}***",
        reference,
        f"{first} {second} {third}",
        f"{first}.{second}.{third}",
    )


def _slip(company: Company) -> Case:
    """A reference with a slip, or an invoice number with one: then it may be another invoice's number."""
    chance = company.chance
    customer, invoice = pick(company)
    if is_number := not invoice.reference.isdecimal() or chance.random() < 0.2:
        text = f"factuur {_with_wrong_digit(company, invoice)}"
    else:
        written = _with_slip(chance, invoice.reference)
        text = f"+++{written[:3]}/{written[3:7]}/{written[7:]}+++" if chance.random() < 0.7 else written
    payment = pay(company, customer, invoice.still_open, currency=invoice.currency, text=text)
    is_home = invoice.currency == HOME
    is_determined = is_home and not is_number and company.is_known(payment.payer_account, customer.key)
    return make_case(company, Kind.SLIP, payment, [(invoice, invoice.still_open)], is_determined=is_determined)


def _with_wrong_digit(company: Company, invoice: Candidate) -> str:
    """Write a number with a digit wrong, which may be another invoice's.

    It is none of an invoice that the customer owes the same for: by the rules that is what the payer says, and the data
    would determine the other one.
    """
    number = invoice.number
    others = {
        each.number.lstrip("0")
        for each in company.invoices.values()
        if each.customer == invoice.customer and each.still_open == invoice.still_open
    }
    while True:
        at = company.chance.choice([place for place, sign in enumerate(number) if sign.isdigit()])
        written = number[:at] + _other_digit(company.chance, number[at]) + number[at + 1 :]
        if written.lstrip("0") not in others:
            return written


def _other_digit(chance: random.Random, digit: str) -> str:
    return str((int(digit) + chance.randrange(1, 10)) % 10)


def _with_slip(chance: random.Random, reference: str) -> str:
    """Write a reference with a digit wrong, two swapped, one missing, or one twice."""
    while True:
        at = chance.randrange(11)
        before, digit, after = reference[:at], reference[at], reference[at + 1 :]
        slips = (
            before + _other_digit(chance, digit) + after,
            before + after[0] + digit + after[1:],
            before + after,
            before + digit + digit + after,
        )
        (written,) = chance.choices(slips, weights=(35, 35, 20, 10))
        if written != reference and not has_valid_belgian_check(written):
            return written


def _instalment(company: Company) -> Case:
    chance = company.chance
    customer, invoice = pick(company)
    part = (invoice.still_open / chance.choice((2, 3, 4))).quantize(Decimal("0.01"))
    if is_by_reference := chance.random() < 0.7:
        payment = pay(company, customer, part, currency=invoice.currency, reference=invoice.reference)
    else:
        text = f"{chance.choice(('1e schijf', 'acompte', 'deel'))} {invoice.number}"
        payment = pay(company, customer, part, currency=invoice.currency, text=text)
    is_determined = is_by_reference and not _could_be_others(company.of(customer), invoice, part)
    return make_case(company, Kind.INSTALMENT, payment, [(invoice, part)], is_determined=is_determined)


def _could_be_others(of_customer: list[Candidate], named: Candidate, amount: Decimal) -> bool:
    """Tell, by trying every set, whether an amount is what else is open of the customer."""
    of_customer = [invoice for invoice in of_customer if invoice.currency == named.currency]
    for size in range(1, len(of_customer) + 1):
        for several in combinations(of_customer, size):
            if several != (named,) and sum(invoice.still_open for invoice in several) == amount:
                return True
    return False


def _several(company: Company) -> Case:
    chance = company.chance
    customer, first = pick(company, is_home=True)
    while len(others := [each for each in company.of(customer) if each.currency == HOME and each.id != first.id]) < 2:
        add_invoice(company, customer)
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
    """A spouse, a parent, a factor, another customer: another account than the customer's, maybe one that is known."""
    chance = company.chance
    customer, invoice = pick(company)
    payer = _payer_for(company, customer)
    how = chance.randrange(3)
    amount, currency = invoice.still_open, invoice.currency
    if how == 0:
        payment = pay(company, payer, amount, currency=currency, reference=invoice.reference)
    elif how == 1:
        payment = pay(company, payer, amount, currency=currency, text=f"voor {customer.name} factuur {invoice.number}")
    else:
        payment = pay(company, payer, amount, currency=currency, text=f"voor {customer.name}")
    return make_case(company, Kind.THIRD_PARTY, payment, [(invoice, amount)], is_determined=how < 2)


def _payer_for(company: Company, customer: Customer) -> Customer:
    chance = company.chance
    at = chance.random()
    if company.payers and at < 0.3:
        return chance.choice(company.payers)
    if at < 0.45:
        return chance.choice([other for other in company.customers if other.key != customer.key])
    name = make_relative(chance, customer) if at < 0.7 else make_person(chance)
    company.payers.append(Customer("", name, make_account(chance)))
    return company.payers[-1]


def _twins(company: Company) -> Case:
    chance = company.chance
    customer, invoice = pick(company)
    twin = add_invoice(company, customer, like=invoice)
    amount, currency = twin.still_open, twin.currency
    if named := chance.random() < 0.4:
        payment = pay(company, customer, amount, currency=currency, reference=twin.reference)
    else:
        payment = pay(company, customer, amount, currency=currency, text=chance.choice(_CHATTER))
    return make_case(company, Kind.TWINS, payment, [(twin, amount)], is_determined=named)


def _batch(company: Company) -> Case:
    """A detail of a globalised movement, collected by its reference or end-to-end id; or a payment that came back."""
    if company.given and company.chance.random() < 0.4:
        return _return(company)
    _customer, invoice = pick(company, is_home=True)
    payment = pay(company, None, invoice.still_open, reference=invoice.reference)
    if company.chance.random() < 0.3:
        payment = replace(payment, reference="", end_to_end=invoice.number)
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
    return make_case(company, Kind.NONE, make_stray(company), [], is_determined=False)


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
