"""A maker registers its software on a public page: from the form to the key on its own page."""

import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import IPv4Address
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.tokens.models import SoftwareKey, Vendor, VendorApplication
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.test_public import without_csrf
from tests.portal.world import LANGUAGES

pytestmark = pytest.mark.django_db
PAGE = "/developers/register/"
FORM = {
    "software_name": "De  Molen", "description": "Factureert\nlidgelden.", "sector": "clubs", "vendor_name": "Molen BV",
    "website": "molen.example", "email": "dev@molen.be", "language": "nl",
}  # fmt: skip
PASSWORD = {"password": "een lang geheim", "repeated": "een lang geheim"}


def read(browser: Client, path: str, language: str = "en") -> str:
    return browser.get(path, headers={"Accept-Language": language}).content.decode()


@pytest.fixture
def sandbox(settings: Any) -> None:
    settings.SANDBOX, settings.OTHER_BASE_URL = True, "https://service.example"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(registry.make_user("staff@example.be", is_staff=True))
    return client


def test_in_the_sandbox_the_form_leads_to_a_sign_in_and_the_key(sandbox: None) -> None:
    browser = Client()

    link = browser.post(PAGE, FORM).headers["Location"]
    joined = browser.post(link, PASSWORD)
    page = read(browser, joined.headers["Location"])

    key, vendor = SoftwareKey.objects.get(), Vendor.objects.get()
    assert joined.headers["Location"] == f"/vendors/{vendor.uuid}/"
    assert (key.software.name, key.software.description) == ("De Molen", "Factureert lidgelden.")
    assert f"export SOFTWARE_KEY={key.key}" in page
    applying = re.search(r'href="https://service\.example(/developers/register/\?[^"]+)"', page)
    assert applying, "the way to the service"
    brought = read(Client(), applying[1].replace("&amp;", "&"))
    assert all(text in brought for text in ("De Molen", "Molen BV", "https://molen.example", "Factureert lidgelden."))
    assert "dev@molen.be" not in brought


def test_a_name_that_is_taken_in_the_sandbox_is_told_at_its_field(sandbox: None, now: datetime) -> None:
    registry.make_software(now)

    answer = Client().post(PAGE, FORM | {"software_name": "robaws"}, headers={"Accept-Language": "en"})

    assert 'id="id_software_name_error"' in answer.content.decode()
    assert Vendor.objects.count() == 1


def test_in_the_service_staff_approve_and_the_maker_finds_its_key(
    staff: Client, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    Client().post(PAGE, FORM)
    waiting = VendorApplication.objects.get()
    listed = "/admin/tokens/vendorapplication/"

    shown = text_of(read(staff, listed)), read(staff, f"{listed}{waiting.pk}/change/")
    staff.post(listed, {"action": "approve", "_selected_action": [waiting.pk]})
    run_reactions()

    assert "De Molen Molen BV" in shown[0]
    assert "Factureert lidgelden." in shown[1]
    assert 'name="state"' not in shown[1], "what a service decides is read"
    link = re.search(r"/join/\S+", mailoutbox[-1].body)
    assert link
    maker = Client()
    page = read(maker, maker.post(link[0], PASSWORD).headers["Location"])
    assert str(SoftwareKey.objects.get().key) in page
    public = text_of(read(Client(), "/software/de-molen/"))
    assert "Made for Clubs and fitness Its maker says Factureert lidgelden." in public


def test_staff_refuse_with_the_reason(staff: Client) -> None:
    Client().post(PAGE, FORM)
    chosen = {"action": "refuse", "_selected_action": [VendorApplication.objects.get().pk]}

    staff.post("/admin/tokens/vendorapplication/", chosen)
    without = VendorApplication.objects.get().state
    staff.post("/admin/tokens/vendorapplication/", chosen | {"reason": "Bel ons even."})

    assert (without, VendorApplication.objects.get().state) == ("applied", "refused")


def test_everybody_who_applies_gets_the_same_answer(now: datetime, settings: Any) -> None:
    settings.VENDOR_APPLICATIONS_PER_DAY = 1
    registry.make_software(now)
    registry.make_user("bekend@molen.be")
    answers = set()
    for form in (
        FORM,
        FORM,
        FORM | {"software_name": "Nog een"},
        FORM | {"software_name": "Robaws", "email": "bekend@molen.be"},
    ):
        browser = Client()
        applied = browser.post(PAGE, form)
        shown = browser.get(applied.headers["Location"])
        answers.add((applied.status_code, str(applied.headers), without_csrf(shown.content)))

    assert len(answers) == 1
    assert VendorApplication.objects.count() == 2


def test_what_is_missing_or_wrong_is_told_and_a_network_that_sends_too_often_waits(settings: Any) -> None:
    settings.FORMS_PER_VISITOR_PER_HOUR = 1
    # The counters outlive a test, so it has a network of its own.
    browser = Client(REMOTE_ADDR=str(IPv4Address(0x0A000000 + uuid4().int % 2**24)))

    wrong = browser.post(PAGE, dict.fromkeys(FORM, " ") | {"website": "javascript:alert(1)"}).content.decode()
    first, second = browser.post(PAGE, FORM), browser.post(PAGE, FORM)

    assert wrong.count('class="error"') == 7
    assert (first.status_code, second.status_code, "Retry-After" in second.headers) == (302, 429, True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_say_where_the_other_place_is(settings: Any, language: str) -> None:
    for settings.OTHER_BASE_URL in ("", "https://other.example"):
        for path in (PAGE, f"{PAGE}received/", "/developers/"):
            page = read(Client(), path, language)
            assert f'<html lang="{language}">' in page
            assert ("https://other.example/developers/register/" in page) == bool(settings.OTHER_BASE_URL)
