"""The list of an office's clients: how far each is with connecting, and the columns that triggers keep."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices import services as offices
from apps.accounting_offices import transfers
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.companies import services as companies
from apps.companies.models import Company, ContactEmail
from apps.companies.rules import ContactState
from apps.tokens.models import Connection
from apps.tokens.services import endings
from apps.tokens.services.connections import revoke_connection
from apps.tokens.services.requests import request_connection
from tests.factories import registry
from tests.factories.inbox import deliver
from tests.portal.lists.conftest import browser_of
from tests.portal.lists.test_inbox import text_of


@pytest.fixture
def clients(office: AccountingOffice, accountant: Client) -> Callable[..., Any]:
    return lambda query="": accountant.get(f"/offices/{office.uuid}/clients/{query}")


def shown(answer: Any) -> list[str]:
    """Return the names of the clients on a page, in their order."""
    return re.findall(
        r'<td role="cell" class="s1 name long">([^<]+?)\s*(?:<span class="tag|</td>)', answer.content.decode()
    )


def link_of(company: Company) -> ClientLink:
    return ClientLink.objects.get(company=company, state="current")


class TestTheColumnsThatTriggersKeep:
    def test_a_link_is_described_from_its_beginning(self, company: Company) -> None:
        link = link_of(company)

        assert (link.company_name, link.company_number) == (company.name, company.enterprise_number)
        assert (link.standing, link.has_address) == ("unasked", True)

    def test_the_standing_follows_requests_and_connections(self, company: Company, now: datetime) -> None:
        robaws, other = registry.make_software(now, slug="bouwsoft"), registry.make_software(now, slug="teamleader")
        asked = request_connection(software=robaws.software, vat=company.enterprise_number, actor="t", now=now)
        assert link_of(company).standing == "waiting"

        endings.withdraw_request(request_uuid=asked.request.uuid, actor="t", now=now)
        assert link_of(company).standing == "unasked"

        registry.connect(now, company, robaws)
        assert link_of(company).standing == "connected"

        companies.set_contact_state(company_uuid=company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
        refused = request_connection(software=other.software, vat=company.enterprise_number, actor="t", now=now)
        assert link_of(company).standing == "refused"

        endings.withdraw_request(request_uuid=refused.request.uuid, actor="t", now=now)
        assert link_of(company).standing == "connected"

        connected = Connection.objects.get(company=company)
        revoke_connection(connection_uuid=connected.uuid, actor="t", now=now)
        assert link_of(company).standing == "unasked"

    def test_the_address_follows(self, office: AccountingOffice, now: datetime) -> None:
        company = registry.make_company(now, office=office, email=None)
        assert not link_of(company).has_address

        companies.put_contact_on_file(company_uuid=company.uuid, address="a@example.be", actor="t", now=now)
        assert link_of(company).has_address

        ContactEmail.objects.filter(company=company).delete()
        assert not link_of(company).has_address

    def test_the_name_follows_and_nothing_saved_here_stays_wrong(self, company: Company) -> None:
        Company.objects.filter(pk=company.pk).update(name="Loodgieterij Maes & Zoon")
        assert link_of(company).company_name == "Loodgieterij Maes & Zoon"

        link = link_of(company)
        link.company_name, link.standing = "Verouderd", "connected"
        link.save()

        assert (link_of(company).company_name, link_of(company).standing) == ("Loodgieterij Maes & Zoon", "unasked")


def test_each_client_says_how_far_it_is_and_what_is_missing(
    clients: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    key = registry.make_software(now, slug="bouwsoft")
    registry.connect(now, company, key)
    deliver(now, office, company, ["F-1"], issue_date=date(2026, 11, 3))
    nameless = registry.make_company(now, office=office, email=None, name="Zonder Adres")
    request_connection(software=key.software, vat=nameless.enterprise_number, actor="t", now=now)

    text, html = text_of(clients()), clients().content.decode()

    assert re.search(
        r"C1 Loodgieterij Maes [\d.]+ connected .*?on file open ?, the books of Loodgieterij Maes 3 Nov 2026", text
    )
    assert re.search(
        r"C1 Zonder Adres [\d.]+ cannot connect( No e-mail address is on file){2} .*?missing Fill in", text
    ), text
    assert f'href="/offices/{office.uuid}/clients/{nameless.uuid}/contact/"' in html
    assert f'href="/offices/{office.uuid}/inbox/?client={company.enterprise_number}"' in html
    assert "All 2 Cannot connect 1 Code on its way 0 Connected 1 Without an e-mail address 1" in text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Aannemer", "Bakker", "Claes"]),
        ("?sort=newest", ["Bakker", "Claes", "Aannemer"]),
        ("?sort=code", ["Claes", "Bakker", "Aannemer"]),
        ("?connection=connected", ["Bakker"]),
        ("?connection=unasked", ["Aannemer", "Claes"]),
        ("?address=missing", ["Claes"]),
        ("?q=akk", ["Bakker"]),
        ("?q=ba", ["Bakker"]),
        ("?q=K-03", ["Aannemer"]),
        ("?q=nobody", []),
        ("?connection=nonsense", ["Aannemer", "Bakker", "Claes"]),
        ("?after=nonsense", ["Aannemer", "Bakker", "Claes"]),
    ],
)
def test_filters_orders_and_search_keep_what_they_say(
    clients: Callable[..., Any], office: AccountingOffice, now: datetime, query: str, names: list[str]
) -> None:
    for name, code, email in (("Aannemer", "K-03", "a@b.be"), ("Claes", "K-01", None), ("Bakker", "K-02", "a@b.be")):
        client = registry.make_company(now, office=office, name=name, email=email)
        ClientLink.objects.filter(company=client).update(client_code=code)
        if name == "Bakker":
            registry.connect(now, client, registry.make_software(now, slug="bouwsoft"))
    former = registry.make_company(now, office=office, name="Baksteen")
    offices.end_client_link(link_uuid=link_of(former).uuid, ends_on=date(2026, 1, 1), actor="t", now=now)

    assert shown(clients(query)) == names


def test_a_number_is_found_in_any_spelling(clients: Callable[..., Any], company: Company) -> None:
    number = company.enterprise_number

    assert shown(clients(f"?q={number[:4]}.{number[4:7]}")) == [company.name]


def test_claims_show_ten_and_lead_to_the_rest(
    clients: Callable[..., Any], office: AccountingOffice, now: datetime
) -> None:
    other = registry.make_office(now, name="Ander Kantoor")
    for number in range(12):
        company = registry.make_company(now, office=other, name=f"Betwist {number}")
        transfers.claim_client(
            office_uuid=office.uuid, enterprise_number=company.enterprise_number, client_code="",
            starts_on=date(2027, 1, 1), actor="t", now=now,
        )  # fmt: skip

    assert "Your claims that wait 12" in text_of(clients())
    assert text_of(clients()).count("Betwist") == 20, "each name twice, in its row and for those who listen"
    assert "Show all 12 claims" in text_of(clients())
    assert text_of(clients("?claims=all")).count("Betwist") == 24
    against = browser_of(other, now).get(f"/offices/{other.uuid}/clients/")
    assert "Show all 12 claims" in text_of(against)
    assert against.content.decode().count("Confirm the transfer") == 10


def test_a_claim_that_fails_shows_what_was_typed(office: AccountingOffice, accountant: Client) -> None:
    answer = accountant.post(
        f"/offices/{office.uuid}/clients/",
        {"enterprise_number": "0123.456.749", "client_code": "K9", "starts_on": "2027-01-01"},
    )

    assert answer.status_code == 200
    assert 'value="0123.456.749"' in answer.content.decode()
    assert "is not known yet" in text_of(answer)


def test_the_file_holds_reasons_and_days(clients: Callable[..., Any], company: Company, now: datetime) -> None:
    text = clients("?export=csv").getvalue().decode()

    assert text.startswith("\ufeffClient code;Company;Enterprise number;Connection;Reason;")
    assert f"C1;{company.name};" in text
    assert ";not asked yet;;on file;;;2020-01-01;" in text


def test_a_page_needs_as_many_queries_for_sixty_clients_as_for_one(
    clients: Callable[..., Any], office: AccountingOffice, company: Company, now: datetime
) -> None:
    key = registry.make_software(now, slug="bouwsoft")
    companies.set_contact_state(company_uuid=company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    with CaptureQueriesContext(connection) as of_one:
        clients()
    made = Company.objects.bulk_create(
        Company(enterprise_number=registry.enterprise_number(), name=f"Zaak {n}", language="nl", created_at=now)
        for n in range(60)
    )
    ClientLink.objects.bulk_create(
        ClientLink(company=each, office=office, state="current", claimed_at=now, starts_on=date(2020, 1, 1))
        for each in made
    )
    with CaptureQueriesContext(connection) as of_many:
        page = clients()

    assert len(shown(page)) == 50
    assert len(of_many) == len(of_one) <= 12
    assert len(page.content) < 100_000


def test_a_stranger_finds_nothing(office: AccountingOffice, now: datetime) -> None:
    stranger = browser_of(registry.make_office(now, name="Ander"), now)

    for query in ("", "?export=xlsx", "?q=a"):
        assert stranger.get(f"/offices/{office.uuid}/clients/{query}").status_code == 404


@pytest.mark.usefixtures("company")
def test_four_languages_differ(office: AccountingOffice, now: datetime) -> None:
    client, pages = browser_of(office, now), set()
    for language in ("nl", "fr", "en", "de"):
        client.post("/language/", {"language": language, "next": "/"})
        pages.add(text_of(client.get(f"/offices/{office.uuid}/clients/")))

    assert len(pages) == 4
