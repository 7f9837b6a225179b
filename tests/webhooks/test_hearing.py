"""What a software hears of: its own connections and the invoices it sent, and no row where nobody listens."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as project_settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices import services as offices
from apps.events import services as events
from apps.invoices.models import Invoice
from apps.invoices.services import bookings
from apps.tokens.models import Connection, ConnectionRequest
from apps.tokens.services import connections, requests
from apps.webhooks import services
from apps.webhooks.models import Endpoint, Message
from apps.webhooks.rules import Topic
from tests.factories import registry
from tests.factories.movements import book, draft
from tests.factories.wire import REFERENCE, Software, make_document
from tests.support.receiver import Receiver
from tests.webhooks.conftest import Ear, listen

Send = Callable[..., int]
pytestmark = pytest.mark.django_db


def heard(endpoint: Endpoint | None = None) -> list[str]:
    messages = Message.objects.filter(endpoint=endpoint) if endpoint else Message.objects.all()
    return list(messages.order_by("id").values_list("topic", flat=True))


@pytest.fixture
def firm(now: datetime, ear: Ear, run_reactions: Callable[[], int]) -> Any:
    office = registry.make_office(now)
    company = registry.make_company(now, office=office)
    account = registry.make_account(now, company)
    key = ear.endpoint.software.keys.get()
    wire = Software.of(registry.connect(now, company, key))
    run_reactions()
    return company, account, wire


def told(ear: Ear) -> list[dict[str, Any]]:
    return [json.loads(post.body) for post in ear.server.posts]


def test_the_life_of_a_connection(ear: Ear, now: datetime, send: Send, run_reactions: Callable[[], int]) -> None:
    key = ear.endpoint.software.keys.get()
    company = registry.make_company(now)
    requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    send()
    [refused] = told(ear)
    request = ConnectionRequest.objects.get()
    assert refused == {
        "type": "connection_request.refused",
        "timestamp": "2026-11-25T09:30:00Z",
        "data": {
            "id": str(request.uuid),
            "enterprise_number": company.enterprise_number,
            "state": "waiting",
            "refusal_code": "no_accounting_office",
            "url": f"{project_settings.BASE_URL}/v2/connection-requests/{request.uuid}/",
        },
    }

    office = registry.make_office(now)
    offices.start_client_link(
        company_uuid=company.uuid, office_uuid=office.uuid, client_code="C1", starts_on=date(2020, 1, 1),
        actor="t", now=now,
    )  # fmt: skip
    run_reactions()
    assert heard() == ["connection_request.refused", "connection_request.token_sent"]
    registry.connect(now, company, key)
    connected = Connection.objects.get()
    connections.suspend_connection(connection_uuid=connected.uuid, code="no_accounting_office", actor="t", now=now)
    connections.resume_connection(connection_uuid=connected.uuid, actor="t", now=now)
    connections.revoke_connection(connection_uuid=connected.uuid, actor="t", now=now)
    send()
    assert heard()[2:] == [
        "connection.activated", "connection.suspended", "connection.resumed", "connection.revoked",
    ]  # fmt: skip
    revoked = next(each for each in told(ear) if each["type"] == "connection.revoked")
    assert revoked["data"] == {
        "id": str(connected.uuid),
        "enterprise_number": company.enterprise_number,
        "state": "revoked",
        "suspension_code": None,
        "url": f"{project_settings.BASE_URL}/v2/connection/",
    }


def test_the_life_of_an_invoice(
    ear: Ear, firm: Any, now: datetime, send: Send, run_reactions: Callable[[], int]
) -> None:
    company, account, wire = firm
    send()
    ear.server.posts.clear()
    assert wire.upload(make_document(company, number="1")).status_code == 201
    run_reactions()
    book(now, account, draft("1210.00", structured_communication=REFERENCE))
    run_reactions()
    invoice = Invoice.objects.get()
    bookings.book_invoices(invoice_ids=[invoice.pk], actor="t", now=now)
    send()

    types = [each["type"] for each in told(ear)]
    assert sorted(types) == [
        "invoice.accepted", "invoice.booked", "invoice.delivered", "invoice.delivered", "invoice.payment_changed",
        "statement.available",
    ]  # fmt: skip
    paid = next(each for each in told(ear) if each["type"] == "invoice.payment_changed")
    assert paid["data"] == {
        "id": str(invoice.uuid),
        "enterprise_number": company.enterprise_number,
        "document_type": "invoice",
        "invoice_number": "1",
        "version": 1,
        "state": "accepted",
        "office_state": "booked",
        "payment_state": "paid",
        "currency": "EUR",
        "total_amount": "1210.00",
        "payable_amount": "1210.00",
        "open_amount": "0.00",
        "url": f"{project_settings.BASE_URL}/v2/sales-invoices/{invoice.uuid}/",
        "from": "open",
        "to": "paid",
    }
    channels = [each["data"]["channel"] for each in told(ear) if each["type"] == "invoice.delivered"]
    assert sorted(channels) == ["feed", "inbox"]
    available = next(each for each in told(ear) if each["type"] == "statement.available")
    [entry] = wire.entries()
    assert available["data"] == {
        "feed": wire.feed_id(),
        "enterprise_number": company.enterprise_number,
        "url": f"{project_settings.BASE_URL}/v2/delivery/feed/{wire.feed_id()}/",
        "count": 1,
        "indexes": [entry["feed_index"]],
    }


def test_what_was_refused_questioned_and_rejected_is_told(
    ear: Ear, firm: Any, now: datetime, run_reactions: Callable[[], int]
) -> None:
    company, _account, wire = firm
    wire.upload(make_document(company, number="1"))
    run_reactions()
    invoice = Invoice.objects.get()
    bookings.ask_question(invoice_uuid=invoice.uuid, text="Waarvoor?", actor="t", now=now)
    bookings.refuse_invoice(invoice_uuid=invoice.uuid, text="Dubbel", actor="t", now=now)

    assert {"invoice.questioned", "invoice.refused"} <= set(heard())
    assert "Waarvoor" not in str(list(Message.objects.values_list("particulars", flat=True)))


def test_only_what_was_asked_for_is_told(
    software: Any, server: Receiver, firm: Any, now: datetime, run_reactions: Callable[[], int]
) -> None:
    company, _account, wire = firm
    picky = listen(software, server, now, ["invoice.rejected", "invoice.accepted"]).endpoint
    wire.upload(make_document(company, number="1"))
    run_reactions()

    assert heard(picky) == ["invoice.accepted"]


def test_another_software_hears_nothing(
    firm: Any, now: datetime, server: Receiver, run_reactions: Callable[[], int]
) -> None:
    company, account, wire = firm
    stranger = listen(registry.make_software(now, slug="octopus").software, server, now).endpoint
    wire.upload(make_document(company, number="1"))
    run_reactions()
    book(now, account, draft("1210.00", structured_communication=REFERENCE))
    run_reactions()

    assert heard(stranger) == []


def test_nothing_more_is_told_of_a_company_that_ended_its_connection(
    ear: Ear, firm: Any, now: datetime, send: Send, run_reactions: Callable[[], int]
) -> None:
    company, _account, wire = firm
    wire.upload(make_document(company, number="1"))
    run_reactions()
    waited = Message.objects.filter(topic="invoice.accepted").get()
    connections.revoke_connection(connection_uuid=Connection.objects.get().uuid, actor="t", now=now)
    bookings.book_invoices(invoice_ids=[Invoice.objects.get().pk], actor="t", now=now)

    assert "invoice.booked" not in heard()
    send()
    waited.refresh_from_db()
    assert (waited.state, waited.failure_code, waited.body) == ("failed", "no_longer_connected", "")
    assert "connection.revoked" in [each["type"] for each in told(ear)]


def test_an_endpoint_that_is_paused_keeps_what_comes_and_one_that_is_off_does_not(
    ear: Ear, firm: Any, now: datetime, run_reactions: Callable[[], int]
) -> None:
    company, _account, wire = firm
    Message.objects.all().delete()
    services.pause(endpoint_uuid=ear.endpoint.uuid, actor="t", now=now)
    wire.upload(make_document(company, number="1"))
    run_reactions()
    assert "invoice.accepted" in heard()
    services.switch_off(endpoint_uuid=ear.endpoint.uuid, actor="t", now=now)
    assert set(Message.objects.values_list("state", "failure_code")) == {("failed", "endpoint_off")}
    before = len(heard())
    wire.upload(make_document(company, number="2"))
    run_reactions()
    assert len(heard()) == before


def record_payments(firm: Any, now: datetime, how_many: int) -> int:
    """Record that so many payments changed, as one statement; returns how many statements that took."""
    company, _account, _wire = firm
    subjects = [(uuid4(), company.uuid) for _number in range(how_many)]
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        transaction.atomic(),
    ):
        events.record_same("invoice.payment_changed", subjects=subjects, actor="t", now=now)
    return len(queries.captured_queries)


def test_where_nobody_listens_ten_thousand_events_add_no_row_and_no_statement(
    firm: Any, now: datetime, server: Receiver
) -> None:
    assert record_payments(firm, now, 10_000) == 3, "the savepoint, the events, its release"
    assert not Message.objects.filter(topic="invoice.payment_changed").exists(), "of invoices that are not its own"
    Endpoint.objects.update(state="off")
    assert record_payments(firm, now, 10_000) == 3


def test_every_topic_is_recorded_by_that_name_somewhere() -> None:
    """An event that is renamed would otherwise be told to nobody, in silence."""
    paths = (Path(project_settings.BASE_DIR) / "apps").rglob("*.py")
    code = "".join(path.read_text() for path in paths if "webhooks" not in str(path))
    made = {f"connection_request.{state}" for state in ("expired", "withdrawn", "closed")}
    made |= {"invoice.accepted", "invoice.rejected"}
    renamed = {"connection_request.token_sent": "token.sent"}
    for topic in set(Topic) - made - {"statement.available"}:
        assert f'"{renamed.get(topic, topic)}"' in code, topic


def test_an_endpoint_must_be_usable(software: Any, now: datetime, settings: Any) -> None:
    def add(url: str, topics: list[str]) -> None:
        services.add_endpoint(software=software, url=url, topics=topics, actor="t", now=now)

    for url in (
        "ftp://x.example/",
        "https://",
        "https://me:secret@x.example/",
        "https://x.example/#a",
        "x",
        "https://[/",
    ):
        with pytest.raises(services.AddressNotUsable):
            add(url, ["invoice.accepted"])
    settings.EMBEDDED = False
    with pytest.raises(services.AddressNotUsable):
        add("http://x.example/", ["invoice.accepted"])
    with pytest.raises(services.TopicUnknown):
        add("https://x.example/", [])
    with pytest.raises(services.TopicUnknown):
        add("https://x.example/", ["invoice.accepted", "invoice.dreamt"])
    for number in range(settings.MOST_ENDPOINTS):
        add(f"https://x.example/{number}", ["invoice.accepted"])
    with pytest.raises(services.TooManyEndpoints):
        add("https://x.example/more", ["invoice.accepted"])


def test_a_period_is_replayed_as_it_was(ear: Ear, now: datetime, send: Send) -> None:
    uuids = ear.queue(5, now=now)
    send()
    first = now + timedelta(milliseconds=1)

    def replay(*, is_failed_only: bool) -> int:
        return services.replay_period(
            endpoint_uuid=ear.endpoint.uuid, since=first, until=first + timedelta(milliseconds=2),
            is_failed_only=is_failed_only, actor="t", now=now + timedelta(hours=1),
        )  # fmt: skip

    assert replay(is_failed_only=True) == 0
    assert replay(is_failed_only=False) == 2
    assert send(timedelta(hours=2)) == 2
    assert ear.server.ids[5:] == uuids[1:3]


def test_messages_are_kept_for_their_time(ear: Ear, now: datetime, send: Send) -> None:
    ear.queue(2, now=now)
    send()
    assert services.forget_old_messages(now=now + timedelta(days=29)) == 0
    assert services.forget_old_messages(now=now + timedelta(days=31)) == 2
    assert not Message.objects.exists()
