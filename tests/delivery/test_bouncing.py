"""Messages with invoices that come back after they were taken, told by the mail service in Postmark's words."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from apps.delivery.models import Delivery, DeliveryAttempt, Destination
from apps.delivery.overviews import describe
from apps.delivery.pushing import sweep
from apps.delivery.results import retry_failed
from apps.delivery.rules import Channel
from apps.events.models import Event
from tests.delivery.conftest import Firm
from tests.factories.destinations import make_mailbox

SECRET = "Basic " + base64.b64encode(b"hook:a fixed secret").decode()


def report(
    uuid: Any, to: str, now: datetime, *, kind: str = "HardBounce", after: timedelta = timedelta(minutes=2)
) -> int:
    at = (now + after).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {
        "RecordType": "SpamComplaint" if kind == "SpamComplaint" else "Bounce", "Type": kind, "ID": 1,
        "MessageID": "m", "Email": to, "Recipient": to, "BouncedAt": at, "Metadata": {"delivery": str(uuid)},
        "Details": "550 5.1.1 no such user",
    }  # fmt: skip
    with time_machine.travel(now + after, tick=False):
        answer = Client().post(
            "/anymail/postmark/tracking/", body, content_type="application/json", headers={"Authorization": SECRET}
        )
    return answer.status_code


@pytest.fixture
def sent(firm: Firm) -> Delivery:
    destination = make_mailbox(firm.now, firm.office, address="facturen@example.be")
    firm.send_invoice()
    assert firm.push(destination) == 1
    mail.outbox.clear()
    return Delivery.objects.select_related("destination").get(destination=destination)


def place(sent: Delivery) -> Destination:
    assert sent.destination is not None
    return Destination.objects.get(pk=sent.destination.pk)


@pytest.mark.parametrize(("kind", "code"), [("HardBounce", "address_bounced"), ("SpamComplaint", "address_complained")])
def test_what_came_back_failed_and_the_office_is_told_once(firm: Firm, sent: Delivery, kind: str, code: str) -> None:
    for _turn in range(3):
        assert report(sent.uuid, "facturen@example.be", firm.now, kind=kind) == 200
    firm.run_reactions()

    sent.refresh_from_db()
    assert (sent.state, sent.failure_code, sent.delivered_at, sent.due_at) == ("failed", code, None, None)
    assert describe(sent)
    assert Event.objects.filter(name="invoice.delivery_failed").count() == 1
    assert DeliveryAttempt.objects.filter(code=code).count() == 1
    assert [message.to for message in mail.outbox] == [[firm.office.email]]
    assert "facturen@example.be" in mail.outbox[0].subject


def test_nothing_is_sent_there_until_somebody_says_so(firm: Firm, sent: Delivery) -> None:
    report(sent.uuid, "facturen@example.be", firm.now)
    firm.send_invoice("2")

    later = timedelta(days=5)
    assert sweep(now=firm.now + later) == 0
    assert firm.push(place(sent), after=later) == 0
    waiting = Delivery.objects.get(destination=place(sent), invoice__number="2")
    assert waiting.state == "pending"

    assert retry_failed(destination=place(sent), actor="user:1", now=firm.now + later) == 1
    assert firm.push(place(sent), after=later + timedelta(minutes=1)) == 2
    assert place(sent).failures == 0

    report(sent.uuid, "facturen@example.be", firm.now)
    sent.refresh_from_db()
    assert sent.state == "delivered", "an old report is not about the new attempt"


def test_a_daily_message_that_came_back_is_sent_again_whole(firm: Firm) -> None:
    destination = make_mailbox(firm.now, firm.office, channel=Channel.EMAIL_DAILY, address="dag@example.be")
    for number in ("1", "2"):
        firm.send_invoice(number)
    day = timedelta(days=1)
    assert firm.push(destination, after=day) == 1
    rows = Delivery.objects.filter(destination=destination)
    [uuid] = set(rows.values_list("mailing__uuid", flat=True))
    mail.outbox.clear()

    report(uuid, "dag@example.be", firm.now, after=day + timedelta(minutes=2))
    assert set(rows.values_list("state", flat=True)) == {"failed"}
    assert firm.push(destination, after=day * 2) == 0

    retry_failed(destination=destination, actor="user:1", now=firm.now + day * 2)
    assert firm.push(destination, after=day * 2) == 1
    assert set(rows.values_list("state", flat=True)) == {"delivered"}
    assert len(mail.outbox) == 1


def test_a_report_that_is_faster_than_our_own_row_is_not_lost(firm: Firm, settings: Any) -> None:
    destination = make_mailbox(firm.now, firm.office, address="facturen@example.be")
    firm.send_invoice()
    settings.EMAIL_BACKEND = "tests.delivery.test_bouncing.FastBouncer"

    firm.push(destination)

    delivery = Delivery.objects.get(destination=destination)
    assert (delivery.state, delivery.failure_code) == ("failed", "address_bounced")
    assert not Event.objects.filter(name="invoice.delivered", payload__channel="email").exists()


class FastBouncer:
    """A mail service that reports before it has answered."""

    def __init__(self, **_options: Any) -> None:
        pass

    def send_messages(self, messages: Any) -> int:
        uuid = messages[0].metadata["delivery"]
        started = DeliveryAttempt.objects.get(delivery__uuid=uuid).started_at
        report(uuid, messages[0].to[0], started, after=timedelta(seconds=1))
        return 1

    def close(self) -> None:
        pass


def test_a_former_address_that_bounces_does_not_stop_the_new_one(firm: Firm, sent: Delivery) -> None:
    Destination.objects.filter(pk=place(sent).pk).update(address="nieuw@example.be")

    report(sent.uuid, "facturen@example.be", firm.now)

    sent.refresh_from_db()
    assert (sent.state, place(sent).failures) == ("failed", 0)


@pytest.mark.parametrize("kind", ["Transient", "AutoResponder"])
def test_what_is_not_final_changes_nothing(firm: Firm, sent: Delivery, kind: str) -> None:
    assert report(sent.uuid, "facturen@example.be", firm.now, kind=kind) == 200

    sent.refresh_from_db()
    assert (sent.state, place(sent).failures) == ("delivered", 0)


def test_a_report_of_a_message_that_is_not_ours_changes_nothing(firm: Firm, sent: Delivery) -> None:
    assert report("3f0c1d7e-0000-4000-8000-000000000000", "facturen@example.be", firm.now) == 200

    assert place(sent).failures == 0
