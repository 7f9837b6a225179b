"""Invoices by e-mail: one message each, or one a day; what fails waits, and nothing is lost or unrecognisably twice."""

import hashlib
import io
import zipfile
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from apps.delivery.models import Delivery, DeliveryAttempt, Mailing
from apps.delivery.pushing import sweep
from apps.delivery.results import retry_failed
from apps.delivery.rules import Channel
from apps.events.models import Event
from apps.invoices.selectors import read_document
from tests.delivery.conftest import Firm
from tests.factories import registry
from tests.factories.destinations import make_mailbox
from tests.support.mail_server import MailServer, mail_server

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def smtp(settings: Any) -> Any:
    """Let mail go to a real server on loopback."""

    def use(server: MailServer) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 2

    return use


def received(folder: Path) -> list[EmailMessage]:
    files = sorted(folder.glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=default) for file in files]


def attachments(message: Any) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_payload(decode=True) for part in message.iter_attachments()}


def test_an_invoice_goes_out_in_a_message_of_its_own(firm: Firm, tmp_path: Path, smtp: Any) -> None:
    destination = make_mailbox(firm.now, firm.office, address="facturen@example.be")
    invoice = firm.send_invoice()

    with mail_server(tmp_path / "received") as server:
        smtp(server)
        assert firm.push(destination) == 1
        assert firm.push(destination) == 0

    [message] = received(tmp_path / "received")
    files = attachments(message)
    assert message["To"] == "facturen@example.be"
    assert message["Subject"] == f"K100 Factuur 2026-0117, {firm.company.name}"
    assert list(files) == ["K100_2026-0117_v1.xml", "K100_2026-0117_v1.pdf"]
    assert files["K100_2026-0117_v1.xml"] == read_document(invoice)
    assert files["K100_2026-0117_v1.pdf"].startswith(b"%PDF-")
    delivery = Delivery.objects.get(destination=destination)
    assert (delivery.state, delivery.due_at, delivery.attempt_count) == ("delivered", None, 1)
    assert message["Message-ID"].startswith(f"<{delivery.uuid}@")
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.outcome, attempt.answer) == ("done", message["Message-ID"])
    assert Event.objects.filter(name="invoice.delivered", payload__channel="email").count() == 1


def test_a_correction_goes_out_anew_and_says_which_version_it_is(firm: Firm) -> None:
    destination = make_mailbox(firm.now, firm.office)
    firm.send_invoice()
    firm.push(destination)
    firm.send_invoice(price="2000.00")
    firm.push(destination)

    first, second = [message for message in mail.outbox if message.to == [destination.address]][-2:]
    assert "versie" not in first.subject
    assert second.subject.startswith("K100 Factuur 2026-0117 versie 2, ")
    assert second.attachments[0][0] == "K100_2026-0117_v2.xml"
    assert list(Delivery.objects.filter(destination=destination).order_by("id").values_list("version", "state")) == [
        (1, "delivered"), (2, "delivered"),
    ]  # fmt: skip
    assert Delivery.objects.filter(destination=None).count() == 2, "inbox and feed have it once"


def test_nothing_goes_to_an_address_that_nobody_confirmed(firm: Firm) -> None:
    make_mailbox(firm.now, firm.office, is_confirmed=False)
    firm.send_invoice()

    assert not Delivery.objects.exclude(destination=None).exists()


def test_a_clients_own_destination_replaces_the_offices_of_that_channel(firm: Firm) -> None:
    of_office = make_mailbox(firm.now, firm.office)
    daily = make_mailbox(firm.now, firm.office, channel=Channel.EMAIL_DAILY)
    own = make_mailbox(firm.now, firm.office, company=firm.company)
    firm.send_invoice()

    places = set(Delivery.objects.exclude(destination=None).values_list("destination", flat=True))
    assert places == {own.pk, daily.pk}
    assert of_office.pk not in places


def test_another_offices_destination_gets_nothing(firm: Firm) -> None:
    make_mailbox(firm.now, registry.make_office(firm.now, name="Ander kantoor"))
    firm.send_invoice()

    assert not Delivery.objects.exclude(destination=None).exists()


def test_a_pdf_that_does_not_fit_is_left_out_with_a_link(firm: Firm, settings: Any) -> None:
    destination = make_mailbox(firm.now, firm.office)
    invoice = firm.send_invoice()
    settings.MAIL_MAX_BYTES = invoice.versions.get().document.size + 1000

    firm.push(destination)

    message = mail.outbox[-1]
    assert [name for name, _content, _kind in message.attachments] == ["K100_2026-0117_v1.xml"]
    assert f"/offices/{firm.office.uuid}/invoices/{invoice.uuid}/" in message.body


def test_while_the_mail_server_is_out_everything_waits_and_then_arrives_once(
    firm: Firm, tmp_path: Path, smtp: Any
) -> None:
    destination = make_mailbox(firm.now, firm.office)
    for number in ("1", "2", "3"):
        firm.send_invoice(number)
    with mail_server(tmp_path / "received", is_open=False) as server:
        smtp(server)
        assert firm.push(destination) == 0
        assert firm.push(destination) == 0, "it waits before it tries again"
        assert server.refused == 1
        destination.refresh_from_db()
        assert (destination.failures, destination.failure_code) == (1, "mail_unavailable")
        assert "421" in destination.failure_answer
        assert set(Delivery.objects.filter(destination=destination).values_list("state", flat=True)) == {"failed"}
        server.is_open = True
        assert firm.push(destination, after=AN_HOUR) == 3

    assert len(received(tmp_path / "received")) == 3
    destination.refresh_from_db()
    assert (destination.failures, destination.failing_since, destination.failure_code) == (0, None, "")


def test_an_address_that_does_not_exist_is_shown_told_once_and_given_up_after_days(
    firm: Firm, tmp_path: Path, smtp: Any
) -> None:
    destination = make_mailbox(firm.now, firm.office, address="weg@example.be")
    firm.send_invoice()
    with mail_server(tmp_path / "received", gone=("weg@example.be",)) as server:
        smtp(server)
        firm.push(destination)
        firm.push(destination, after=2 * AN_HOUR)
        firm.run_reactions()
        firm.push(destination, after=12 * AN_HOUR)
        firm.run_reactions()
        told = [message for message in received(tmp_path / "received") if message["To"] == firm.office.email]
        delivery = Delivery.objects.get(destination=destination)
        assert (delivery.state, delivery.failure_code, delivery.due_at is None) == ("failed", "address_refused", False)
        firm.push(destination, after=timedelta(days=4))

    assert [message["Subject"] for message in told] == ["Facturen komen niet aan bij weg@example.be"]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.due_at) == ("failed", None)
    assert Event.objects.filter(name="invoice.delivery_failed").count() == 1
    assert "550" in DeliveryAttempt.objects.latest("id").answer
    assert Delivery.objects.filter(channel="inbox", state="delivered").exists(), "the inbox has it all the same"


def test_what_was_given_up_is_sent_when_somebody_asks(firm: Firm, tmp_path: Path, smtp: Any) -> None:
    destination = make_mailbox(firm.now, firm.office, address="weg@example.be")
    firm.send_invoice()
    with mail_server(tmp_path / "received", gone=("weg@example.be",)) as server:
        smtp(server)
        firm.push(destination, after=timedelta(days=4))
        assert Delivery.objects.get(destination=destination).due_at is None
        server.gone = ()
        assert retry_failed(destination=destination, actor="user:1", now=firm.now) == 1
        assert firm.push(destination) == 1

    assert len(received(tmp_path / "received")) == 1
    assert Event.objects.get(name="destination.retried").actor == "user:1"


def test_a_killed_attempt_is_marked_and_its_message_is_the_same_one_again(firm: Firm) -> None:
    destination = make_mailbox(firm.now, firm.office)
    firm.send_invoice()
    delivery = Delivery.objects.get(destination=destination)
    DeliveryAttempt.objects.create(destination=destination, delivery=delivery, started_at=firm.now)

    firm.push(destination)

    assert list(DeliveryAttempt.objects.order_by("id").values_list("outcome", flat=True)) == ["interrupted", "done"]
    assert mail.outbox[-1].extra_headers["Message-ID"].startswith(f"<{delivery.uuid}@")


def test_a_document_that_cannot_be_read_does_not_hold_up_the_others(firm: Firm, settings: Any) -> None:
    destination = make_mailbox(firm.now, firm.office)
    broken = firm.send_invoice("1")
    firm.send_invoice("2")
    digest = broken.versions.get().document.sha256
    (Path(settings.BLOB_DIR) / digest[:2] / digest[2:4] / digest).unlink()

    assert firm.push(destination) == 1

    states = dict(Delivery.objects.filter(destination=destination).values_list("invoice__number", "failure_code"))
    assert states == {"1": "document_missing", "2": ""}


def test_the_sweep_finds_what_nobody_was_told_of_and_nothing_else(firm: Firm) -> None:
    destination = make_mailbox(firm.now, firm.office)
    assert sweep(now=firm.now) == 0
    firm.send_invoice()
    soon = firm.now + AN_HOUR
    assert sweep(now=soon) == 1
    firm.push(destination)
    assert sweep(now=soon) == 0


MORNING = datetime(2026, 11, 26, 7, 5, tzinfo=UTC)  # 08:05 in Brussels


def test_once_a_day_one_message_brings_everything(firm: Firm, tmp_path: Path, smtp: Any) -> None:
    destination = make_mailbox(firm.now, firm.office, channel=Channel.EMAIL_DAILY)
    assert firm.push(destination) == 0, "nothing waits: nothing is sent"
    invoice = firm.send_invoice("1")
    firm.send_invoice("2")
    with mail_server(tmp_path / "received") as server:
        smtp(server)
        assert firm.push(destination, after=AN_HOUR) == 0, "it is not the morning yet"
        assert firm.push(destination, after=MORNING - firm.now) == 1
        assert firm.push(destination, after=MORNING - firm.now + AN_HOUR) == 0

    [message] = received(tmp_path / "received")
    [(name, content)] = attachments(message).items()
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert message["Subject"].replace("\u00a0", " ") == "2 facturen van uw klanten, 26 nov 2026"
    assert name == "Invoices-OUT_2026-11-26.zip"
    assert "K100/2026/1_v1.xml" in archive.namelist()
    assert archive.read("K100/2026/1_v1.xml") == read_document(invoice)
    assert hashlib.sha256(read_document(invoice)).hexdigest() in archive.read("manifest.csv").decode()
    assert set(Delivery.objects.filter(destination=destination).values_list("state", flat=True)) == {"delivered"}


def test_a_daily_message_that_fails_stays_the_same_and_later_documents_are_in_the_next(
    firm: Firm, tmp_path: Path, smtp: Any
) -> None:
    destination = make_mailbox(firm.now, firm.office, channel=Channel.EMAIL_DAILY)
    firm.push(destination)
    firm.send_invoice("1")
    with mail_server(tmp_path / "received", is_open=False) as server:
        smtp(server)
        firm.push(destination, after=MORNING - firm.now)
        firm.send_invoice("2")
        server.is_open = True
        assert firm.push(destination, after=MORNING - firm.now + AN_HOUR) == 1

    [message] = received(tmp_path / "received")
    mailing = Mailing.objects.get()
    assert message["Message-ID"].startswith(f"<{mailing.uuid}@")
    assert dict(Delivery.objects.filter(destination=destination).values_list("invoice__number", "state")) == {
        "1": "delivered", "2": "pending",
    }  # fmt: skip


def test_a_day_too_large_for_one_message_comes_in_parts(firm: Firm, settings: Any) -> None:
    destination = make_mailbox(firm.now, firm.office, channel=Channel.EMAIL_DAILY)
    firm.push(destination)
    for number in ("1", "2", "3"):
        firm.send_invoice(number)
    settings.MAIL_MAX_BYTES = 700_000

    assert firm.push(destination, after=MORNING - firm.now) == 2

    subjects = [message.subject for message in mail.outbox[-2:]]
    assert [subject.rpartition(", ")[2] for subject in subjects] == ["deel 1 van 2", "deel 2 van 2"]
