from datetime import datetime

import pytest

from apps.core.errors import IllegalTransition
from apps.events.models import Event
from apps.tokens.models import AccessToken, ConnectionRequest, NonActivationCase, SoftwareKey
from apps.tokens.services import endings, requests
from tests.factories import registry
from tests.factories.wire import Software

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now)


def ask(now: datetime, key: SoftwareKey, vat: str) -> ConnectionRequest:
    return requests.request_connection(software=key.software, vat=vat, actor="t", now=now).request


def test_staff_close_a_request_with_a_message_that_the_software_can_show(now: datetime, key: SoftwareKey) -> None:
    request = ask(now, key, "0999999922")

    for _ in range(2):
        endings.close_request(request_uuid=request.uuid, message="Dit nummer bestaat niet.", actor="staff:1", now=now)

    shown = Software(str(key.key)).get(f"connection-requests/{request.uuid}/").json()
    assert (shown["state"], shown["message"], shown["refusal"]) == ("closed", "Dit nummer bestaat niet.", None)
    assert NonActivationCase.objects.get().state == "resolved"
    assert Event.objects.filter(name="connection_request.closed").count() == 1


def test_what_has_ended_cannot_end_otherwise(now: datetime, key: SoftwareKey) -> None:
    request = ask(now, key, "0999999922")
    endings.withdraw_request(request_uuid=request.uuid, actor="t", now=now)

    with pytest.raises(IllegalTransition):
        endings.close_request(request_uuid=request.uuid, message="", actor="staff:1", now=now)

    assert ConnectionRequest.objects.get().state == "withdrawn"
    assert not Event.objects.filter(name="connection_request.closed").exists()


def test_after_an_ending_asking_again_is_a_new_request(now: datetime, key: SoftwareKey) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    first = ask(now, key, company.enterprise_number)
    endings.withdraw_request(request_uuid=first.uuid, actor="t", now=now)

    second = ask(now, key, company.enterprise_number)

    assert first.pk != second.pk
    assert list(AccessToken.objects.order_by("id").values_list("state", flat=True)) == ["revoked", "issued"]
