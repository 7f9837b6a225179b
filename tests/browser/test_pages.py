"""Every page, in every state, as a browser shows it: readable by everybody, wide or narrow, light or dark."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.gallery import Gallery
from tests.browser.pages import PAGES, Shown
from tests.browser.people import DESKTOP, NARROW, Person

AXE = Axe()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# More than a page may weigh on the way, its pictures and scripts included.
HEAVIEST = 100_000


def open_page(viewer: Person, gallery: Gallery, shown: Shown) -> None:
    """Open a page in its state."""
    viewer.complaints.clear()
    viewer.answers.clear()
    arrived = viewer.page.goto(shown.address(gallery.paths))
    assert arrived is not None
    assert arrived.status == shown.status
    if shown.act:
        viewer.answers.clear()
        shown.act(viewer.page)


def violations(page: Page, rules: list[str]) -> list[str]:
    """Return what axe finds, each with where."""
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = AXE.run(page, options=options).response["violations"]
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: f"{shown.who}: {shown.name}")
def test_a_page_is_for_everybody(viewers: dict[str, Person], gallery: Gallery, shown: Shown) -> None:
    viewer, page = viewers[shown.who], viewers[shown.who].page
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    viewer.speak("nl")

    open_page(viewer, gallery, shown)
    complaints = list(viewer.complaints)
    # Django's own back-office is held to the standard; what is ours, to what is customary beyond it too.
    rules = WCAG if shown.who == "staff" else [*WCAG, "best-practice"]
    light = violations(page, rules)
    page.emulate_media(color_scheme="dark")
    dark = violations(page, rules)
    wide = page.evaluate(OVERFLOW)
    page.set_viewport_size(NARROW)
    narrow = page.evaluate(OVERFLOW)

    assert light == []
    assert dark == []
    assert complaints == []
    assert (wide, narrow) == (0, 0)
    assert page.locator("html").get_attribute("lang") == "nl"
    assert page.locator("h1").count() == 1
    assert viewer.answers or shown.act
    assert sum(answer.request.sizes()["responseBodySize"] for answer in viewer.answers) <= HEAVIEST


@pytest.mark.parametrize("language", ["fr", "de"])
@pytest.mark.parametrize("who", ["visitor", "owner", "new owner", "accountant", "new accountant"])
def test_no_page_is_wider_than_a_narrow_window_in_another_language(
    viewers: dict[str, Person], gallery: Gallery, who: str, language: str
) -> None:
    viewer, page = viewers[who], viewers[who].page
    page.set_viewport_size(NARROW)
    viewer.speak(language)
    too_wide = {}

    for shown in PAGES:
        if shown.who == who and shown.act is None:
            open_page(viewer, gallery, shown)
            if page.evaluate(OVERFLOW) or page.locator("html").get_attribute("lang") != language:
                too_wide[shown.name] = page.evaluate(OVERFLOW)

    assert too_wide == {}
