from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from apps.companies.models import Company
from apps.events.models import Event
from apps.tokens import limits, secrets, selectors
from apps.tokens.models import AccessToken, Connection, ConnectionRequest, Credential, SoftwareKey
from apps.tokens.services import endings, exchange, requests
from apps.tokens.services.connections import revoke_connection, use_credential_first
from tests.factories import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now)


@pytest.fixture
def company(now: datetime) -> Company:
    return registry.make_company(now, office=registry.make_office(now))


@pytest.fixture
def ask(now: datetime, key: SoftwareKey, company: Company) -> Callable[..., str]:
    def asking(at: datetime = now) -> str:
        outcome = requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=at)
        assert outcome.token
        return secrets.derive_token(outcome.token.uuid, key=settings.TOKEN_KEY)

    return asking


def swap(key: SoftwareKey, token: str, now: datetime) -> exchange.GivenCredentials:
    return exchange.exchange_token(software=key.software, text=token, actor="t", now=now)


def authenticate(key: SoftwareKey, pair: exchange.GivenCredentials, now: datetime) -> selectors.Caller:
    caller = selectors.authenticate(username=pair.username, password=pair.password, key=str(key.key), now=now)
    if caller.is_first_use:
        use_credential_first(credential_id=caller.credential_id, now=now)
    return caller


def test_the_plain_token_is_stored_nowhere(ask: Callable[..., str]) -> None:
    token = ask()

    row = AccessToken.objects.values().get()

    assert token not in str(row)
    assert secrets.normalise_token(token) not in str(row)


def test_a_lost_answer_is_harmless_and_the_pair_given_last_works(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    token = ask()

    lost = swap(key, token, now)
    kept = swap(key, token, now + timedelta(minutes=10))

    with pytest.raises(selectors.CredentialsReplaced):
        authenticate(key, lost, now)
    assert authenticate(key, kept, now).is_first_use
    assert not authenticate(key, kept, now).is_first_use
    assert Event.objects.filter(name="connection.activated").count() == 1


def test_a_used_pair_ends_the_repeating(now: datetime, key: SoftwareKey, ask: Callable[..., str]) -> None:
    token = ask()
    authenticate(key, swap(key, token, now), now)

    with pytest.raises(exchange.TokenUsed):
        swap(key, token, now)
    assert Credential.objects.count() == 1


def test_a_token_may_not_be_repeated_after_ten_minutes(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    token = ask()
    swap(key, token, now)

    with pytest.raises(exchange.TokenUsed):
        swap(key, token, now + timedelta(minutes=10, seconds=1))


def test_using_a_void_pair_is_no_first_use(now: datetime, key: SoftwareKey, ask: Callable[..., str]) -> None:
    token = ask()
    void = swap(key, token, now)
    swap(key, token, now)

    with pytest.raises(selectors.CredentialsReplaced):
        authenticate(key, void, now)

    assert swap(key, token, now).username


def test_a_newer_token_supersedes_the_unused_one_and_says_where_it_went(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    first, second = ask(), ask()

    with pytest.raises(exchange.TokenSuperseded) as refused:
        swap(key, first, now)

    assert refused.value.params["sent_to"] == "z***@example.be"
    assert refused.value.params["superseded_at"] == now
    assert swap(key, second, now).username
    assert ConnectionRequest.objects.count() == 1


def test_an_expired_token_is_refused_before_and_after_the_sweep(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    token = ask()
    late = now + timedelta(days=settings.TOKEN_LIFE_DAYS)

    with pytest.raises(exchange.TokenExpired):
        swap(key, token, late)
    assert endings.expire_requests(now=late) == 1
    with pytest.raises(exchange.TokenExpired) as refused:
        swap(key, token, late)
    assert refused.value.params["expired_at"] == late
    assert ConnectionRequest.objects.get().state == "expired"


def test_another_softwares_unknown_and_mistyped_tokens_are_refused(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    token = ask()
    other = registry.make_software(now, slug="onfact")
    never_issued = secrets.derive_token(key.key, key="another key")

    with pytest.raises(exchange.TokenOfOtherSoftware):
        swap(other, token, now)
    with pytest.raises(exchange.TokenUnknown):
        swap(key, never_issued, now)
    with pytest.raises(exchange.TokenMalformed):
        swap(key, token[:-1], now)
    assert not Credential.objects.exists()


def test_connecting_again_never_cuts_the_working_pair_until_the_new_one_is_used(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    old = swap(key, ask(), now)
    authenticate(key, old, now)
    new = swap(key, ask(), now)

    authenticate(key, old, now)
    authenticate(key, new, now)

    with pytest.raises(selectors.CredentialsReplaced):
        authenticate(key, old, now)
    assert Connection.objects.count() == 1


def test_a_revoked_connection_stays_and_a_new_one_is_made(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    old = swap(key, ask(), now)
    revoke_connection(connection_uuid=Connection.objects.get().uuid, actor="staff:1", now=now)

    with pytest.raises(selectors.ConnectionRevoked):
        authenticate(key, old, now)
    assert authenticate(key, swap(key, ask(), now), now).connection
    assert sorted(Connection.objects.values_list("state", flat=True)) == ["active", "revoked"]


def test_the_fourth_mail_within_an_hour_is_throttled(
    now: datetime, key: SoftwareKey, ask: Callable[..., str], settings: Any
) -> None:
    settings.TOKEN_MAILS_PER_HOUR = 3
    for _ in range(3):
        ask()

    with pytest.raises(limits.Throttled) as refused:
        ask(now + timedelta(minutes=40))

    assert refused.value.params["retry_after"] == 20 * 60
    assert AccessToken.objects.count() == 3
    assert ask(now + timedelta(minutes=61))


@pytest.mark.django_db(transaction=True)
def test_simultaneous_exchanges_leave_one_working_pair(
    now: datetime, key: SoftwareKey, ask: Callable[..., str]
) -> None:
    token = ask()

    def swap_once(_number: int) -> exchange.GivenCredentials:
        try:
            return swap(key, token, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        pairs = list(pool.map(swap_once, range(10)))

    working = 0
    for pair in pairs:
        try:
            selectors.authenticate(username=pair.username, password=pair.password, key=str(key.key), now=now)
        except selectors.CredentialsReplaced:
            continue
        working += 1
    assert working == 1


@pytest.mark.django_db(transaction=True)
def test_simultaneous_requests_are_one_request_with_one_valid_token(
    now: datetime, key: SoftwareKey, company: Company, settings: Any
) -> None:
    settings.TOKEN_MAILS_PER_HOUR = 100

    def request_once(_number: int) -> None:
        try:
            requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(request_once, range(8)))

    assert ConnectionRequest.objects.count() == 1
    assert AccessToken.objects.filter(state="issued").count() == 1
    assert AccessToken.objects.count() == 8
