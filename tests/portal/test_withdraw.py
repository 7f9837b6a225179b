"""The link of the token mail by which its reader withdraws the request."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.tokens.models import AccessToken, ConnectionRequest, SoftwareKey
from apps.tokens.services import requests
from tests.factories import registry

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(now: datetime) -> SoftwareKey:
    return registry.make_software(now)


@pytest.fixture
def link(now: datetime, key: SoftwareKey, run_reactions: Callable[[], int], mailoutbox: list[Any]) -> str:
    company = registry.make_company(now, office=registry.make_office(now), language="fr")
    requests.request_connection(software=key.software, vat=company.enterprise_number, actor="t", now=now)
    run_reactions()
    found = re.search(r"https?://\S+/withdraw/", mailoutbox[-1].body)
    assert found
    assert found[0] in mailoutbox[-1].alternatives[0][0]
    return urlsplit(found[0]).path


def test_looking_changes_nothing_and_the_button_withdraws(link: str) -> None:
    browser = Client()

    looked = browser.get(link)
    state_after_looking = ConnectionRequest.objects.get().state
    pressed = browser.post(link)
    again = browser.post(link)

    assert looked.status_code == pressed.status_code == again.status_code == 200
    assert state_after_looking == "token_sent"
    assert ConnectionRequest.objects.get().state == "withdrawn"
    assert AccessToken.objects.get().state == "revoked"
    # With `no-referrer` browsers send `Origin: null`, and the button would be refused.
    assert looked.headers["Referrer-Policy"] == "strict-origin"
    assert "Robaws" in looked.content.decode()


def test_the_page_is_in_the_language_of_the_company(link: str) -> None:
    assert '<html lang="fr"' in Client().get(link).content.decode()


def test_a_request_that_was_completed_cannot_be_withdrawn(now: datetime, key: SoftwareKey, link: str) -> None:
    registry.connect(now, ConnectionRequest.objects.get().company, key)  # type: ignore[arg-type] # it has one

    answer = Client().post(link, follow=True)

    assert answer.status_code == 200
    assert ConnectionRequest.objects.get().state == "activated"


def test_a_link_that_was_tampered_with_names_nothing(link: str) -> None:
    tampered = link.replace("/requests/", "/requests/0")

    assert Client().get(tampered).status_code == 404
    assert Client().post(tampered).status_code == 404
