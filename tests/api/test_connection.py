"""A software ends its connection itself; and what holds for any address: HEAD, and lengths that are none."""

from datetime import datetime

import pytest
from django.test import Client

from apps.events.models import Event
from apps.tokens.models import AccessToken, Connection
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected(now: datetime) -> registry.Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


def delete(software: Software, path: str) -> tuple[int, bytes]:
    answer = software.client.delete(f"/v2/{path}", headers=software.headers)
    return answer.status_code, answer.content


def test_a_software_ends_its_connection_and_may_say_so_again(connected: registry.Connected) -> None:
    software = Software.of(connected)

    ended = [delete(software, "connection/") for _ in range(2)]

    assert ended == [(204, b"")] * 2
    assert Connection.objects.get().state == "revoked"
    assert Event.objects.filter(name="connection.revoked").get().actor == "software:robaws"
    for answer in (software.get("connection/"), software.upload(make_document(connected.company))):
        assert (answer.status_code, answer.json()["code"]) == (401, "connection_revoked")


def test_a_pair_of_an_ended_connection_does_not_end_the_next_one(now: datetime, connected: registry.Connected) -> None:
    former = Software.of(connected)
    delete(former, "connection")
    key = connected.software.keys.get()
    newer = Software.of(registry.connect(now, connected.company, key))

    assert delete(former, "connection") == (204, b"")
    assert newer.get("connection/").json()["state"] == "active"


def test_a_replaced_pair_does_not_end_the_connection(now: datetime, connected: registry.Connected) -> None:
    former = Software.of(connected)
    former.get("connection/")
    newer = Software.of(registry.connect(now, connected.company, connected.software.keys.get()))
    newer.get("connection/")

    assert delete(former, "connection/")[0] == 401
    assert newer.get("connection/").status_code == 200


def test_head_is_a_get_without_its_body_and_exchanges_no_token(now: datetime, connected: registry.Connected) -> None:
    software = Software.of(connected)
    whole = software.get("connection/")

    head = software.client.head("/v2/connection/", headers=software.headers)
    unknown = software.client.head("/v2/nothing", headers=software.headers)
    exchange = software.client.head("/v2/get-credentials/cbt-1/", headers=software.headers)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert (unknown.status_code, unknown.content) == (404, b"")
    assert unknown.headers["Content-Type"] == "application/json"
    assert exchange.status_code == 405
    assert AccessToken.objects.get().state == "exchanged"


def test_a_length_that_is_none_is_no_failure_of_ours(connected: registry.Connected) -> None:
    software = Software.of(connected)

    answer = Client(raise_request_exception=False).generic(
        "POST", "/v2/sales-invoices/upload/", b"--b--\r\n", content_type="multipart/form-data; boundary=b",
        headers=software.headers, CONTENT_LENGTH="many",
    )  # fmt: skip

    assert (answer.status_code, answer.json()["code"]) == (400, "file_missing")
