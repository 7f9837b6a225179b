"""The mails that carry a link into a company or an office, in four languages."""

import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings

from apps.companies.emails import Place, join_url, member_link_mail
from apps.users.models import MailedLink
from tests.portal.world import LANGUAGES

PLACE = "Peeters & Zonen <BV>"
KINDS = [
    ("company", "company_first_member", "system"),
    ("office", "office_first_member", "system"),
    ("company", "company_invitation", "user:1"),
    ("office", "office_invitation", "user:1"),
    ("company", "company_invitation", "mail link"),
]


def make(now: datetime, purpose: str, made_by: str, language: str) -> MailedLink:
    return MailedLink(
        purpose=purpose, address="bo@example.be", language=language, role="owner", made_by=made_by, made_at=now,
        expires_at=now + timedelta(days=14),
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "purpose", "made_by"), KINDS)
def test_a_mail_says_for_what_until_when_and_what_to_do_if_unexpected(
    now: datetime, kind: str, purpose: str, made_by: str, language: str
) -> None:
    link = make(now, purpose, made_by, language)

    message = member_link_mail(link, Place(kind=kind, name=PLACE, enterprise_number="0123456749"))
    text, html = str(message.body), str(message.alternatives[0][0])

    assert PLACE in message.subject or made_by == "mail link"
    assert PLACE in text
    assert "Peeters &amp; Zonen &lt;BV&gt;" in html
    assert [line for line in text.splitlines() if "/join/" in line] == [join_url(link)]
    assert re.findall(r'href="([^"]*)"', html) == [join_url(link), f"mailto:{settings.SUPPORT_EMAIL}"]
    assert all(part in text and part in html for part in ("0123.456.749", "2026", "10", settings.SUPPORT_EMAIL))
    assert f'<html lang="{language}">' in html
    assert "%(" not in text + html


@pytest.mark.parametrize(("kind", "purpose", "made_by"), KINDS)
def test_the_four_languages_differ(now: datetime, kind: str, purpose: str, made_by: str) -> None:
    place = Place(kind=kind, name=PLACE, enterprise_number="0123456749")

    mails = [member_link_mail(make(now, purpose, made_by, language), place) for language in LANGUAGES]

    lines = [set(str(mail.body).splitlines()) for mail in mails]
    assert len({mail.subject for mail in mails}) == 4
    in_all = set.intersection(*lines)
    assert not [line for line in in_all if line and not line.startswith(("http", "+++"))]


def test_each_kind_of_link_has_a_mail_of_its_own(now: datetime) -> None:
    mails = [
        member_link_mail(make(now, purpose, made_by, "en"), Place(kind=kind, name="X", enterprise_number="0123456749"))
        for kind, purpose, made_by in KINDS
    ]

    # The invitations of a company and an office read the same.
    assert len({str(mail.body).splitlines()[2] for mail in mails}) == 4
