"""The mail that carries a code, in four languages."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as project_settings

from apps.tokens import secrets
from apps.tokens.emails import token_mail
from apps.tokens.models import AccessToken
from apps.tokens.services.requests import request_connection
from apps.users.models import MailedLink
from tests.factories import registry
from tests.portal.world import LANGUAGES

SUBJECTS = {
    "nl": "Uw code om Robaws te verbinden, geldig tot woensdag 9 december 2026 om 10:30",
    "fr": "Votre code pour connecter Robaws, valable jusqu’au mercredi 9 décembre 2026 à 10\u00a0h\u00a030",
    "en": "Your code to connect Robaws, valid until Wednesday 9 December 2026 at 10:30",
    "de": "Ihr Code zum Verbinden von Robaws, gültig bis Mittwoch, 9. Dezember 2026 um 10:30 Uhr",
}


def make_token(
    now: datetime, language: str, *, name: str = "Peeters & Zonen <BV>", slug: str = "robaws"
) -> AccessToken:
    company = registry.make_company(now, office=registry.make_office(now), language=language, name=name)
    key = registry.make_software(now, slug=slug)
    outcome = request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    assert outcome.token
    return outcome.token


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_stands_alone_and_nowhere_else(now: datetime, language: str) -> None:
    token = make_token(now, language)
    plain = secrets.derive_token(token.uuid, key=project_settings.TOKEN_KEY)

    message = token_mail(token)
    text, html = str(message.body), str(message.alternatives[0][0])

    assert message.subject == SUBJECTS[language]
    assert [line for line in text.splitlines() if plain in line] == [plain]
    assert re.findall(rf">([^<]*{plain}[^<]*)<", html) == [plain]
    assert plain not in "".join(re.findall(r"""(?:href|src|title)=["'][^"']*""", html))
    assert html.count(plain) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_who_asked_for_whom_and_until_when(now: datetime, language: str) -> None:
    token = make_token(now, language)

    message = token_mail(token)
    text, html = str(message.body), str(message.alternatives[0][0])

    until = SUBJECTS[language].partition("2026")[0].split()[-2:]
    assert "Peeters & Zonen <BV>" in text
    assert "Peeters &amp; Zonen &lt;BV&gt;" in html
    assert all(part in text and part in html for part in [*until, "Robaws", project_settings.SUPPORT_EMAIL])
    assert f'<html lang="{language}">' in html
    links = re.findall(r'(?:href|src)="([^"]*)"', html)
    plain = next(line for line in text.splitlines() if line.startswith("cbt-"))
    assert [re.sub(r"/(join|requests)/.*", r"/\1", link) for link in links] == [
        f"{project_settings.BASE_URL}/join",
        f"{project_settings.BASE_URL}/requests",
        f"mailto:{project_settings.SUPPORT_EMAIL}",
    ]
    assert not any(plain in link for link in links)


@pytest.mark.django_db
def test_the_four_mails_differ_and_name_no_token(now: datetime) -> None:
    token = make_token(now, "nl")
    bodies = set()
    for language in LANGUAGES:
        token.company.language = language
        bodies.add(str(token_mail(token).body))

    assert len(bodies) == 4
    # The steps name what stands on the software's own screen; everything else is in our words.
    ours = [line for body in bodies for line in body.splitlines() if not line.startswith("  ")]
    assert not [line for line in ours if "token" in line.lower()]


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_steps_are_those_of_the_software_or_hold_for_any(now: datetime, language: str) -> None:
    known = make_token(now, language)
    unknown = make_token(now, language, slug="facturalia")

    def steps(token: AccessToken) -> list[str]:
        text = str(token_mail(token).body)
        return re.findall(r"^  \d\. (.*)$", text, flags=re.MULTILINE)

    assert len(steps(known)) == len(steps(unknown)) == 3
    assert not set(steps(known)) & set(steps(unknown))
    assert all("Robaws" in step for step in steps(known)[::2])
    assert "Facturalia" in steps(unknown)[0]
    assert not [step for step in steps(known) + steps(unknown) if "%(" in step]


@pytest.mark.django_db
def test_it_brings_the_first_member_a_link_of_their_own_and_the_same_each_time(now: datetime) -> None:
    token = make_token(now, "nl")

    first, again = token_mail(token), token_mail(token)
    links = re.findall(r"https?://\S+/join/\S+", str(first.body))

    assert len(links) == 1
    assert links[0] in str(first.alternatives[0][0])
    assert (first.body, first.alternatives) == (again.body, again.alternatives)
    assert MailedLink.objects.get().address == token.sent_to


@pytest.mark.django_db
def test_a_company_with_a_member_gets_the_code_alone(now: datetime) -> None:
    office = registry.make_office(now)
    company, key = registry.make_company(now, office=office), registry.make_software(now)
    registry.make_member(now, registry.make_user("an@example.be"), company=company)

    outcome = request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)

    assert outcome.token
    assert "/join/" not in str(token_mail(outcome.token).body)
    assert not MailedLink.objects.exists()


@pytest.mark.django_db
def test_too_many_links_do_not_stop_a_code(now: datetime, settings: Any) -> None:
    settings.LINK_MAILS_PER_HOUR = 1
    first = make_token(now, "nl")

    outcome = request_connection(
        software=first.software, vat=first.company.enterprise_number, actor="t", now=now + timedelta(minutes=1)
    )

    assert outcome.token
    assert "/join/" not in str(token_mail(outcome.token).body)
    assert "/join/" in str(token_mail(first).body)
    assert MailedLink.objects.count() == 1
