"""A small world to look at: a connected company with a paid and an open invoice, its office, and a stranger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.test import Client

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.invoices.models import Invoice
from apps.statements.services.intake import receive_coda_file
from apps.users.models import User
from tests.factories import registry
from tests.factories.wire import Software, credit, make_coda, make_document, make_pdf

LANGUAGES = ("nl", "fr", "en", "de")


@dataclass(frozen=True)
class World:
    """What the tests look at."""

    company: Company
    office: AccountingOffice
    owner: User
    accountant: User
    stranger: User
    paid: Invoice
    open: Invoice


def build(now: datetime, run_reactions: Callable[[], int]) -> World:
    """Build the world through the services and the wire API, as in life."""
    office = registry.make_office(now)
    company = registry.make_company(now, office=office)
    account = registry.make_account(now, company)
    software = Software.of(registry.connect(now, company, registry.make_software(now)))
    software.upload(make_document(company, number="2026-0117", pdf=make_pdf()))
    software.upload(make_document(company, number="2026-0050", reference=None, issue_date=date(2026, 9, 1)))
    receive_coda_file(content=make_coda(account.iban, credit("1210.00")), name="a.cod", actor="t", now=now)
    run_reactions()
    owner, accountant = registry.make_user("owner@example.be"), registry.make_user("accountant@example.be")
    registry.make_member(now, owner, company=company)
    registry.make_member(now, accountant, office=office)
    return World(
        company=company,
        office=office,
        owner=owner,
        accountant=accountant,
        stranger=registry.make_user("stranger@example.be"),
        paid=Invoice.objects.get(number="2026-0117"),
        open=Invoice.objects.get(number="2026-0050"),
    )


def invoice_address(world: World, invoice: Invoice, reader: str = "company") -> str:
    """Return where the company, or the office, reads an invoice."""
    place = f"companies/{world.company.uuid}" if reader == "company" else f"offices/{world.office.uuid}"
    return f"/{place}/invoices/{invoice.uuid}/"


def invoice_reader(world: World, reader: str = "company") -> Client:
    """Return the browser of who reads it there."""
    return signed_in(world.owner if reader == "company" else world.accountant)


def signed_in(user: User) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client
