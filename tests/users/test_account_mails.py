"""The mails about a login: which there are, in which language, and that they look like all our mails."""

import re
import smtplib
from datetime import datetime
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from apps.users import emails
from apps.users.rules import SecurityChange
from tests.factories import registry
from tests.users.browsing import set_up_app, sign_in

LANGUAGES = ("nl", "fr", "en", "de")
# Sign-up is closed, and nobody signs in or confirms by a mailed code.
NEVER_SENT = {
    "account/email/account_already_exists", "account/email/email_confirmation_signup", "account/email/login_code",
    "account/email/password_reset_code",
}  # fmt: skip


def test_every_mail_that_allauth_may_send_is_ours() -> None:
    folder = Path(allauth.__file__).parent / "templates"
    theirs = {
        str(path.relative_to(folder)).removesuffix("_message.txt")
        for app in ("account", "mfa")
        for path in (folder / app / "email").glob("*_message.txt")
    }

    assert theirs - {"account/email/base"} - NEVER_SENT == {*emails.LINKS, *emails.NOTICES}


def all_mails(language: str, now: datetime, address: str = "an@example.be") -> list[EmailMultiAlternatives]:
    to = emails.Recipient(address, language)
    link = {"activate_url": "https://example.be/x", "password_reset_url": "https://example.be/x"}
    return [
        *(make(to, context=link, now=now) for make in emails.LINKS.values()),
        *(emails.security_notice(to, change=change, ip="192.0.2.1", now=now) for change in SecurityChange),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_is_complete_in_every_language(language: str, now: datetime) -> None:
    english = {mail.subject for mail in all_mails("en", now)}

    for mail in all_mails(language, now):
        html = str(mail.alternatives[0][0])
        assert mail.subject
        assert "an@example.be" in mail.body + html
        assert f'<html lang="{language}"' in html
        assert "<style>" in html
        assert language == "en" or mail.subject not in english
        assert "{%" not in mail.body + html
        assert "{{" not in mail.body + html


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_for_mail_never_breaks_at_its_hyphen(language: str, now: datetime) -> None:
    unbroken = re.compile(r'<span style="white-space: nowrap;?">e-mail\w*</span>', re.IGNORECASE)
    address = "e-mail@e-mail.example"

    for mail in all_mails(language, now, address):
        html = str(mail.alternatives[0][0])
        head, body = html.split("<body")
        assert unbroken.search(body)
        assert "nowrap" not in head
        words = unbroken.sub("", body).replace(address, "")
        assert "e-mail" not in re.sub(r"<[^>]+>", " ", words).lower()


def test_every_change_is_told_in_words_of_its_own(now: datetime) -> None:
    assert set(emails.CHANGES) == set(SecurityChange)
    assert len({mail.subject for mail in all_mails("nl", now)}) == len(all_mails("nl", now))


@pytest.mark.django_db
def test_a_mail_is_in_the_language_that_the_person_keeps(mailoutbox: list[Any]) -> None:
    user = registry.make_user("an@example.be", language="fr")

    Client(headers={"Accept-Language": "de"}).post("/accounts/password/reset/", {"email": user.email})
    Client(headers={"Accept-Language": "de"}).post("/accounts/password/reset/", {"email": "wie@example.be"})

    assert mailoutbox[0].subject.startswith("Choisir un nouveau mot de passe")
    assert mailoutbox[1].subject.startswith("Niemand meldet sich mit dieser Adresse")


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_cannot_be_sent_does_not_undo_what_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    user, browser = registry.make_user("an@example.be"), Client()
    sign_in(browser, user)

    def refuse(*args: Any, **kwargs: Any) -> int:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    set_up_app(browser)

    assert browser.get("/accounts/2fa/recovery-codes/").status_code == 200
