"""Renewing credentials by a mailed code: with an overlap, or at once when they were stolen."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.test import Client
from django.urls import reverse

from apps.companies.members import add_company_member
from apps.companies.models import Company
from apps.companies.rules import MemberRole
from apps.companies.services import put_contact_on_file
from apps.events.models import Event
from apps.tokens import limits, secrets, selectors
from apps.tokens.models import AccessToken, Connection, ConnectionRequest, Credential, SoftwareKey
from apps.tokens.services import exchange, requests
from apps.tokens.services.connections import revoke_connection, use_credential_first
from apps.tokens.services.rotation import rotate_credentials
from tests.factories import registry

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now)


@pytest.fixture
def company(now: datetime) -> Company:
    return registry.make_company(now, office=registry.make_office(now))


class Desk:
    """What a company, its software and its owner do, at the instants they say."""

    def __init__(self, key: SoftwareKey, company: Company) -> None:
        self.key, self.company = key, company

    def ask(self, at: datetime) -> str:
        requests.request_connection(software=self.key.software, vat=self.company.enterprise_number, actor="t", now=at)
        return self.newest_code()

    def rotate(self, at: datetime, *, is_stolen: bool = False) -> str:
        rotate_credentials(connection_uuid=Connection.objects.get().uuid, is_stolen=is_stolen, actor="t", now=at)
        return self.newest_code()

    def newest_code(self) -> str:
        return secrets.derive_token(AccessToken.objects.latest("id").uuid, key=project_settings.TOKEN_KEY)

    def swap(self, code: str, at: datetime) -> exchange.GivenCredentials:
        return exchange.exchange_token(software=self.key.software, text=code, actor="t", now=at)

    def works(self, pair: exchange.GivenCredentials, at: datetime) -> bool:
        try:
            caller = selectors.authenticate(
                username=pair.username, password=pair.password, key=str(self.key.key), now=at
            )
            if caller.is_first_use:
                use_credential_first(credential_id=caller.credential_id, now=at)
        except selectors.CredentialsReplaced:
            return False
        return True


@pytest.fixture
def desk(key: SoftwareKey, company: Company) -> Desk:
    return Desk(key, company)


@pytest.fixture
def old(desk: Desk, now: datetime) -> exchange.GivenCredentials:
    """Return a pair in use."""
    pair = desk.swap(desk.ask(now), now)
    assert desk.works(pair, now)
    return pair


def test_the_old_pair_works_for_the_hours_of_overlap_and_not_a_second_longer(
    desk: Desk, old: exchange.GivenCredentials, now: datetime
) -> None:
    code = desk.rotate(now + HOUR)
    assert desk.works(old, now + 40 * HOUR), "the code was not used yet"

    new = desk.swap(code, now + 48 * HOUR)

    assert desk.works(new, now + 48 * HOUR)
    assert desk.works(old, now + 72 * HOUR - timedelta(seconds=1))
    assert not desk.works(old, now + 72 * HOUR)
    assert desk.works(new, now + 72 * HOUR)
    assert Connection.objects.count() == 1


def test_repeating_the_exchange_of_a_renewal_voids_the_lost_pair_and_not_the_old_one(
    desk: Desk, old: exchange.GivenCredentials, now: datetime
) -> None:
    code = desk.rotate(now)
    lost, kept = desk.swap(code, now), desk.swap(code, now)

    assert [desk.works(pair, now) for pair in (lost, kept, old)] == [False, True, True]


def test_an_ordinary_reconnection_ends_an_overlap_too(
    desk: Desk, old: exchange.GivenCredentials, now: datetime
) -> None:
    desk.works(desk.swap(desk.rotate(now), now), now)
    newest = desk.swap(desk.ask(now + HOUR), now + HOUR)

    assert desk.works(old, now + HOUR)
    assert desk.works(newest, now + HOUR)
    assert not desk.works(old, now + HOUR)


def test_a_stolen_pair_stops_at_once_and_the_code_brings_a_new_one(
    desk: Desk, old: exchange.GivenCredentials, now: datetime
) -> None:
    code = desk.rotate(now, is_stolen=True)

    assert not desk.works(old, now)
    assert desk.works(desk.swap(code, now), now)
    assert not desk.works(old, now)
    assert Event.objects.filter(name="credentials.reported_stolen").count() == 1


def test_a_theft_ends_the_repeating_of_the_code_that_the_thief_saw(desk: Desk, now: datetime) -> None:
    code = desk.ask(now)
    stolen = desk.swap(code, now)
    desk.rotate(now + timedelta(minutes=1), is_stolen=True)

    with pytest.raises(exchange.TokenUsed):
        desk.swap(code, now + timedelta(minutes=2))
    assert not desk.works(stolen, now + timedelta(minutes=2))


def test_a_theft_is_never_throttled_and_a_renewal_is(
    desk: Desk, old: exchange.GivenCredentials, now: datetime, settings: Any
) -> None:
    settings.TOKEN_MAILS_PER_HOUR = 1

    with pytest.raises(limits.Throttled):
        desk.rotate(now + timedelta(minutes=1))
    assert desk.works(old, now + timedelta(minutes=1))
    desk.rotate(now + timedelta(minutes=1), is_stolen=True)
    assert not desk.works(old, now + timedelta(minutes=1))


def test_a_theft_is_dealt_with_even_when_no_code_can_be_mailed(
    desk: Desk, old: exchange.GivenCredentials, company: Company, now: datetime
) -> None:
    company.contact_email.delete()

    outcome = rotate_credentials(connection_uuid=Connection.objects.get().uuid, is_stolen=True, actor="t", now=now)

    assert (outcome.refusal_code, outcome.token) == ("email_unknown", None)
    assert not desk.works(old, now)

    put_contact_on_file(company_uuid=company.uuid, address="nu@example.be", actor="t", now=now)
    requests.recheck_waiting(now=now)
    assert desk.works(desk.swap(desk.newest_code(), now), now)


@pytest.mark.parametrize("rotates_first", [True, False])
def test_a_renewal_and_an_ordinary_request_share_one_open_request_which_stays_a_renewal(
    desk: Desk, old: exchange.GivenCredentials, now: datetime, rotates_first: bool
) -> None:
    first, second = (desk.rotate, desk.ask) if rotates_first else (desk.ask, desk.rotate)
    earlier, later = first(now), second(now)

    assert ConnectionRequest.objects.filter(state="sending").get().purpose == "rotate"
    with pytest.raises(exchange.TokenSuperseded):
        desk.swap(earlier, now)
    desk.works(desk.swap(later, now), now)
    assert desk.works(old, now + 23 * HOUR)


def test_asking_again_does_not_take_back_a_report_of_theft(
    desk: Desk, old: exchange.GivenCredentials, now: datetime, settings: Any
) -> None:
    settings.TOKEN_MAILS_PER_HOUR = 10
    desk.rotate(now, is_stolen=True)
    desk.rotate(now)

    assert ConnectionRequest.objects.filter(state="sending").get().purpose == "replace_stolen"
    assert desk.works(desk.swap(desk.ask(now), now), now)
    assert not desk.works(old, now)


def test_ending_a_connection_ends_the_code_that_was_to_renew_it(
    desk: Desk, old: exchange.GivenCredentials, now: datetime
) -> None:
    code = desk.rotate(now)
    revoke_connection(connection_uuid=Connection.objects.get().uuid, actor="t", now=now)

    with pytest.raises(exchange.TokenRevoked):
        desk.swap(code, now)
    assert ConnectionRequest.objects.latest("id").state == "withdrawn"
    assert Connection.objects.get().state == "revoked"


def test_a_code_that_was_used_does_not_bring_back_an_ended_connection(desk: Desk, now: datetime) -> None:
    code = desk.ask(now)
    desk.swap(code, now)
    revoke_connection(connection_uuid=Connection.objects.get().uuid, actor="t", now=now)

    with pytest.raises(exchange.TokenRevoked):
        desk.swap(code, now)
    assert Connection.objects.get().state == "revoked"


def test_an_ended_connection_cannot_be_renewed(desk: Desk, old: exchange.GivenCredentials, now: datetime) -> None:
    revoke_connection(connection_uuid=Connection.objects.get().uuid, actor="t", now=now)
    before = Event.objects.count()

    for is_stolen in (True, False):
        with pytest.raises(selectors.ConnectionRevoked):
            desk.rotate(now, is_stolen=is_stolen)
    assert Event.objects.count() == before
    assert ConnectionRequest.objects.count() == 1


def test_the_software_can_see_how_old_its_pair_is(
    desk: Desk, old: exchange.GivenCredentials, now: datetime, key: SoftwareKey
) -> None:
    from tests.factories.wire import Software

    Credential.objects.update(overlap_until=datetime(2036, 1, 1, tzinfo=now.tzinfo))

    body = Software(str(key.key), old.username, old.password).get("connection/").json()

    assert body["credentials"] == {
        "given_at": "2026-11-25T09:30:00Z",
        "first_used_at": "2026-11-25T09:30:00Z",
        "overlap_until": "2036-01-01T00:00:00Z",
    }


@pytest.mark.parametrize(
    ("language", "is_stolen", "words"),
    [
        ("nl", False, ["nieuwe toegangsgegevens", "24 uur langer"]),
        ("fr", False, ["nouveaux identifiants", "24 heures de plus"]),
        ("nl", True, ["als gestolen gemeld"]),
        ("de", True, ["als gestohlen gemeldet"]),
    ],
)
def test_the_mail_says_what_the_code_is_for(
    now: datetime, key: SoftwareKey, language: str, is_stolen: bool, words: list[str],
    run_reactions: Callable[[], int], mailoutbox: list[Any],
) -> None:  # fmt: skip
    company = registry.make_company(now, office=registry.make_office(now), language=language)
    desk = Desk(key, company)
    desk.swap(desk.ask(now), now)
    desk.rotate(now, is_stolen=is_stolen)
    run_reactions()

    mail = mailoutbox[-1]
    assert all(word in mail.body.lower() for word in words)
    assert all(word in mail.alternatives[0][0].lower() for word in words)
    assert desk.newest_code() in mail.body.splitlines()


class TestPortal:
    """The owner's pages."""

    @pytest.fixture
    def owner(self, now: datetime, company: Company) -> Client:
        return self.sign_in(now, company, MemberRole.OWNER)

    def sign_in(self, now: datetime, company: Company, role: MemberRole) -> Client:
        user = registry.make_user(f"{role}@example.be", language="en")
        add_company_member(company_uuid=company.uuid, user=user, role=role, actor="t", now=now)
        client = Client()
        client.force_login(user)
        return client

    def path(self, company: Company, step: str) -> str:
        return reverse("portal:change-connection", args=[company.uuid, Connection.objects.get().uuid, step])

    @pytest.mark.parametrize("step", ["renew", "stolen", "end"])
    def test_looking_changes_nothing(
        self, owner: Client, company: Company, old: exchange.GivenCredentials, step: str
    ) -> None:
        before = Event.objects.count()

        page = owner.get(self.path(company, step))

        assert page.status_code == 200
        assert "Robaws" in page.content.decode()
        assert "%(" not in page.content.decode()
        assert Event.objects.count() == before

    def test_renewing_mails_a_code(self, owner: Client, company: Company, old: exchange.GivenCredentials) -> None:
        page = owner.post(self.path(company, "renew"), follow=True)

        assert "A code is on its way" in page.content.decode()
        assert ConnectionRequest.objects.latest("id").purpose == "rotate"

    def test_too_many_renewals_say_when_again(
        self, owner: Client, company: Company, old: exchange.GivenCredentials, settings: Any
    ) -> None:
        # The code that connected it was the first of this hour.
        settings.TOKEN_MAILS_PER_HOUR = 2
        owner.post(self.path(company, "renew"))

        page = owner.post(self.path(company, "renew"), follow=True)

        assert "A code was asked for too often. Ask again after" in page.content.decode()
        assert AccessToken.objects.count() == 2

    def test_a_theft_blocks_the_pair(
        self, owner: Client, company: Company, old: exchange.GivenCredentials, desk: Desk, now: datetime
    ) -> None:
        page = owner.post(self.path(company, "stolen"), follow=True)

        assert "The credentials no longer work." in page.content.decode()
        assert not desk.works(old, now)

    def test_ending_says_so_and_the_page_no_longer_offers_it(
        self, owner: Client, company: Company, old: exchange.GivenCredentials
    ) -> None:
        path = self.path(company, "end")

        page = owner.post(path, follow=True).content.decode()

        assert "Robaws no longer acts for you." in page
        assert path not in page
        assert owner.get(path).status_code == 404

    @pytest.mark.parametrize("step", ["renew", "stolen", "end"])
    def test_a_member_who_is_no_owner_neither_sees_nor_does_it(
        self, now: datetime, company: Company, old: exchange.GivenCredentials, step: str
    ) -> None:
        member, path = self.sign_in(now, company, MemberRole.MEMBER), self.path(company, step)
        before = Event.objects.count()

        assert path not in member.get(reverse("portal:company", args=[company.uuid])).content.decode()
        assert [member.get(path).status_code, member.post(path).status_code] == [404, 404]
        assert Event.objects.count() == before
