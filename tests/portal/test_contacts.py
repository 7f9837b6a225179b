"""The address on file in the portal, and the link that confirms a new one."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.accounting_offices.services import end_client_link
from apps.companies.models import CompanyMember, ContactChange, ContactEmail
from apps.events.models import Event
from apps.tokens.models import ConnectionRequest
from apps.tokens.services import requests
from apps.users.models import MailedLink
from tests.factories import registry
from tests.portal.world import LANGUAGES, World, signed_in


@pytest.fixture
def page(world: World) -> str:
    return f"/companies/{world.company.uuid}/contact/"


@pytest.fixture
def link(world: World, page: str, run_reactions: Callable[[], int], mailoutbox: list[Any]) -> str:
    mailoutbox.clear()
    signed_in(world.owner).post(page, {"address": "nieuw@example.be"})
    run_reactions()
    message = next(mail for mail in mailoutbox if mail.to == ["nieuw@example.be"])
    found = re.search(r"https?://\S+/confirm-address/\S+", message.body)
    assert found
    return urlsplit(found[0]).path


def expire() -> None:
    MailedLink.objects.update(made_at=datetime.now().astimezone() - timedelta(days=9))
    MailedLink.objects.update(expires_at=datetime.now().astimezone() - timedelta(days=2))


def test_looking_changes_nothing_and_the_button_confirms(world: World, link: str) -> None:
    browser = Client()

    looked = browser.get(link)
    address_after_looking = ContactEmail.objects.get(company=world.company).address
    pressed = browser.post(link)
    again = browser.post(link)

    assert looked.status_code == pressed.status_code == again.status_code == 200
    assert address_after_looking == "zaak@example.be"
    contact = ContactEmail.objects.get(company=world.company)
    assert (contact.address, contact.state) == ("nieuw@example.be", "verified")
    assert "nieuw@example.be" not in looked.content.decode()
    assert "Het adres is bevestigd" in pressed.content.decode()
    assert "Het adres is bevestigd" in again.content.decode()
    assert looked.headers["Referrer-Policy"] == "strict-origin"
    assert looked.headers["Cache-Control"] == "no-store"


def test_the_present_address_is_told(link: str, mailoutbox: list[Any]) -> None:
    assert sorted(mail.to[0] for mail in mailoutbox) == ["nieuw@example.be", "zaak@example.be"]


def test_a_link_whose_time_is_over_offers_a_new_one(
    world: World, link: str, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    expire()
    mailoutbox.clear()

    offered = Client().get(link).content.decode()
    sent = Client().post(link).content.decode()
    run_reactions()

    assert "Een nieuwe link sturen" in offered
    assert "Er is een nieuwe link gestuurd" in sent
    assert [mail.to for mail in mailoutbox] == [["nieuw@example.be"]]
    assert "Deze link werkt niet meer" in Client().get(link).content.decode()
    newer = re.search(r"https?://\S+/confirm-address/\S+", mailoutbox[0].body)
    assert newer
    Client().post(urlsplit(newer[0]).path)
    assert ContactEmail.objects.get(company=world.company).address == "nieuw@example.be"


def test_a_change_that_lapsed_says_so_and_changes_nothing(world: World, link: str) -> None:
    CompanyMember.objects.filter(company=world.company).delete()

    answer = Client().post(link).content.decode()

    assert "Het adres is niet gewijzigd" in answer
    assert ContactEmail.objects.get(company=world.company).address == "zaak@example.be"


def test_a_request_that_waited_for_a_working_address_goes_on(
    world: World, now: datetime, link: str, run_reactions: Callable[[], int]
) -> None:
    ContactEmail.objects.filter(company=world.company).update(state="bounced", undeliverable_at=now)
    key = registry.make_software(now, slug="bouwsoft")
    requests.request_connection(software=key.software, vat=world.company.enterprise_number, actor="t", now=now)

    Client().post(link)
    run_reactions()

    assert ConnectionRequest.objects.get(software=key.software).state == "token_sent"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_language_of_the_company(world: World, link: str, language: str) -> None:
    MailedLink.objects.update(language=language)

    assert f'<html lang="{language}"' in Client().get(link).content.decode()


def test_an_ordinary_member_sees_the_address_but_no_form(world: World, page: str) -> None:
    CompanyMember.objects.filter(user=world.owner).update(role="member")
    before = Event.objects.count()

    shown = signed_in(world.owner).get(page).content.decode()
    signed_in(world.owner).post(page, {"address": "nieuw@example.be"})

    assert "zaak@example.be" in shown
    assert 'name="address"' not in shown
    assert not ContactChange.objects.exists()
    assert Event.objects.count() == before


def test_too_many_changes_are_refused_with_the_time(world: World, page: str, settings: Any) -> None:
    settings.CONTACT_CHANGES_PER_DAY = 1
    client = signed_in(world.owner)
    client.post(page, {"address": "a@example.be"})

    answer = client.post(page, {"address": "b@example.be"}).content.decode()

    assert "U kunt het opnieuw vragen vanaf" in answer
    assert ContactChange.objects.count() == 1


def test_an_office_fills_in_a_missing_address_and_what_waited_goes_on(
    world: World, now: datetime, run_reactions: Callable[[], int]
) -> None:
    bare = registry.make_company(now, office=world.office, email=None, name="Zonder Adres BV")
    key = registry.make_software(now, slug="bouwsoft")
    requests.request_connection(software=key.software, vat=bare.enterprise_number, actor="t", now=now)
    client = signed_in(world.accountant)
    form = f"/offices/{world.office.uuid}/clients/{bare.uuid}/contact/"

    listed = client.get(f"/offices/{world.office.uuid}/missing-addresses/").content.decode()
    client.post(form, {"address": "bare@example.be"})
    run_reactions()

    assert f'href="{form}"' in listed
    assert (bare.contact_email.address, bare.contact_email.state) == ("bare@example.be", "on_file")
    assert ConnectionRequest.objects.get(software=key.software).state == "token_sent"
    assert (
        "Zonder Adres"
        not in client.get(f"/offices/{world.office.uuid}/missing-addresses/").content.decode().partition("<h1>")[2]
    )


def test_an_office_changes_no_address_that_is_on_file(world: World) -> None:
    form = f"/offices/{world.office.uuid}/clients/{world.company.uuid}/contact/"
    before = Event.objects.count()

    shown = signed_in(world.accountant).get(form).content.decode()
    signed_in(world.accountant).post(form, {"address": "dief@example.be"})

    assert "z***@example.be" in shown
    assert "zaak@example.be" not in shown
    assert ContactEmail.objects.get(company=world.company).address == "zaak@example.be"
    assert Event.objects.count() == before


def test_an_office_that_no_longer_keeps_the_books_finds_nothing(world: World, now: datetime) -> None:
    bare = registry.make_company(now, office=world.office, email=None)
    link = bare.client_links.get()
    end_client_link(link_uuid=link.uuid, ends_on=now.date(), actor="t", now=now)

    answer = signed_in(world.accountant).post(
        f"/offices/{world.office.uuid}/clients/{bare.uuid}/contact/", {"address": "dief@example.be"}
    )

    assert answer.status_code == 404
    assert not ContactEmail.objects.filter(company=bare).exists()
