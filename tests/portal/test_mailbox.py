"""The mailbox of the embedded default."""

from datetime import datetime
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from apps.core.mail import FolderBackend
from apps.tokens.emails import token_mail
from apps.tokens.models import AccessToken
from tests.factories import registry
from tests.portal.world import World, signed_in

PATHS = ("/mailbox/", "/mailbox/{name}/", "/mailbox/{name}/html/")


@pytest.fixture
def name(world: World, settings: Any, now: datetime) -> str:
    """Put a token mail in the folder and return its file's name."""
    token = AccessToken.objects.get()
    FolderBackend().send_messages([token_mail(token)])
    return f"{now:%Y%m%dT%H%M%SZ}-{token.uuid}.eml"


def test_the_mailbox_lists_mails_and_shows_each(name: str) -> None:
    listed, shown, html = (Client().get(path.format(name=name)) for path in PATHS)

    assert "Uw code om Robaws te verbinden" in listed.content.decode()
    assert f'href="/mailbox/{name}/"' in listed.content.decode()
    assert (
        f'<iframe class="mail__frame" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mailbox/{name}/html/"'
        in shown.content.decode()
    )
    assert "\ncbt-" in shown.content.decode()
    assert html.headers["Content-Security-Policy"].startswith(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'"
    )


def test_an_empty_mailbox_says_so(db: None) -> None:
    assert "Nog geen bericht." in Client().get("/mailbox/").content.decode()


def test_the_mailbox_exists_in_the_embedded_default_only(name: str, settings: Any) -> None:
    settings.EMBEDDED = False

    assert [Client().get(path.format(name=name)).status_code for path in PATHS] == [404, 404, 404]
    assert "/mailbox/" not in Client().get("/accounts/login/").content.decode()


def test_in_the_sandbox_a_mail_to_a_real_address_is_shown_to_its_reader_alone(
    name: str, world: World, settings: Any
) -> None:
    settings.EMBEDDED, settings.SANDBOX = False, True
    reader = Client()
    reader.force_login(registry.make_user("zaak@example.be"))
    invented = EmailMultiAlternatives("Voor iedereen", "x", to=["An <an@maes.example>"])
    FolderBackend().send_messages([invented])

    for client, seen in ((Client(), False), (signed_in(world.owner), False), (reader, True)):
        listed = client.get("/mailbox/").content.decode()
        assert "Voor iedereen" in listed
        assert (name in listed) == seen
        assert {client.get(path.format(name=name)).status_code for path in PATHS[1:]} == {200 if seen else 404}


def test_a_name_that_is_no_mail_is_not_found(name: str) -> None:
    assert Client().get("/mailbox/..%2Fsecret.eml/").status_code == 404
