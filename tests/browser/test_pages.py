"""Every page, in every state, as a browser shows it: readable by everybody, wide or narrow, light or dark."""

import pytest

from tests.browser.gallery import Gallery
from tests.browser.pages import PAGES, Shown
from tests.browser.people import DESKTOP, NARROW, Person
from tests.browser.sight import BEST, OVERFLOW, WCAG, violations

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


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: f"{shown.who}: {shown.name}")
def test_a_page_is_for_everybody(viewers: dict[str, Person], gallery: Gallery, shown: Shown) -> None:
    viewer, page = viewers[shown.who], viewers[shown.who].page
    page.set_viewport_size(DESKTOP)
    viewer.speak("nl")

    open_page(viewer, gallery, shown)
    complaints = list(viewer.complaints)
    # Django's own back-office is held to the standard; what is ours, to what is customary beyond it too.
    found = violations(page, WCAG if shown.who == "staff" else BEST)
    wide = page.evaluate(OVERFLOW)
    page.set_viewport_size(NARROW)
    narrow = page.evaluate(OVERFLOW)

    assert found == []
    assert complaints == []
    assert (wide, narrow) == (0, 0)
    assert page.locator("html").get_attribute("lang") == "nl"
    assert page.locator("h1").count() == 1
    assert viewer.answers or shown.act
    assert sum(answer.request.sizes()["responseBodySize"] for answer in viewer.answers) <= HEAVIEST


@pytest.mark.parametrize("language", ["fr", "de"])
@pytest.mark.parametrize("who", ["visitor", "owner", "new owner", "accountant", "new accountant", "maker"])
def test_no_page_is_wider_than_a_narrow_window_in_another_language(
    viewers: dict[str, Person], gallery: Gallery, who: str, language: str
) -> None:
    viewer, page = viewers[who], viewers[who].page
    page.set_viewport_size(NARROW)
    viewer.speak(language)
    too_wide = {}
    # A document in a frame is as wide as the frame; the browser starts a process or two for each PDF.
    page.route("**/pdf/", lambda route: route.abort())

    for shown in PAGES:
        if shown.who == who and shown.act is None:
            open_page(viewer, gallery, shown)
            if page.evaluate(OVERFLOW) or page.locator("html").get_attribute("lang") != language:
                too_wide[shown.name] = page.evaluate(OVERFLOW)
    page.unroute("**/pdf/")

    assert too_wide == {}
