"""An office's own API credentials: made, renewed with an overlap, ended; by its owners only."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounting_offices.models import AccountingOffice
from apps.companies.rules import MemberRole
from apps.core.errors import DomainError, NotFound
from apps.events.models import Event
from apps.tokens.models import Credential
from apps.tokens.selectors import CredentialsReplaced, authenticate
from apps.tokens.services import office_access
from apps.users.models import User
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def owner(now: datetime, office: AccountingOffice) -> User:
    user = registry.make_user("owner@example.be")
    registry.make_member(now, user, office=office)
    return user


def works(pair: office_access.OfficePair, at: datetime) -> bool:
    try:
        return authenticate(username=pair.username, password=pair.password, key="", now=at).office is not None
    except CredentialsReplaced:
        return False


def test_a_renewed_pair_works_beside_the_new_one_for_a_day(
    now: datetime, office: AccountingOffice, owner: User
) -> None:
    by: dict[str, Any] = {"office_uuid": office.uuid, "by": owner, "now": now}
    first = office_access.make_office_credentials(name="  Exact   Online ", **by)
    second = office_access.rotate_office_credentials(username=first.username, **by)

    assert first.username.startswith("OF-")
    assert second.name == "Exact Online"
    hours = [timedelta(hours=23), timedelta(hours=25)]
    assert [[works(pair, now + later) for later in hours] for pair in (first, second)] == [[True, False], [True, True]]
    with pytest.raises(NotFound):
        office_access.rotate_office_credentials(username=first.username, **by)


def test_an_ended_pair_stops_at_once(now: datetime, office: AccountingOffice, owner: User) -> None:
    by: dict[str, Any] = {"office_uuid": office.uuid, "by": owner, "now": now}
    pair = office_access.make_office_credentials(name="Exact", **by)

    office_access.end_office_credentials(username=pair.username, **by)

    assert not works(pair, now)
    assert Event.objects.filter(name="office_credentials.ended").count() == 1
    with pytest.raises(NotFound):
        office_access.end_office_credentials(username=pair.username, **by)


ACTS: dict[str, Callable[..., Any]] = {
    "make": lambda **by: office_access.make_office_credentials(name="x", **by),
    "rotate": lambda **by: office_access.rotate_office_credentials(username=Credential.objects.get().username, **by),
    "end": lambda **by: office_access.end_office_credentials(username=Credential.objects.get().username, **by),
}


@pytest.mark.parametrize("act", ACTS)
def test_only_an_owner_changes_them(now: datetime, office: AccountingOffice, owner: User, act: str) -> None:
    office_access.make_office_credentials(office_uuid=office.uuid, name="Exact", by=owner, now=now)
    member = registry.make_user("member@example.be")
    registry.make_member(now, member, office=office, role=MemberRole.MEMBER)
    events = Event.objects.count()

    with pytest.raises(DomainError) as refused:
        ACTS[act](office_uuid=office.uuid, by=member, now=now)

    pair = Credential.objects.get()
    assert (refused.value.code, pair.voided_at, pair.overlap_until) == ("owner_only", None, None)
    assert Event.objects.count() == events


def test_another_offices_pair_is_not_found(now: datetime, office: AccountingOffice, owner: User) -> None:
    other = registry.make_office(now)
    partner = registry.make_user("other@example.be")
    registry.make_member(now, partner, office=other)
    pair = office_access.make_office_credentials(office_uuid=office.uuid, name="Exact", by=owner, now=now)

    with pytest.raises(NotFound):
        office_access.end_office_credentials(office_uuid=other.uuid, username=pair.username, by=partner, now=now)

    assert works(pair, now)


def test_an_office_has_a_bounded_number_of_pairs(now: datetime, office: AccountingOffice, owner: User) -> None:
    by: dict[str, Any] = {"office_uuid": office.uuid, "by": owner, "now": now}
    for _ in range(office_access.MOST_PAIRS):
        office_access.make_office_credentials(name="x", **by)

    with pytest.raises(office_access.TooManyPairs):
        office_access.make_office_credentials(name="x", **by)


def test_the_password_is_shown_once(office: AccountingOffice, owner: User) -> None:
    browser, page = signed_in(owner), f"/offices/{office.uuid}/api-access/"

    given = browser.post(page, {"action": "make", "name": "Exact <b>"})
    again = browser.get(page).content.decode()

    text = given.content.decode()
    assert given.headers["Cache-Control"] == "no-store"
    assert "cbp_" in text
    assert "Exact &lt;b&gt;" in again
    assert Credential.objects.get().username in again
    assert "cbp_" not in again


def test_the_page_says_what_is_missing_and_who_may(now: datetime, office: AccountingOffice, owner: User) -> None:
    member = registry.make_user("member@example.be")
    registry.make_member(now, member, office=office, role=MemberRole.MEMBER)
    page = f"/offices/{office.uuid}/api-access/"

    nameless = signed_in(owner).post(page, {"action": "make", "name": " "})
    refused = signed_in(member).post(page, {"action": "make", "name": "x"})
    seen = signed_in(member).get(page).content.decode()
    stranger = signed_in(registry.make_user("x@example.be")).post(page, {"action": "make", "name": "x"})

    assert "Vul een naam in." in text_of(nameless.content.decode())
    assert (refused.status_code, stranger.status_code, Client().post(page).status_code) == (403, 404, 302)
    assert "Alleen een eigenaar van het kantoor" in text_of(seen)
    assert '<form method="post" class="flow-5"' not in seen
    assert not Credential.objects.exists()
