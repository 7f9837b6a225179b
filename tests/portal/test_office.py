"""An accounting office's first page: what there is to do, the most urgent first."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices.client_lists import keep_client_list
from apps.accounting_offices.imports import create_client_import
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.services import end_office
from apps.accounting_offices.transfers import claim_client
from apps.companies.models import Company
from apps.companies.rules import ContactState
from apps.companies.services import set_contact_state
from apps.delivery.examining import sweep
from apps.delivery.models import Delivery
from apps.jobs.models import Job
from apps.tokens.models import ConnectionRequest, Software
from apps.tokens.services.requests import request_connection
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, World, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def software(now: datetime) -> Software:
    return registry.make_software(now).software


def ask(software: Software, company: Company, now: datetime) -> str:
    outcome = request_connection(software=software, vat=company.enterprise_number, actor="t", now=now)
    return outcome.refusal_code


def claim(office: AccountingOffice, company: Company, now: datetime) -> ClientLink:
    return claim_client(
        office_uuid=office.uuid, enterprise_number=company.enterprise_number, client_code="", actor="t", now=now,
        starts_on=date(2026, 12, 1),
    )  # fmt: skip


def heading(client: Client, office: AccountingOffice) -> str:
    page = client.get(f"/offices/{office.uuid}/").content.decode()
    return text_of(page.partition("<h1>")[2].partition("</h1>")[0])


def page_of(client: Client, office: AccountingOffice) -> str:
    return client.get(f"/offices/{office.uuid}/").content.decode()


def test_a_new_office_is_told_to_add_its_clients_first(accountant: Client, office: AccountingOffice) -> None:
    page = page_of(accountant, office)

    assert heading(accountant, office) == "Voeg eerst uw klanten toe"
    assert page.count("btn--primary") == 1
    assert f'btn--primary" href="/offices/{office.uuid}/clients/import/"' in page


def test_an_office_with_everything_in_order_has_nothing_to_do(
    accountant: Client, office: AccountingOffice, now: datetime
) -> None:
    registry.make_company(now, office=office)

    assert heading(accountant, office) == "U hoeft niets te doen"
    assert "btn--primary" not in page_of(accountant, office)


def test_an_account_that_needs_somebody_is_something_to_do(
    accountant: Client, office: AccountingOffice, now: datetime
) -> None:
    registry.make_account(now, registry.make_company(now, office=office), with_mandate=False)
    sweep(now=now)

    assert heading(accountant, office) == "Voor 1 bankrekening moet iets gebeuren"


def test_clients_that_asked_and_have_no_address_come_first_by_name_and_go_on_once_it_is_filled_in(
    accountant: Client, office: AccountingOffice, software: Software, now: datetime, run_reactions: Callable[[], int]
) -> None:
    company = registry.make_company(now, office=office, email=None, name="Schilder Claes")
    claim(registry.make_office(now, name="Ander"), registry.make_company(now, office=office), now)
    assert ask(software, company, now) == "email_unknown"
    way = f"/offices/{office.uuid}/clients/{company.uuid}/contact/?from=office"

    page = page_of(accountant, office)
    filled_in = accountant.post(way, {"address": "claes@example.be"})
    run_reactions()

    assert heading(accountant, office) == "1 overdracht wacht op uw antwoord"
    assert "<h1>1 klant kan niet verbinden</h1>" in page
    assert "Schilder Claes" in text_of(page)
    assert "Robaws Geen e-mailadres bekend" in text_of(page)
    assert f'href="{way}"' in page
    assert filled_in.headers["Location"] == f"/offices/{office.uuid}/"
    assert ConnectionRequest.objects.get().state != "waiting"


def test_an_address_just_filled_in_is_no_longer_asked_for(
    accountant: Client, office: AccountingOffice, software: Software, now: datetime
) -> None:
    company = registry.make_company(now, office=office, email=None, name="Stille Zaak")
    bounced = registry.make_company(now, office=office, name="Gebotste Zaak")
    set_contact_state(company_uuid=bounced.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    assert [ask(software, each, now) for each in (company, bounced)] == ["email_unknown", "email_undeliverable"]
    assert heading(accountant, office) == "2 klanten kunnen niet verbinden"

    # The worker frees what waits a moment later; until then there is nothing to do about it any more.
    accountant.post(f"/offices/{office.uuid}/clients/{company.uuid}/contact/", {"address": "stil@zaak.example"})
    set_contact_state(company_uuid=bounced.uuid, state=ContactState.ON_FILE, actor="t", now=now)

    assert heading(accountant, office) == "U hoeft niets te doen"


def test_two_softwares_that_wait_for_one_client_are_one_client(
    accountant: Client, office: AccountingOffice, software: Software, now: datetime
) -> None:
    company = registry.make_company(now, office=office, email=None)
    ask(software, company, now)
    ask(registry.make_software(now, slug="bouwsoft").software, company, now)

    assert heading(accountant, office) == "1 klant kan niet verbinden"
    assert "Bouwsoft, Robaws" in text_of(page_of(accountant, office))


def test_a_client_whose_link_still_starts_waits_for_its_office_and_another_offices_client_does_not(
    accountant: Client, office: AccountingOffice, software: Software, now: datetime
) -> None:
    later = registry.make_company(now, office=office, name="Later BV")
    ClientLink.objects.filter(company=later).update(starts_on=now.date() + timedelta(days=9))
    ask(software, registry.make_company(now, email=None, office=registry.make_office(now), name="Vreemd"), now)
    assert ask(software, later, now) == "no_accounting_office"

    page = text_of(page_of(accountant, office))

    assert "Later BV" in page
    assert "Nog niet met uw kantoor verbonden" in page
    assert "Vreemd" not in page


def test_an_address_that_bounces_is_shown_once_with_what_to_do(
    accountant: Client, office: AccountingOffice, software: Software, now: datetime
) -> None:
    quiet, asking = (registry.make_company(now, office=office, name=name) for name in ("Stil", "Vraagt"))
    for company in (quiet, asking):
        set_contact_state(company_uuid=company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    first = heading(accountant, office)
    ask(software, asking, now)

    page = page_of(accountant, office)
    contact = text_of(accountant.get(f"/offices/{office.uuid}/clients/{quiet.uuid}/contact/").content.decode())

    assert first == "2 klanten krijgen geen e-mail van ons"
    assert page.count(f"/clients/{asking.uuid}/contact/") == page.count(f"/clients/{quiet.uuid}/contact/") == 1
    assert "1 klant van wie de e-mail terugkomt" in text_of(page)
    assert "E-mail naar z" in contact
    assert "komt niet aan" in contact
    assert "Vraag uw klant het juiste adres en bezorg het ons." in contact


def test_claims_stand_with_whoever_must_answer(accountant: Client, office: AccountingOffice, now: datetime) -> None:
    other = registry.make_office(now, name="Kantoor Ander")
    claim(office, registry.make_company(now, office=other), now)
    own_only = heading(accountant, office), text_of(page_of(accountant, office))
    claim(other, registry.make_company(now, office=office, name="Gevraagd BV"), now)

    page = text_of(page_of(accountant, office))

    assert own_only[0] == "U hoeft niets te doen"
    assert "Uw aanvragen die op een ander kantoor wachten 1" in own_only[1]
    assert "Gevraagd BV Kantoor Ander" in page
    assert heading(accountant, office) == "1 overdracht wacht op uw antwoord"


def test_new_invoices_are_counted_until_somebody_looks(world: World) -> None:
    client = signed_in(world.accountant)
    before = heading(client, world.office)
    client.get(f"/offices/{world.office.uuid}/invoices/{world.paid.uuid}/")

    assert before == "2 nieuwe facturen"
    assert heading(client, world.office) == "1 nieuwe factuur"
    assert Delivery.objects.filter(channel="inbox", state="delivered").count() == 1


def test_an_import_that_waits_for_a_person_is_on_the_list_until_it_is_dealt_with(
    accountant: Client, office: AccountingOffice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    registry.make_company(now, office=office)
    kept = keep_client_list(
        office_uuid=office.uuid, content=b"btw;naam\r\n1;x", file_name="lijst.csv", actor="t", now=now
    )
    waiting = heading(accountant, office), page_of(accountant, office)
    Job.objects.filter(pk=kept.pk).update(state="cancelled", cancel_asked_at=now, finished_at=now)
    dropped = heading(accountant, office)
    good = f"btw;naam\r\n{registry.enterprise_number()};Goed".encode()
    create_client_import(office_uuid=office.uuid, content=good, mapping={}, is_dry_run=False, actor="t", now=now)
    run_reactions()

    assert waiting[0] == "Uw klantenlijst wacht op u"
    assert "Import van lijst.csv" in text_of(waiting[1])
    assert f"/clients/import/{kept.uuid}/" in waiting[1]
    assert dropped == heading(accountant, office) == "U hoeft niets te doen"


def test_an_office_that_is_no_client_any_more_is_told_what_that_means(
    accountant: Client, office: AccountingOffice, now: datetime
) -> None:
    end_office(office_uuid=office.uuid, actor="t", now=now)

    assert "Uw kantoor is geen klant meer van ons." in text_of(page_of(accountant, office))


def test_the_page_takes_the_same_queries_at_two_and_at_sixty_clients(
    accountant: Client, office: AccountingOffice, software: Software, now: datetime
) -> None:
    other = registry.make_office(now, name="Ander")
    counts = []
    for more in (2, 58):
        for _ in range(more):
            ask(software, registry.make_company(now, office=office, email=None), now)
            bounced = registry.make_company(now, office=office)
            set_contact_state(company_uuid=bounced.uuid, state=ContactState.BOUNCED, actor="t", now=now)
            claim(other, bounced, now)
        with CaptureQueriesContext(connection) as captured:
            answer = accountant.get(f"/offices/{office.uuid}/")
        counts.append(len(captured))
        assert len(answer.content) < 100_000

    assert counts[0] == counts[1]
    assert counts[0] <= 12
    assert heading(accountant, office) == "60 klanten kunnen niet verbinden"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_comes_in_every_language(accountant: Client, office: AccountingOffice, language: str) -> None:
    accountant.post("/language/", {"language": language, "next": "/"})

    page = page_of(accountant, office)

    assert f'<html lang="{language}"' in page
    assert ("First add your clients" in page) == (language == "en")
    assert ' style="' not in page


def test_strangers_find_no_page(office: AccountingOffice) -> None:
    assert signed_in(registry.make_user("stranger@example.be")).get(f"/offices/{office.uuid}/").status_code == 404
