"""The pages on which owners of a company or an accounting office give and take access."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.companies.models import CompanyMember
from apps.companies.rules import MemberRole
from apps.core import clock
from apps.events.models import Event
from apps.users.models import MailedLink
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, World, signed_in

INVITATION = {"action": "invite", "address": "bo@example.be", "role": "member", "language": "fr"}


@pytest.fixture(params=["company", "office"])
def place(request: pytest.FixtureRequest, world: World) -> tuple[Client, str]:
    """Return the browser of an owner, and the address of the place's page."""
    if request.param == "company":
        return signed_in(world.owner), f"/companies/{world.company.uuid}/members/"
    return signed_in(world.accountant), f"/offices/{world.office.uuid}/members/"


def test_an_owner_invites_and_the_invitation_waits_until_it_is_withdrawn(
    place: tuple[Client, str], run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    owner, page = place

    invited = text_of(owner.post(page, INVITATION, follow=True).content.decode())
    run_reactions()
    link = MailedLink.objects.get(address="bo@example.be")
    withdrawn = text_of(owner.post(page, {"action": "withdraw", "link": link.uuid}, follow=True).content.decode())

    assert "De uitnodiging is onderweg naar bo@example.be." in invited
    assert "Uitnodigingen die wachten" in invited
    assert [mail.to for mail in mailoutbox if "/join/" in mail.body][-1] == ["bo@example.be"]
    assert link.language == "fr"
    assert "Uitnodigingen die wachten" not in withdrawn


def test_an_expired_invitation_is_shown_as_such_and_can_be_withdrawn(place: tuple[Client, str]) -> None:
    owner, page = place
    owner.post(page, INVITATION)
    MailedLink.objects.update(expires_at=clock.now() - timedelta(days=1))

    shown = text_of(owner.get(page).content.decode())

    assert "verlopen" in shown


def test_an_address_that_is_none_is_explained(place: tuple[Client, str]) -> None:
    owner, page = place
    before = Event.objects.count()

    answer = owner.post(page, {**INVITATION, "address": "geen adres"})

    assert answer.status_code == 200
    assert "Dit is geen e-mailadres." in text_of(answer.content.decode())
    assert 'class="summary" role="alert"' in answer.content.decode()
    assert Event.objects.count() == before


def test_roles_change_and_access_is_taken_away(world: World, now: datetime) -> None:
    second = registry.make_user("tweede@example.be")
    registry.make_member(now, second, company=world.company, role=MemberRole.MEMBER)
    owner, page = signed_in(world.owner), f"/companies/{world.company.uuid}/members/"

    refused = text_of(owner.post(page, {"action": "remove", "user": world.owner.uuid}, follow=True).content.decode())
    owner.post(page, {"action": "change_role", "user": second.uuid, "role": "owner"})
    gone = owner.post(page, {"action": "remove", "user": world.owner.uuid})

    assert "Dit is de enige eigenaar." in refused
    assert [(row.user, row.role) for row in CompanyMember.objects.all()] == [(second, "owner")]
    assert (gone.status_code, gone.headers["Location"]) == (302, "/")
    assert owner.get(page).status_code == 404


def test_a_member_sees_who_has_access_and_changes_nothing(world: World, now: datetime) -> None:
    registry.make_member(now, world.stranger, company=world.company, role=MemberRole.MEMBER)
    member, page = signed_in(world.stranger), f"/companies/{world.company.uuid}/members/"
    before = Event.objects.count()

    shown = member.get(page).content.decode()
    answers = [
        member.post(page, form).status_code
        for form in (
            INVITATION,
            {"action": "remove", "user": world.owner.uuid},
            {"action": "change_role", "user": world.stranger.uuid, "role": "owner"},
            {"action": "withdraw", "link": uuid4()},
        )
    ]

    assert "owner@example.be" in shown
    assert 'name="action"' not in shown
    assert answers == [403, 403, 403, 403]
    assert Event.objects.count() == before


def test_strangers_and_the_accountant_of_a_company_find_no_page(world: World) -> None:
    before = Event.objects.count()

    for user, page in (
        (world.stranger, f"/companies/{world.company.uuid}/members/"),
        (world.accountant, f"/companies/{world.company.uuid}/members/"),
        (world.owner, f"/offices/{world.office.uuid}/members/"),
    ):
        assert signed_in(user).get(page).status_code == 404
        assert signed_in(user).post(page, INVITATION).status_code == 404
    assert Event.objects.count() == before


@pytest.mark.parametrize("form", [{}, {"action": "destroy"}, {"action": "remove", "user": "x"}])
def test_a_form_that_no_page_of_ours_sends_is_not_found(world: World, form: dict[str, str]) -> None:
    assert signed_in(world.owner).post(f"/companies/{world.company.uuid}/members/", form).status_code == 404


def test_somebody_who_is_gone_already_is_no_failure(world: World) -> None:
    owner, page = signed_in(world.owner), f"/companies/{world.company.uuid}/members/"

    answer = owner.post(page, {"action": "remove", "user": uuid4()}, follow=True)

    assert "Dat was al veranderd." in text_of(answer.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_comes_in_every_language(world: World, language: str) -> None:
    browser = signed_in(world.owner)
    browser.post("/language/", {"language": language, "next": "/"})
    page = f"/companies/{world.company.uuid}/members/"
    browser.post(page, INVITATION)

    shown = browser.get(page).content.decode()
    start = browser.get(f"/companies/{world.company.uuid}/").content.decode()

    assert f'<html lang="{language}"' in shown
    assert f'href="{page}"' in start
    assert ("Who has access" in shown) == (language == "en")
    assert ' style="' not in shown


def test_an_invitation_is_sent_again_from_its_own_line(place: tuple[Client, str]) -> None:
    owner, page = place
    owner.post(page, INVITATION)
    MailedLink.objects.update(expires_at=clock.now() - timedelta(days=1))
    shown = owner.get(page).content.decode()
    line = shown[shown.index('name="address" value="bo@example.be"') - 400 : shown.index("Opnieuw sturen")]

    owner.post(page, dict(re.findall(r'name="(action|role|language|address)" value="([^"]*)"', line)))
    again = text_of(owner.get(page).content.decode().partition('id="invitations"')[2])

    newest = MailedLink.objects.order_by("id").last()
    assert newest is not None
    assert (newest.address, newest.role, newest.language) == ("bo@example.be", "member", "fr")
    assert newest.expires_at > clock.now()
    assert again.count("bo@example.be") == 3, "its line, and its two buttons"
    assert "verlopen" not in again


def test_who_has_access_already_is_told_beside_the_address(place: tuple[Client, str]) -> None:
    owner, page = place
    address = "owner@example.be" if "companies" in page else "accountant@example.be"

    answer = owner.post(page, {**INVITATION, "address": address})

    assert answer.status_code == 200
    assert "Deze persoon heeft al toegang." in text_of(answer.content.decode())
    assert f'value="{address}"' in answer.content.decode()


def test_the_last_owner_sees_why_nobody_may_take_the_access_away(world: World) -> None:
    page = signed_in(world.owner).get(f"/companies/{world.company.uuid}/members/").content.decode()

    assert 'aria-disabled="true" aria-describedby="stays"' in page
    assert "Dit is de enige eigenaar." in text_of(page)
    assert 'name="action" value="remove"' not in page
