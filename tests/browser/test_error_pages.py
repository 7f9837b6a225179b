"""The pages that nobody wants to see: as readable as all others."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.translation import override
from playwright.sync_api import Page

from tests.browser.people import NARROW, Person
from tests.browser.sight import BEST, OVERFLOW, violations

LANGUAGES = ["nl", "fr", "en", "de"]


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_is_told_in_every_language(viewers: dict[str, Person], name: str) -> None:
    visitor = viewers["visitor"]
    visitor.page.set_viewport_size(NARROW)
    visitor.complaints.clear()
    spoken = []

    with routed(visitor.page, name) as speak:
        for language in LANGUAGES:
            speak(language)
            page = visitor.open("/shown/")
            spoken.append(page.locator("html").get_attribute("lang"))
            assert page.evaluate(OVERFLOW) == 0

    assert spoken == LANGUAGES
    assert violations(visitor.page, BEST) == []
    assert visitor.complaints == []


@contextmanager
def routed(page: Page, name: str) -> Iterator[Callable[[str], None]]:
    """Answer an address with a page that a running service shows only when something breaks."""

    request = RequestFactory().get("/shown/")
    request.user = AnonymousUser()

    def speak(language: str) -> None:
        with override(language):
            text = render_to_string(f"{name}.html", request=request)
        page.unroute("**/shown/")
        page.route("**/shown/", lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))

    yield speak
    page.unroute("**/shown/")


def test_a_form_whose_page_was_open_too_long_says_so(someone: Person, language: str) -> None:
    page = someone.open("/can-connect/")
    someone.context.clear_cookies()

    page.locator("main form button.btn--primary").click()

    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == language
    assert "CSRF" not in page.locator("body").inner_text()
