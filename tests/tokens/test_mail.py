from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings

from apps.companies.models import ContactEmail
from apps.core.mail import text_part
from apps.events.models import Event, PendingReaction
from apps.tokens import secrets
from apps.tokens.models import AccessToken, ConnectionRequest, NonActivationCase
from apps.tokens.services import mail, requests
from apps.tokens.services.checking import RequestOutcome
from tests.factories import registry
from tests.support.mail_server import mail_server

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


def test_an_address_that_the_mail_server_does_not_know_is_undeliverable_at_once(
    now: datetime, token: AccessToken, settings: Any, tmp_path: Path
) -> None:
    registry.make_company(now, office=registry.make_office(now), email=token.sent_to.upper())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    with mail_server(tmp_path, gone=(token.sent_to,)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        assert not mail.send_token_mail(token_uuid=token.uuid, now=now)

    token.refresh_from_db()
    request = ConnectionRequest.objects.get()
    assert (request.state, request.refusal_code) == ("waiting", "email_undeliverable")
    assert (token.state, token.mail_failed_at) == ("revoked", None)
    assert set(ContactEmail.objects.values_list("state", flat=True)) == {"bounced"}
    assert NonActivationCase.objects.get().key == token.sent_to


def test_a_mail_server_that_takes_no_message_is_no_fault_of_the_address(
    now: datetime, token: AccessToken, settings: Any, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    with mail_server(tmp_path, is_open=False) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        with pytest.raises(mail.MailNotTaken):
            mail.send_token_mail(token_uuid=token.uuid, now=now)

    token.refresh_from_db()
    assert (token.state, token.mail_failed_at) == ("issued", now)
    assert ContactEmail.objects.get().state == "on_file"
    assert not NonActivationCase.objects.exists()


def fail(settings: Any, token: AccessToken, at: datetime) -> None:
    """Hand a mail over while nothing listens."""
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(mail.MailNotTaken):
        mail.send_token_mail(token_uuid=token.uuid, now=at)
    settings.EMAIL_BACKEND = backend


def ask(token: AccessToken, at: datetime) -> RequestOutcome:
    """Ask for a connection of another company with the same software."""
    company = registry.make_company(at, office=registry.make_office(at), email="ander@example.be")
    return requests.request_connection(software=token.software, vat=company.enterprise_number, actor="t", now=at)


def test_the_first_message_taken_after_an_outage_sends_what_waited_for_it(
    now: datetime, token: AccessToken, settings: Any, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    other = ask(token, now)
    assert other.token
    for failing in (token, other.token):
        fail(settings, failing, now)
    # As after some hours of outage: the next try of the other one is an hour away.
    PendingReaction.objects.filter(event__subject_uuid=other.token.uuid).update(
        attempts=9, due_at=now + timedelta(hours=1)
    )
    waiting = ask(token, now + timedelta(minutes=1))
    taken_at = now + timedelta(minutes=2)

    assert mail.send_token_mail(token_uuid=token.uuid, now=taken_at)

    assert waiting.refusal_code == "mail_unavailable"
    due = PendingReaction.objects.filter(event__name="mail.recovered")
    assert set(due.values_list("task", flat=True)) == {"tokens.recheck_unmailed", "tokens.hasten_mails"}
    assert mail.hasten_mails(now=taken_at) == 1
    assert PendingReaction.objects.get(event__subject_uuid=other.token.uuid).due_at == taken_at
    run_reactions()
    assert len(mailoutbox) == 3
    assert set(ConnectionRequest.objects.values_list("state", flat=True)) == {"token_sent"}


def test_a_message_taken_soon_after_another_ends_no_outage(now: datetime, token: AccessToken, settings: Any) -> None:
    first, failing, last = ask(token, now).token, token, ask(token, now).token
    assert first
    assert last
    mail.send_token_mail(token_uuid=first.uuid, now=now)
    fail(settings, failing, now + timedelta(minutes=1))

    mail.send_token_mail(token_uuid=last.uuid, now=now + timedelta(minutes=2))

    assert not Event.objects.filter(name="mail.recovered").exists()


def test_a_message_taken_after_a_quiet_time_without_failures_ends_no_outage(now: datetime, token: AccessToken) -> None:
    other = ask(token, now).token
    assert other
    mail.send_token_mail(token_uuid=other.uuid, now=now)

    mail.send_token_mail(token_uuid=token.uuid, now=now + timedelta(hours=3))

    assert not Event.objects.filter(name="mail.recovered").exists()
