"""Statements reach feeds when they come, and when what they waited for comes."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices import services as offices
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.rules import MandatePurpose
from apps.companies import services as companies
from apps.companies.models import BankAccount, Company
from apps.delivery import feeding
from apps.delivery.models import FeedEntry
from apps.delivery.services import open_software_feed
from apps.statements.models import Movement, Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.statements.services.routing import route_statements
from tests.factories import registry
from tests.factories.wire import credit, make_coda

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def company(now: datetime, office: AccountingOffice) -> Company:
    return registry.make_company(now, office=office)


def bank(now: datetime, iban: str, *numbers: int) -> None:
    for number in numbers:
        content = make_coda(iban, credit(f"{number}.00"), number=number, day=date(2026, 11, number))
        received = receive_coda_file(content=content, name=f"{number}.cod", actor="t", now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)


def listed(*, of_office: bool) -> list[int]:
    entries = FeedEntry.objects.filter(feed__office__isnull=not of_office).order_by("feed", "position")
    return list(entries.values_list("statement__number", flat=True))


def give_mandate(now: datetime, account: BankAccount, starts_on: date) -> None:
    mandate = offices.request_mandate(
        bank_account_uuid=account.uuid, purpose=MandatePurpose.CODA, signer="", actor="t", now=now
    )
    offices.sign_mandate(mandate_uuid=mandate.uuid, actor="t", now=now)
    offices.activate_mandate(mandate_uuid=mandate.uuid, starts_on=starts_on, actor="t", now=now)


def test_what_waited_for_its_account_is_imported_and_listed_oldest_first(
    now: datetime, company: Company, run_reactions: Callable[[], int]
) -> None:
    connected = registry.connect(now, company, registry.make_software(now))
    open_software_feed(company=company, software=connected.software, now=now)
    iban = registry.iban()
    bank(now, iban, 7, 5, 6)
    run_reactions()
    assert listed(of_office=False) == []

    account = companies.add_bank_account(
        company_uuid=company.uuid, iban=iban, currency="EUR", bic="", actor="t", now=now
    )
    run_reactions()

    assert set(Statement.objects.values_list("state", "account")) == {("imported", account.pk)}
    assert listed(of_office=False) == [5, 6, 7]
    assert Movement.objects.filter(company=company).count() == 3
    assert route_statements(account_uuid=account.uuid, now=now) == 0
    broken = Statement.objects.filter(findings__message__startswith="It begins with 1000.000, the one before")
    assert sorted(broken.values_list("number", flat=True)) == [6, 7], "found when they were routed"


def test_only_the_account_in_its_own_currency_takes_what_waits(now: datetime, company: Company) -> None:
    iban = registry.iban()
    bank(now, iban, 5)

    dollars = companies.add_bank_account(
        company_uuid=company.uuid, iban=iban, currency="USD", bic="", actor="t", now=now
    )

    assert route_statements(account_uuid=dollars.uuid, now=now) == 0
    assert Statement.objects.get().state == "unrouted"


def test_a_held_statement_is_told_whose_it_is_and_stays_held(now: datetime, company: Company) -> None:
    iban = registry.iban()
    content = make_coda(iban, credit("5.00")).replace(b"000000001005000", b"000000001009000")
    received = receive_coda_file(content=content, name="f", actor="t", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)

    account = companies.add_bank_account(
        company_uuid=company.uuid, iban=iban, currency="EUR", bic="", actor="t", now=now
    )
    route_statements(account_uuid=account.uuid, now=now)

    held = Statement.objects.get()
    assert (held.state, held.account) == ("held", account)


def test_a_mandate_brings_the_office_what_waited_from_its_first_day_on(
    now: datetime, company: Company, run_reactions: Callable[[], int]
) -> None:
    account = registry.make_account(now, company, with_mandate=False)
    bank(now, account.iban, 5, 7, 6)
    run_reactions()
    assert listed(of_office=True) == []

    give_mandate(now, account, date(2026, 11, 6))
    run_reactions()
    assert listed(of_office=True) == [6, 7]

    bank(now, account.iban, 8)
    run_reactions()
    assert listed(of_office=True) == [6, 7, 8]


def test_a_client_link_brings_its_office_what_waited(
    now: datetime, office: AccountingOffice, run_reactions: Callable[[], int]
) -> None:
    company = registry.make_company(now, office=office)
    link = company.client_links.get()
    offices.end_client_link(link_uuid=link.uuid, ends_on=date(2026, 11, 6), actor="t", now=now)
    account = registry.make_account(now, company)
    bank(now, account.iban, 5, 6, 7)
    run_reactions()
    assert listed(of_office=True) == [5]

    offices.start_client_link(
        company_uuid=company.uuid, office_uuid=office.uuid, client_code="N", starts_on=date(2026, 11, 6), actor="t",
        now=now,
    )  # fmt: skip
    run_reactions()

    assert listed(of_office=True) == [5, 6, 7]


def test_many_statements_of_a_company_take_as_many_queries_as_one(now: datetime, company: Company) -> None:
    account = registry.make_account(now, company)
    connected = registry.connect(now, company, registry.make_software(now))
    open_software_feed(company=company, software=connected.software, now=now)
    bank(now, account.iban, *range(1, 12))
    first, *others = Statement.objects.order_by("number").values_list("uuid", flat=True)

    with CaptureQueriesContext(connection) as one:
        assert feeding.fan_out_statements(statement_uuids=[first], now=now) == 2
    with CaptureQueriesContext(connection) as ten:
        assert feeding.fan_out_statements(statement_uuids=others, now=now) == 20

    assert len(ten) <= len(one)
    assert feeding.fan_out_statements(statement_uuids=[first, *others], now=now) == 0
