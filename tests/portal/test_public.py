"""Pages without a sign-in: what they answer never depends on what is known."""

import re
from collections.abc import Callable
from datetime import date, datetime
from ipaddress import IPv4Address
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices.models import AccountingOffice, OfficeApplication
from apps.accounting_offices.services import start_client_link
from apps.companies.rules import ContactState
from apps.companies.services import set_contact_state
from apps.events.models import Event
from apps.tokens.models import AccessToken, ConnectionEnquiry, ConnectionRequest
from apps.tokens.services import requests
from tests.factories import registry
from tests.portal.world import LANGUAGES

pytestmark = pytest.mark.django_db
PAGES = ("/can-connect/", "/can-connect/asked/", "/offices/apply/", "/offices/apply/received/")


@pytest.fixture
def visitor() -> str:
    # The counters outlive a test, so each has a network of its own.
    return str(IPv4Address(0x0A000000 + uuid4().int % 2**24))


def numbers(now: datetime) -> dict[str, str]:
    """Return a number of each kind that must not be told apart."""
    office = registry.make_office(now)
    bounced = registry.make_company(now, office=office)
    set_contact_state(company_uuid=bounced.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    return {
        "known": registry.make_company(now, office=office).enterprise_number,
        "throttled": registry.make_company(now, office=office).enterprise_number,
        "unknown": "0999999922",
        "silent": registry.make_company(now, office=office, email=None).enterprise_number,
        "bounced": bounced.enterprise_number,
        "unlinked": registry.make_company(now).enterprise_number,
    }


def application(number: str, **fields: str) -> dict[str, str]:
    return {
        "number": number, "name": "Kantoor Peeters", "email": "peeters@example.be", "applicant": "An Peeters",
        "language": "nl",
    } | fields  # fmt: skip


def without_csrf(page: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", page)


def shape(query: str) -> str:
    return re.sub(r"""'[^']*'|\b\d+\b|"s\d+_x\d+\"""", "?", query)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_gets_the_same_answer_byte_for_byte_after_the_same_queries(
    now: datetime, settings: Any, run_reactions: Callable[[], int], language: str
) -> None:
    settings.ENQUIRY_MAILS_PER_HOUR = 1
    kinds = numbers(now)
    Client().post("/can-connect/", {"number": kinds["throttled"]})
    run_reactions()
    answers, queries = set(), set()
    for number in kinds.values():
        browser = Client(headers={"Accept-Language": language})
        with CaptureQueriesContext(connection) as captured:
            asked = browser.post("/can-connect/", {"number": number})
        queries.add(tuple(shape(query["sql"]) for query in captured))
        shown = browser.get(asked.headers["Location"])
        answers.add((asked.status_code, str(asked.headers), asked.content, without_csrf(shown.content)))
    run_reactions()

    assert len(answers) == 1
    assert len(queries) == 1
    outcomes = dict(ConnectionEnquiry.objects.order_by("id").values_list("enterprise_number", "outcome"))
    assert {kind: outcomes[number] for kind, number in kinds.items()} == {
        "known": "passed",
        "throttled": "throttled",
        "unknown": "enterprise_unknown",
        "silent": "email_unknown",
        "bounced": "email_undeliverable",
        "unlinked": "no_accounting_office",
    }


def test_the_answer_goes_by_mail_and_no_request_is_made(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    key = registry.make_software(now)

    Client().post("/can-connect/", {"number": f"be {company.enterprise_number}", "software": key.software.slug})
    run_reactions()

    assert [mail.to for mail in mailoutbox] == [["zaak@example.be"]]
    assert "Robaws" in mailoutbox[0].body
    assert not ConnectionRequest.objects.exists()


@pytest.mark.parametrize("path", ["/can-connect/", "/offices/apply/"])
def test_an_impossible_number_is_told_and_leaves_no_trace(path: str) -> None:
    answer = Client().post(path, application("0123456789"), headers={"Accept-Language": "nl"})

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not Event.objects.exists()
    assert not ConnectionEnquiry.objects.exists()
    assert not OfficeApplication.objects.exists()


@pytest.mark.parametrize("path", ["/can-connect/", "/offices/apply/"])
def test_a_network_that_sends_too_often_is_told_when_and_leaves_no_trace(
    path: str, settings: Any, visitor: str
) -> None:
    settings.FORMS_PER_VISITOR_PER_HOUR = 1
    browser = Client(REMOTE_ADDR=visitor)
    browser.post(path, application("0999999922"))
    before = Event.objects.count()

    answer = browser.post(path, application(registry.enterprise_number()), headers={"Accept-Language": "en"})

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert "You can ask again from" in answer.content.decode()
    assert Event.objects.count() == before
    assert Client(REMOTE_ADDR=str(IPv4Address(visitor) + 1)).post(path, application("0999999922")).status_code == 302


def test_a_visitor_is_told_apart_by_what_the_proxy_says_and_not_by_what_they_write(settings: Any, visitor: str) -> None:
    settings.FORMS_PER_VISITOR_PER_HOUR, settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1, 1

    def send(forwarded: str) -> int:
        return (
            Client().post("/can-connect/", {"number": "0999999922"}, headers={"X-Forwarded-For": forwarded}).status_code
        )

    other = str(IPv4Address(visitor) + 1)
    assert [send(visitor), send(f"198.51.100.7, {visitor}"), send(other)] == [302, 429, 302]


def test_every_office_gets_the_same_answer_byte_for_byte(now: datetime, settings: Any) -> None:
    settings.OFFICE_APPLICATIONS_PER_DAY = 1
    throttled = registry.enterprise_number()
    Client().post("/offices/apply/", application(throttled, email="eerst@example.be"))
    answers = set()
    for index, number in enumerate((registry.make_office(now).enterprise_number, "0999999922", throttled)):
        browser = Client()
        applied = browser.post("/offices/apply/", application(number, email=f"a{index}@example.be"))
        shown = browser.get(applied.headers["Location"])
        answers.add((applied.status_code, str(applied.headers), applied.content, without_csrf(shown.content)))

    assert len(answers) == 1
    assert OfficeApplication.objects.count() == 3


def test_from_the_form_over_approval_to_the_code_of_a_client_that_waited(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    Client().post("/offices/apply/", application("0999.999.922"))
    office = AccountingOffice.objects.get()
    company = registry.make_company(now)
    start_client_link(
        company_uuid=company.uuid,
        office_uuid=office.uuid,
        client_code="",
        starts_on=date(2020, 1, 1),
        actor="t",
        now=now,
    )
    key = registry.make_software(now)
    requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    staff = Client()
    staff.force_login(registry.make_user("staff@example.be", is_staff=True))
    page = "/admin/accounting_offices/officeapplication/"

    listed = staff.get(page).content.decode()
    staff.post(page, {"action": "approve", "_selected_action": [OfficeApplication.objects.get().pk]})
    run_reactions()

    assert "An Peeters" in listed
    office.refresh_from_db()
    assert office.state == "client"
    assert AccessToken.objects.get().company == company
    subjects = {(mail.to[0], "klant" in mail.subject) for mail in mailoutbox}
    assert {("peeters@example.be", True), ("peeters@example.be", False), ("zaak@example.be", False)} <= subjects


def test_staff_decline_with_a_reason_and_only_with_one(run_reactions: Callable[[], int], mailoutbox: list[Any]) -> None:
    Client().post("/offices/apply/", application("0999999922"))
    chosen = {"_selected_action": [OfficeApplication.objects.get().pk], "action": "decline"}
    staff = Client()
    staff.force_login(registry.make_user("staff@example.be", is_staff=True))
    page = "/admin/accounting_offices/officeapplication/"

    staff.post(page, chosen)
    without = OfficeApplication.objects.get().state
    staff.post(page, chosen | {"reason": "Bel ons even."})
    run_reactions()

    assert (without, OfficeApplication.objects.get().state) == ("open", "declined")
    assert "Bel ons even." in mailoutbox[-1].body


def test_staff_see_undecided_applications_and_offices_first(now: datetime) -> None:
    staff = Client()
    staff.force_login(registry.make_user("staff@example.be", is_staff=True))
    Client().post("/offices/apply/", application("0999999922", name="Zzz Kantoor"))
    registry.make_office(now, name="Aaa Kantoor")

    page = staff.get("/admin/accounting_offices/accountingoffice/").content.decode()

    assert page.index("Zzz Kantoor") < page.index("Aaa Kantoor")
    # They have no place of their own: after signing in they are where they work.
    assert staff.get("/")["Location"] == "/admin/"


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_come_in_four_languages(path: str) -> None:
    pages = {language: Client().get(path, headers={"Accept-Language": language}) for language in LANGUAGES}

    assert all(page.status_code == 200 for page in pages.values())
    assert all(f'<html lang="{language}">' in page.content.decode() for language, page in pages.items())
    headings = [re.findall(r"<h1>(.*?)</h1>", page.content.decode())[0] for page in pages.values()]
    assert len(set(headings)) == 4


def test_a_link_for_something_else_confirms_nothing() -> None:
    assert Client().get(f"/confirm-address/{uuid4()}.x/").status_code == 404
