from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from apps.tokens import limits
from apps.tokens.models import AccessToken, ConnectionRequest, SoftwareKey
from apps.tokens.services import requests
from apps.tokens.usage import redis_client
from tests.factories import registry
from tests.factories.wire import Software

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    key = registry.make_software(now)
    # The counters outlive a test's transaction, and an id may be given again.
    for window in limits._windows():
        for instant in (now, datetime.now(now.tzinfo)):
            redis_client().delete(window.key(key.software_id, instant))
    return key


def ask(now: datetime, key: SoftwareKey, vat: str) -> None:
    requests.request_connection(software=key.software, vat=vat, actor="t", now=now)


def test_a_software_that_is_refused_too_often_waits_for_the_next_window(
    now: datetime, key: SoftwareKey, settings: Any
) -> None:
    settings.REFUSALS_PER_MINUTE = 3
    for _ in range(3):
        ask(now, key, "0999999922")

    with pytest.raises(limits.TooManyRefusals) as refused:
        ask(now + timedelta(seconds=20), key, registry.enterprise_number())

    assert refused.value.params["retry_after"] == 40
    assert ConnectionRequest.objects.count() == 1
    ask(now + timedelta(seconds=60), key, "0999999922")


def test_a_software_that_is_not_refused_is_not_limited(now: datetime, key: SoftwareKey, settings: Any) -> None:
    settings.REFUSALS_PER_MINUTE = 1
    office = registry.make_office(now)

    for _ in range(3):
        ask(now, key, registry.make_company(now, office=office).enterprise_number)

    assert AccessToken.objects.count() == 3


def test_throttling_is_429_with_the_seconds_to_wait(key: SoftwareKey, settings: Any) -> None:
    settings.REFUSALS_PER_DAY = 1
    software = Software(str(key.key))
    software.post("request-access-token/invoicing-software/", {"vat": "0999999922"})

    answer = software.post("request-access-token/invoicing-software/", {"vat": "0999999922"})

    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 86_400
    assert answer.json()["actor"] == "us"


def test_an_address_that_serves_many_companies_has_a_limit_of_its_own(
    now: datetime, key: SoftwareKey, settings: Any
) -> None:
    settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY = 2
    office = registry.make_office(now)
    clients = [registry.make_company(now, office=office, email="Kantoor@example.be") for _ in range(3)]
    for client in clients[:2]:
        ask(now, key, client.enterprise_number)

    with pytest.raises(limits.Throttled):
        ask(now, key, clients[2].enterprise_number)

    ask(now + timedelta(days=1), key, clients[2].enterprise_number)


def test_a_redis_that_does_not_answer_limits_nobody(now: datetime, key: SoftwareKey) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0", REFUSALS_PER_MINUTE=1):
        for _ in range(2):
            ask(now, key, "0999999922")

    assert ConnectionRequest.objects.count() == 1
