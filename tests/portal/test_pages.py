"""What companies and accountants see, in four languages, and what strangers do not."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from apps.accounting_offices.client_lists import keep_client_list
from apps.accounting_offices.models import ClientLink
from apps.companies.models import BankAccount
from apps.companies.rules import ContactState, MemberRole
from apps.companies.services import set_contact_state
from apps.delivery.models import Destination
from apps.delivery.preparing import Place, ask_bundle
from apps.events.models import Event
from apps.invoices.models import Invoice
from apps.invoices.services.intake import Upload, receive_invoice
from apps.jobs.models import Job
from apps.portal.urls import urlpatterns
from apps.statements.models import Movement, Statement
from apps.tokens.models import Connection, ConnectionRequest, Software
from apps.tokens.services.requests import request_connection
from apps.users.models import User
from apps.webhooks.models import Endpoint, Message
from apps.webhooks.services import add_endpoint, send_test
from tests.factories import registry
from tests.factories.destinations import make_mailbox, make_server
from tests.factories.wire import make_document
from tests.portal.world import LANGUAGES, World, signed_in

# The mailbox exists in the embedded default only, and there for everybody; a withdrawal and a new address have a link
# of their own; whether a company can connect and that an office applies is for whoever is not here yet, as is the first
# page, which shows a person their places. The schema of CODAPlus is published, as are the documentation of the wire
# API, the list of software and the way into it.
ONLY_WHILE_OPEN = {"company-request"}
IN_THE_SANDBOX = "/report.json"
NO_LOGIN = {
    "mailbox", "mail", "mail-html", "withdraw", "confirm-address", "join", "join-new-link",
    "confirm-destination", "can-connect", "can-connect-asked", "office-apply", "office-applied",
    "home", "script", "styleguide", "codaplus-schema", "developers", "api-reference", "api-operation", "error-codes",
    "guide", "sample", "api-webhooks", "software-list", "software", "vendor-register", "vendor-registered",
}  # fmt: skip


def import_of(world: World) -> UUID:
    """Return the office's import of clients, made at the first call."""
    kept = Job.objects.filter(subject_uuid=world.office.uuid, kind="client_import").first() or keep_client_list(
        office_uuid=world.office.uuid,
        content=b"btw;naam\n1;x",
        file_name="x.csv",
        actor="t",
        now=world.paid.received_at,
    )
    return kept.uuid


def job_of(world: World, name: str) -> UUID:
    """Return the archive that a page is about, asked for at its first call; or else the office's import."""
    if not name.endswith("-archive"):
        return import_of(world)
    place = Place(office=world.office) if name == "office-archive" else Place(company=world.company)
    asked = Job.objects.filter(subject_uuid=place.uuid, kind="invoice_bundle").first() or ask_bundle(
        invoice_ids=[world.paid.pk], place=place, actor="t", now=world.paid.received_at
    )
    return asked.uuid


def mailbox_of(world: World) -> UUID:
    """Return the office's destination, made at the first call."""
    made = Destination.objects.filter(office=world.office, channel="email").first()
    return (made or make_mailbox(world.paid.received_at, world.office)).uuid


def server_of(world: World) -> UUID:
    """Return a server of the office, made at the first call."""
    made = Destination.objects.filter(office=world.office, channel="sftp").first()
    return (made or make_server(world.paid.received_at, world.office)).uuid


def maker_of(world: World) -> dict[str, Any]:
    """Return the software's maker and what it has, made at the first call; nobody of this world is a member of it."""
    software = Connection.objects.get(company=world.company).software
    if not Endpoint.objects.exists():
        add_endpoint(
            software=software,
            url="http://127.0.0.1:9/",
            topics=["invoice.accepted"],
            actor="t",
            now=world.paid.received_at,
        )
    endpoint = Endpoint.objects.get()
    message = Message.objects.first() or send_test(endpoint_uuid=endpoint.uuid, actor="t", now=world.paid.received_at)
    return {
        "vendor_uuid": software.vendor.uuid,
        "software_uuid": software.uuid,
        "endpoint_uuid": endpoint.uuid,
        "message_uuid": message.uuid,
    }


def developer_of(world: World) -> User:
    """Return a person of the maker of the world's software."""
    person = registry.make_user("dev@maker.example")
    vendor = Connection.objects.get(company=world.company).software.vendor
    registry.make_member(world.paid.received_at, person, vendor=vendor)
    return person


def routes(world: World) -> Iterator[str]:
    """Return every portal address that needs a login, with the ids of the world in it."""
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        if pattern.name in NO_LOGIN:
            continue
        ids = {
            "company_uuid": world.company.uuid,
            "office_uuid": world.office.uuid,
            "invoice_uuid": world.paid.uuid,
            "note_uuid": world.paid.uuid,
            "movement_uuid": Movement.objects.get(company=world.company).uuid,
            "account_uuid": BankAccount.objects.get(company=world.company).uuid,
            "statement_uuid": Statement.objects.get(account__company=world.company).uuid,
            "request_uuid": ConnectionRequest.objects.get(company=world.company).uuid,
            "connection_uuid": Connection.objects.get(company=world.company).uuid,
            "step": "end",
            "report_uuid": world.paid.uuid,
            "link_uuid": ClientLink.objects.get(company=world.company).uuid,
            "job_uuid": job_of(world, str(pattern.name)),
            "destination_uuid": server_of(world) if pattern.name == "change-server" else mailbox_of(world),
            **maker_of(world),
            "version": 1,
            "number": 1,
        }
        names = pattern.pattern.converters
        yield reverse(f"portal:{pattern.name}", kwargs={name: ids[name] for name in names})


def text_of(html: str) -> str:
    return " ".join(
        re.sub(r"<[^>]+>", " ", html.replace("<wbr>", "")).replace("\u00a0", " ").replace("\u2011", "-").split()
    )


def test_a_company_sees_its_connection_its_invoices_and_its_money(world: World) -> None:
    answer = signed_in(world.owner).get(f"/companies/{world.company.uuid}/")

    text = text_of(answer.content.decode())
    assert answer.status_code == 200
    assert "boekhouding bij Kantoor Peeters" in text
    assert "Ja, met Robaws" in text
    assert "Nog € 1.210,00 te ontvangen" in text
    assert re.search(r"2026-0117 Klant NV 19 nov 2026 € 1\.210,00 Geleverd betaald € 0,00", text)
    assert re.search(r"2026-0050 Klant NV 1 sep 2026 € 1\.210,00 Geleverd open € 1\.210,00", text)
    assert "+++090/9337/55493+++" in text


def test_what_is_open_after_its_due_date_is_overdue(world: World) -> None:
    world.open.due_date = world.open.issue_date
    world.open.save(update_fields=["due_date"])

    text = text_of(signed_in(world.owner).get(f"/companies/{world.company.uuid}/").content.decode())

    assert "te laat" in text


def test_a_company_without_anything_is_told_what_comes_first(world: World, now: datetime) -> None:
    registry.make_member(now, world.stranger, company=registry.make_company(now, name="Leeg BV"))

    text = text_of(signed_in(world.stranger).get("/", follow=True).content.decode())

    assert "Nog niet verbonden met facturatiesoftware" in text
    assert "vandaag geen boekhoudkantoor" in text
    assert "Uw boekhoudkantoor voegt uw onderneming toe aan zijn klanten." in text
    assert "Nog geen facturen" in text
    assert "Nog geen bewegingen" in text


def test_somebody_without_a_place_is_told_whom_to_ask(world: World) -> None:
    text = text_of(signed_in(world.stranger).get("/").content.decode())

    assert "Vraag uw boekhoudkantoor of een collega om stranger@example.be toe te voegen." in text


def test_a_waiting_request_says_why_and_who_acts(world: World, now: datetime) -> None:
    key = registry.make_software(now, slug="bouwsoft")
    set_contact_state(company_uuid=world.company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    request_connection(software=key.software, vat=world.company.enterprise_number, actor="t", now=now)

    text = text_of(signed_in(world.owner).get(f"/companies/{world.company.uuid}/").content.decode())

    assert "Wacht om Bouwsoft te verbinden: het e-mailadres werkt niet" in text
    assert "Onze helpdesk of uw boekhoudkantoor verbetert het e-mailadres." in text


def test_an_accountant_sees_the_inbox_and_an_invoice_with_its_papers(world: World) -> None:
    client = signed_in(world.accountant)

    home = client.get("/", follow=True)
    inbox = client.get(f"/offices/{world.office.uuid}/inbox/")
    address = f"/offices/{world.office.uuid}/invoices/{world.paid.uuid}/"
    page = text_of(client.get(address).content.decode())
    pdf, xml = client.get(f"{address}pdf/"), client.get(f"{address}xml/")

    assert f'href="/offices/{world.office.uuid}/inbox/"' in home.content.decode()
    assert f'href="{address}"' in inbox.content.decode()
    assert "Loodgieterij Maes" in text_of(inbox.content.decode())
    assert "Factuur 2026-0117" in page
    assert "Herstelling 1" in re.sub(r"Aantal ", "", page)
    assert "Totaal € 1.210,00" in page
    assert "Nog te betalen € 0,00" in page
    assert "Opgehaald" in page
    assert pdf.content.startswith(b"%PDF-")
    assert xml.headers["Content-Disposition"].startswith("attachment")


def test_findings_are_told_with_their_remedy_in_the_readers_language(
    world: World, now: datetime, run_reactions: Callable[[], int]
) -> None:
    tomorrow = now.date() + timedelta(days=1)
    document = make_document(world.company, number="2026-0200", issue_date=tomorrow, reference=None)
    upload = Upload(company=world.company, software=world.paid.software, document=document, pdf=None)
    invoice = receive_invoice(upload=upload, actor="t", now=now).invoice
    run_reactions()

    page = signed_in(world.accountant).get(f"/offices/{world.office.uuid}/invoices/{invoice.uuid}/").content.decode()

    assert "De factuurdatum 26 nov 2026 ligt na de dag waarop het document binnenkwam (25 nov 2026)." in text_of(page)
    assert "Kijk de datum op de factuur na." in text_of(page)
    assert "/Invoice/cbc:IssueDate (regel 2)" in page


def test_looking_at_an_invoice_is_recorded_once_as_fetching_it(world: World) -> None:
    client = signed_in(world.accountant)

    for _ in range(2):
        client.get(f"/offices/{world.office.uuid}/invoices/{world.paid.uuid}/")

    assert Event.objects.filter(name="invoice.fetched", subject_uuid=world.paid.uuid).count() == 1


def test_a_stranger_finds_nothing_and_leaves_no_trace(world: World) -> None:
    client, paths = signed_in(world.stranger), list(routes(world))
    before = Event.objects.count()

    answers = {path: client.get(path).status_code for path in paths}

    assert {path: status for path, status in answers.items() if status != 404} == {"/account/": 200}
    assert Event.objects.count() == before


def test_who_is_not_signed_in_gets_the_sign_in_page(world: World) -> None:
    for path in routes(world):
        answer = Client().get(path)

        assert (answer.status_code, answer.headers["Location"]) == (302, f"/accounts/login/?next={path}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_come_in_the_language_chosen(world: World, language: str) -> None:
    owner, accountant = signed_in(world.owner), signed_in(world.accountant)
    maker = signed_in(developer_of(world))
    for client in (owner, accountant, maker):
        client.post("/language/", {"language": language, "next": "/"})

    asked = ConnectionRequest.objects.get(company=world.company)
    answers = {
        path: [client.get(path, follow=True) for client in ([maker] if "/vendors/" in path else [owner, accountant])]
        for path in routes(world)
    }

    opened = {path: [page for page in pages if page.status_code == 200] for path, pages in answers.items()}
    closed = {reverse(f"portal:{name}", args=[world.company.uuid, asked.uuid]) for name in ONLY_WHILE_OPEN}
    closed |= {path for path in answers if path.endswith(IN_THE_SANDBOX)}
    assert {path for path, pages in opened.items() if not pages} == closed, "each other page opens for somebody"
    # The progress of an import and the periods of a destination are parts of a page, which asks for them.
    whole = [page for path, pages in opened.items() if not path.endswith(("/progress/", "/periods/")) for page in pages]
    shown = [page for page in whole if page.headers["Content-Type"].startswith("text/html")]
    assert all(f'<html lang="{language}">' in page.content.decode() for page in shown)
    menus = {
        path: 'aria-current="page"' in page.content.decode()
        for path, pages in opened.items()
        for page in pages
        if path.startswith(("/companies/", "/offices/")) and page in shown
    }
    assert {path for path, is_there in menus.items() if not is_there} == set()
    assert all(' style="' not in page.content.decode() for page in shown)


def test_a_visitor_is_told_what_this_is_and_may_ask(world: World, now: datetime) -> None:
    key = registry.make_software(now, slug="onfact")
    Software.objects.filter(pk=key.software.pk).update(name="onFact")

    page = Client().get("/", headers={"Accept-Language": "nl"})

    text = text_of(page.content.decode())
    assert page.status_code == 200
    assert "Uw facturen bij uw boekhouder." in text
    assert 'action="/can-connect/"' in page.content.decode()
    assert "onFact Robaws Doorzoek de lijst" in text


def test_who_acts_for_a_company_is_listed_and_only_an_owner_may_end_it(world: World, now: datetime) -> None:
    registry.make_member(now, world.stranger, company=world.company, role=MemberRole.MEMBER)
    address = f"/companies/{world.company.uuid}/connections/"

    owner, member = (signed_in(user).get(address).content.decode() for user in (world.owner, world.stranger))

    assert "Verbonden met Robaws sinds 25 nov 2026" in text_of(owner)
    assert "/end/" in owner
    assert "/end/" not in member
    assert "Een eigenaar van de onderneming kan een verbinding vernieuwen" in text_of(member)


def test_a_refused_invoice_is_the_next_thing_to_do(world: World, now: datetime) -> None:
    Invoice.objects.filter(pk=world.open.pk).update(state="rejected", rejected_at=now, accepted_at=None)
    client = signed_in(world.owner)

    home = text_of(client.get(f"/companies/{world.company.uuid}/").content.decode())
    listed = text_of(client.get(f"/companies/{world.company.uuid}/invoices/?state=rejected").content.decode())

    assert "Eén factuur werd geweigerd en kwam niet bij uw boekhoudkantoor" in home
    assert "2026-0050" in listed
    assert "2026-0117" not in listed


def test_the_first_page_of_a_company_asks_the_database_twelve_times_at_most(
    world: World, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(world.owner)

    with django_assert_max_num_queries(12):
        client.get(f"/companies/{world.company.uuid}/")


def test_pages_say_what_a_browser_may_load_and_the_wire_stays_as_it_is(world: World) -> None:
    page = signed_in(world.owner).get(f"/companies/{world.company.uuid}/", headers={"Accept-Encoding": "gzip"})
    wire = Client().get("/v2/connection/", headers={"Accept-Encoding": "gzip"})

    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in wire.headers


def test_the_script_is_kept_under_its_version_only(world: World) -> None:
    page = Client().get("/").content.decode()
    found = re.search(r'<script src="(/script/[0-9a-f]{12}\.js)" defer>', page)
    assert found

    script = Client().get(found[1])

    assert "immutable" in script.headers["Cache-Control"]
    assert b"htmx" in script.content
    assert Client().get("/script/000000000000.js").status_code == 404


def test_every_component_shows_in_every_language() -> None:
    for language in LANGUAGES:
        page = Client().get("/styleguide/", headers={"Accept-Language": language})

        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.content.decode()


def test_components_are_for_the_embedded_default_only(settings: Any) -> None:
    settings.EMBEDDED = False

    assert Client().get("/styleguide/").status_code == 404


def test_the_four_languages_differ(world: World) -> None:
    def page(language: str) -> str:
        client = signed_in(world.owner)
        client.post("/language/", {"language": language, "next": "/"})
        return text_of(client.get(f"/companies/{world.company.uuid}/").content.decode())

    assert len({page(language) for language in LANGUAGES}) == 4


def test_a_person_reads_in_their_own_language_unless_they_choose_another(world: World) -> None:
    world.owner.language = "de"
    world.owner.save(update_fields=["language"])

    assert '<html lang="de">' in signed_in(world.owner).get("/", follow=True).content.decode()


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing/"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.django_db
def test_pages_before_sign_in_come_in_every_language(path: str, language: str) -> None:
    page = Client().get(path, headers={"Accept-Language": language}).content.decode()

    assert f'<html lang="{language}">' in page
    assert 'action="/language/"' in page


def test_signing_in_and_out_works_with_the_forms(world: World) -> None:
    client = Client()

    signed = client.post("/accounts/login/", {"login": "owner@example.be", "password": "een lang geheim"})
    out = client.post("/accounts/logout/")

    assert (signed.status_code, signed.headers["Location"]) == (302, "/")
    assert (out.status_code, out.headers["Location"]) == (302, "/accounts/login/")


def test_a_place_that_does_not_exist_is_not_found(world: World) -> None:
    answer = signed_in(world.owner).get(f"/companies/{uuid4()}/")

    assert answer.status_code == 404
    assert "Hier is niets, of u mag het niet zien." in answer.content.decode()


def test_the_page_for_failures_needs_nothing_but_its_template() -> None:
    from django.template.loader import get_template

    for name in ("500.html", "400.html", "403_csrf.html"):
        assert "<h1>" in get_template(name).render()
