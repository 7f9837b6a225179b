import socketserver
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as project_settings

from apps.core.mail import text_part
from apps.tokens import secrets
from apps.tokens.models import AccessToken, ConnectionRequest, NonActivationCase
from apps.tokens.services import mail, requests
from tests.factories import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(now: datetime) -> AccessToken:
    company = registry.make_company(now, office=registry.make_office(now))
    key = registry.make_software(now)
    outcome = requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    assert outcome.token
    return outcome.token


def test_a_mail_handed_over_twice_is_one_file_with_one_token(now: datetime, token: AccessToken, settings: Any) -> None:
    settings.EMAIL_BACKEND = "apps.core.mail.FolderBackend"

    assert mail.send_token_mail(token_uuid=token.uuid, now=now)
    AccessToken.objects.update(mailed_at=None)  # as if the worker had died before recording the hand-over
    assert mail.send_token_mail(token_uuid=token.uuid, now=now)

    files = list(Path(settings.EMAIL_DIR).iterdir())
    message = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    plain = secrets.derive_token(token.uuid, key=project_settings.TOKEN_KEY)
    assert [file.name for file in files] == [f"20261125T093000Z-{token.uuid}.eml"]
    assert str(token.uuid) in message["Message-ID"]
    assert plain in text_part(message).splitlines()


def test_a_mail_that_was_handed_over_is_not_sent_again(
    now: datetime, token: AccessToken, mailoutbox: list[Any]
) -> None:
    mail.send_token_mail(token_uuid=token.uuid, now=now)
    mail.send_token_mail(token_uuid=token.uuid, now=now)

    assert len(mailoutbox) == 1
    assert ConnectionRequest.objects.get().state == "token_sent"


def test_a_refused_hand_over_keeps_the_request_sending_and_the_reaction_due(
    now: datetime, token: AccessToken, settings: Any, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    from apps.events.models import PendingReaction

    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nothing listens there
    run_reactions()
    failed = PendingReaction.objects.get()

    assert (failed.task, failed.attempts) == ("tokens.send_token_mail", 1)
    assert ConnectionRequest.objects.get().state == "sending"
    assert AccessToken.objects.get().mail_failed_at is not None

    settings.EMAIL_BACKEND = backend
    PendingReaction.objects.update(due_at=now)
    run_reactions()
    assert len(mailoutbox) == 1
    assert ConnectionRequest.objects.get().state == "token_sent"


@pytest.mark.parametrize("has_taken_others", [True, False])
def test_an_address_that_fails_for_two_days_is_undeliverable_unless_the_outage_is_ours(
    now: datetime, token: AccessToken, settings: Any, has_taken_others: bool
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nothing listens there
    late = now + timedelta(days=2)
    if has_taken_others:
        other = registry.make_company(now, office=registry.make_office(now), email="ander@example.be")
        requests.request_connection(software=token.software, vat=other.enterprise_number, actor="t", now=now)
        AccessToken.objects.filter(company=other).update(mailed_at=now + timedelta(days=1), state="expired")

    with nullcontext() if has_taken_others else pytest.raises(mail.MailNotTaken):
        mail.send_token_mail(token_uuid=token.uuid, now=late)

    request = ConnectionRequest.objects.get(pk=token.request_id)
    token.refresh_from_db()
    contact = token.company.contact_email
    contact.refresh_from_db()
    expected = ("waiting", "revoked", "bounced") if has_taken_others else ("sending", "issued", "on_file")
    assert (request.state, token.state, contact.state) == expected
    assert NonActivationCase.objects.filter(code="email_undeliverable").exists() == has_taken_others


class RefusingServer(socketserver.StreamRequestHandler):
    """A mail server that refuses every recipient, as a real one would say it."""

    answer = b""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            answer = {b"RCPT": self.answer, b"QUIT": b"221 bye"}.get(word, b"250 fine")
            self.wfile.write(answer + b"\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def refusing_server(settings: Any) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), RefusingServer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        yield
        server.shutdown()


@pytest.mark.parametrize(
    ("answer", "is_bad"),
    [
        (b"550 5.1.1 no such user", True),
        (b"550 no such user", True),
        (b"550 5.2.1 mailbox disabled", True),
        (b"550 5.7.1 your server is on a list", False),
        (b"552 5.2.2 mailbox full", False),
        (b"451 4.3.0 try later", False),
        (b"554 no", False),
    ],
)
def test_only_a_bad_address_is_given_up_at_once(
    now: datetime, token: AccessToken, refusing_server: None, monkeypatch: Any, answer: bytes, is_bad: bool
) -> None:
    monkeypatch.setattr(RefusingServer, "answer", answer)

    with nullcontext() if is_bad else pytest.raises(mail.MailNotTaken):
        mail.send_token_mail(token_uuid=token.uuid, now=now)

    expected = ("waiting", "email_undeliverable") if is_bad else ("sending", "")
    request = ConnectionRequest.objects.get()
    assert (request.state, request.refusal_code) == expected
    assert NonActivationCase.objects.exists() == is_bad
