"""What a member does with an open request on the company's page."""

from datetime import datetime
from typing import Any

import pytest

from apps.companies.rules import ContactState
from apps.companies.services import set_contact_state
from apps.events.models import Event
from apps.tokens.models import AccessToken, ConnectionRequest, SoftwareKey
from apps.tokens.services import requests
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, World, signed_in


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now, slug="bouwsoft")


@pytest.fixture
def asked(world: World, key: SoftwareKey, now: datetime) -> ConnectionRequest:
    return requests.request_connection(
        software=key.software, vat=world.company.enterprise_number, actor="t", now=now
    ).request


def act(world: World, asked: ConnectionRequest, what: str) -> str:
    address = f"/companies/{world.company.uuid}/requests/{asked.uuid}/{what}/"
    return text_of(signed_in(world.owner).post(address, follow=True).content.decode())


def test_a_member_has_a_new_code_sent(world: World, asked: ConnectionRequest) -> None:
    shown = act(world, asked, "send-code")

    states = AccessToken.objects.filter(request=asked).order_by("id").values_list("state", flat=True)
    assert list(states) == ["superseded", "issued"]
    assert "Een nieuwe code is onderweg" in shown
    newest = Event.objects.filter(name="token.issued").latest("id")
    assert newest.actor == f"user:{world.owner.uuid}"


def test_too_many_codes_are_refused_with_the_time(world: World, asked: ConnectionRequest, settings: Any) -> None:
    settings.TOKEN_MAILS_PER_HOUR = settings.TOKEN_MAILS_PER_DAY = 1
    AccessToken.objects.filter(request=asked).update(issued_at=datetime.now().astimezone())
    before = Event.objects.count()

    shown = act(world, asked, "send-code")

    assert "U kunt het opnieuw vragen vanaf" in shown
    assert Event.objects.count() == before


def test_a_request_that_still_waits_says_why(world: World, now: datetime, asked: ConnectionRequest) -> None:
    set_contact_state(company_uuid=world.company.uuid, state=ContactState.BOUNCED, actor="t", now=now)

    shown = act(world, asked, "send-code")

    assert "Er kon nog geen code gestuurd worden. Het e-mailadres werkt niet." in shown
    assert "Het e-mailadres werkt : niet geslaagd" in shown


def test_a_member_withdraws(world: World, asked: ConnectionRequest) -> None:
    shown = act(world, asked, "withdraw")

    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    assert AccessToken.objects.get(request=asked).state == "revoked"
    assert "De aanvraag is ingetrokken." in shown


@pytest.mark.parametrize("what", ["send-code", "withdraw"])
def test_a_request_that_is_over_is_left_alone(world: World, asked: ConnectionRequest, what: str) -> None:
    act(world, asked, "withdraw")
    before = Event.objects.count()

    shown = act(world, asked, what)

    assert "Deze aanvraag is al voorbij." in shown
    assert Event.objects.count() == before


@pytest.mark.parametrize("what", ["send-code", "withdraw"])
def test_another_companys_request_and_a_stranger_find_nothing(
    world: World, now: datetime, key: SoftwareKey, asked: ConnectionRequest, what: str
) -> None:
    other = registry.make_company(now, office=world.office)
    theirs = requests.request_connection(software=key.software, vat=other.enterprise_number, actor="t", now=now).request
    before = Event.objects.count()

    act(world, theirs, what)
    address = f"/companies/{world.company.uuid}/requests/{asked.uuid}/{what}/"
    stranger = signed_in(world.stranger).post(address)

    assert stranger.status_code == 404
    assert Event.objects.count() == before


def test_looking_sends_nothing(world: World, asked: ConnectionRequest) -> None:
    before = Event.objects.count()

    for what in ("send-code", "withdraw"):
        answer = signed_in(world.owner).get(f"/companies/{world.company.uuid}/requests/{asked.uuid}/{what}/")
        assert answer.status_code == 302

    assert Event.objects.count() == before


def test_a_disabled_software_gets_no_code(world: World, asked: ConnectionRequest) -> None:
    asked.software.state = "disabled"
    asked.software.save(update_fields=["state"])
    before = Event.objects.count()

    shown = act(world, asked, "send-code")

    assert "mag deze dienst niet meer gebruiken" in shown
    assert Event.objects.count() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_lists_all_checks_in_every_language(
    world: World, now: datetime, key: SoftwareKey, language: str
) -> None:
    set_contact_state(company_uuid=world.company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    waiting = requests.request_connection(
        software=key.software, vat=world.company.enterprise_number, actor="t", now=now
    ).request
    client = signed_in(world.owner)
    client.post("/language/", {"language": language, "next": "/"})

    page = client.get(f"/companies/{world.company.uuid}/requests/{waiting.uuid}/").content.decode()

    listed = page[page.index('<ol class="checks panel">') : page.index("</ol>")]
    assert listed.count('<li class="is-ok">') == 5
    assert listed.count('<li class="is-stop">') == 1
    assert listed.count('<li class="is-later">') == 1
    assert "email_undeliverable" in listed


def test_staff_see_the_checks_with_what_to_do(world: World, now: datetime, key: SoftwareKey) -> None:
    set_contact_state(company_uuid=world.company.uuid, state=ContactState.BOUNCED, actor="t", now=now)
    waiting = requests.request_connection(
        software=key.software, vat=world.company.enterprise_number, actor="t", now=now
    ).request
    staff = signed_in(registry.make_user("staff@example.be", is_staff=True))

    page = staff.get(f"/admin/tokens/connectionrequest/{waiting.pk}/change/").content.decode()

    assert page.count("<li><strong>") == 7
    assert "verbetert het e-mailadres" in page
