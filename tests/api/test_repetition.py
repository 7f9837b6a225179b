"""`Idempotency-Key`: what is sent again under its key is answered as before and does nothing more."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from apps.invoices.models import Arrival
from apps.tokens.models import AccessToken, KeptAnswer
from apps.tokens.services.repeats import forget_answers
from tests.factories import registry
from tests.factories.wire import Software, make_document
from tests.support.killing import kill_at, lose_connection

pytestmark = pytest.mark.django_db
KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
OURS = ("apps/api/v2/repetition.py", "apps/tokens/services/repeats.py")


@pytest.fixture
def connected(now: datetime) -> registry.Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


def send(software: Software, document: bytes, *, key: str = KEY, boundary: str = "b") -> Any:
    """Upload as a client that draws its own boundary."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{boundary}.xml"\r\n\r\n'
    body = head.encode() + document + f"\r\n--{boundary}--\r\n".encode()
    return software.client.post(
        "/v2/sales-invoices/upload/", body, content_type=f"multipart/form-data; boundary={boundary}",
        headers=software.headers | {"Idempotency-Key": key},
    )  # fmt: skip


def test_the_same_upload_again_is_answered_to_the_byte_and_is_no_arrival(connected: registry.Connected) -> None:
    software, document = Software.of(connected), make_document(connected.company)

    first, again = send(software, document), send(software, document, key=f'"{KEY}"', boundary="another")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Content-Type"] == "application/json"
    assert again.headers["X-Content-Type-Options"] == "nosniff"
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert Arrival.objects.count() == 1


def test_the_key_of_another_request_is_refused(connected: registry.Connected) -> None:
    software = Software.of(connected)
    send(software, make_document(connected.company))

    other = send(software, make_document(connected.company, number="2026-0118"))

    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert Arrival.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "één", '"'])
def test_a_key_that_is_none_is_refused(connected: registry.Connected, key: str) -> None:
    answer = send(Software.of(connected), make_document(connected.company), key=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_malformed")
    assert not Arrival.objects.exists()


def test_a_key_is_its_callers_own(now: datetime, connected: registry.Connected) -> None:
    company = registry.make_company(now, office=registry.make_office(now, name="Ander"))
    other = registry.connect(now, company, registry.make_software(now, slug="onfact"))

    answers = [send(Software.of(who), make_document(who.company)) for who in (connected, other)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Arrival.objects.count() == 2


def test_a_refusal_is_not_kept_so_that_the_key_works_once_the_cause_is_gone(connected: registry.Connected) -> None:
    software = Software.of(connected)

    refused = send(software, b"<html/>")
    taken = send(software, make_document(connected.company))

    assert (refused.status_code, taken.status_code) == (400, 201)
    assert KeptAnswer.objects.count() == 1


def test_asking_twice_for_a_token_mails_one(now: datetime) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    software = Software(str(registry.make_software(now).key))
    software.headers["Idempotency-Key"] = KEY

    answers = [
        software.post("request-access-token/invoicing-software", {"vat": company.enterprise_number}) for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert AccessToken.objects.count() == 1


def test_without_a_login_nothing_is_kept_and_the_refusal_is_the_usual_one(connected: registry.Connected) -> None:
    stranger = Software("3f0f4a0e-6f7b-4a39-9d0c-7a5b6f0c1e11")

    answer = send(stranger, make_document(connected.company))

    assert (answer.status_code, answer.json()["code"]) == (401, "credentials_missing")
    assert not KeptAnswer.objects.exists()


def test_a_failure_of_ours_leaves_nothing_and_the_same_key_does_the_work_later(
    connected: registry.Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apps.api.v2 import invoices

    software, document = Software.of(connected), make_document(connected.company)

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("a bug after the rows were written")

    with monkeypatch.context() as patch:
        patch.setattr(invoices, "invoice_out", fail)
        failed = send(software, document)
        left = Arrival.objects.count()
    later = send(software, document)

    assert (failed.status_code, failed.json()["code"], left) == (500, "internal_error", 0)
    assert (later.status_code, later.json()["duplicate"]) == (201, False)


def test_answers_are_forgotten_after_two_days(now: datetime, connected: registry.Connected) -> None:
    send(Software.of(connected), make_document(connected.company))

    assert forget_answers(now=now + timedelta(hours=47)) == 0
    assert forget_answers(now=now + timedelta(hours=49)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_upload(connected: registry.Connected) -> None:
    document = make_document(connected.company)
    softwares = [Software.of(connected) for _ in range(4)]
    softwares[0].get("connection/")

    def run(software: Software) -> Any:
        try:
            return send(software, document)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(softwares)) as pool:
        answers = list(pool.map(run, softwares))

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.content for answer in answers}) == 1
    assert Arrival.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_line_a_token_was_sent_with_its_answer_or_not_at_all(now: datetime) -> None:
    office, key, line = registry.make_office(now), registry.make_software(now).key, 0

    def ask(number: str) -> Callable[[], Any]:
        software = Software(str(key))
        software.headers["Idempotency-Key"] = number
        return lambda: software.post("request-access-token/invoicing-software", {"vat": number})

    while True:
        number = registry.make_company(now, office=office, email=f"{line}@example.be").enterprise_number
        was_killed = kill_at(line, ask(number), within=OURS)
        lose_connection()
        assert ask(number)().status_code == 201
        assert AccessToken.objects.filter(company__enterprise_number=number).count() == 1, line
        if not was_killed:
            break
        # Every third, since tracing is slow; the lines in between are no other.
        line += 3

    assert line > 20
    assert KeptAnswer.objects.count() == line // 3 + 1


def test_nobody_is_asked_for_a_key() -> None:
    assert Client().post("/v2/sales-invoices/upload/").json()["code"] == "credentials_missing"
