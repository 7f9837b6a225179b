"""Payments that belong to no invoice of the made-up company, however much they look like it."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from apps.core.structured_communication import make_structured_communication
from apps.reconciliation.matching.made_up import HOME, PRICES, Company, pay
from apps.reconciliation.matching.made_up_people import Customer, make_account, make_name
from apps.reconciliation.matching.values import Candidate, Payment
from apps.reconciliation.rules import NOTHING


def make_stray(company: Company) -> Payment:
    """Return money of which the company expects nothing, or not any more."""
    return company.chance.choice(_STRAYS)(company)


def _odd_amount(company: Company) -> Decimal:
    return Decimal(company.chance.randrange(1000, 500000)) / 100


def _paid_again(company: Company) -> Payment:
    """Somebody pays an invoice again that is paid already, by its reference or its number."""
    paid = [invoice for invoice in company.paid[-20:] if invoice.currency == HOME and not invoice.set_off]
    if not paid:
        return _in_advance(company)
    again = company.chance.choice(paid)
    payer = next(customer for customer in company.customers if customer.key == again.customer)
    if company.chance.random() < 0.3:
        return pay(company, payer, again.payable, text=f"factuur {again.number}")
    return pay(company, payer, again.payable, reference=again.reference)


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
    """What a provider pays out net of its fees: nobody can tell from it which invoices were paid."""
    provider = Customer("", "STRIPE PAYMENTS EUROPE", make_account(company.chance))
    net = (_sum_of_some(company, list(company.invoices.values())) * Decimal("0.985")).quantize(Decimal("0.01"))
    return pay(company, provider, net, text=f"STRIPE PAYOUT {company.today.isoformat()}")


def _total_of_a_batch(company: Company) -> Payment:
    """The total of a collection whose details came before it: their invoices are paid."""
    total = _sum_of_some(company, company.paid[-20:] or list(company.invoices.values()))
    return pay(company, None, total, text="VERZAMELINNING DOMICILIERINGEN")


def _sum_of_some(company: Company, invoices: list[Candidate]) -> Decimal:
    some = company.chance.sample(invoices, min(len(invoices), company.chance.randrange(2, 6)))
    return sum((invoice.payable for invoice in some), NOTHING)


def _own_transfer(company: Company) -> Payment:
    return replace(pay(company, None, _odd_amount(company), text="EIGEN OVERSCHRIJVING"), is_a_customers=False)


_STRAYS: Final = (
    _paid_again, _of_another_software, _of_a_stranger, _in_advance, _of_the_state, _of_a_provider, _own_transfer,
    _total_of_a_batch,
)  # fmt: skip
