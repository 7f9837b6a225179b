"""What somebody comes for, from the first page on: in as few presses as it takes, by mouse, by keys, without script."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.gallery import Gallery
from tests.browser.pages import PASSWORD
from tests.browser.people import PHONE, Person
from tests.journeys.instances import Instance, eventually
from tests.journeys.mail import mails_to

# What of the focused thing shows that it has the focus.
FOCUS = """() => {
  const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect()
  return {
    what: it.tagName + ' ' + (it.textContent || it.name || it.id).trim().slice(0, 40),
    shows: it !== document.body && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  }
}"""


def test_finding_out_whether_a_company_can_connect(
    someone: Person, instance: Instance, story: dict[str, str], say: Callable[..., str]
) -> None:
    page = someone.open("/")
    page.locator("input[name=number]").fill(story["settled"])
    page.get_by_role("button", name=say("Send me the answer")).click()

    expect(page).to_have_url(f"{instance.base}/can-connect/asked/")
    mail = eventually(lambda: mails_to(instance, story["settled_owner"]))[-1]
    assert f"Al jaren {story['settled_owner'][6:8]}" in mail.get_body(("plain",)).get_content()


def test_inviting_a_colleague(
    someone: Person, instance: Instance, story: dict[str, str], say: Callable[..., str]
) -> None:
    address = f"collega.{story['settled']}@zaak.example"
    page = someone.sign_in(story["settled_owner"], PASSWORD)

    page.get_by_role("link", name=say("Settings"), exact=True).first.click()
    page.locator("main input[type=email]").fill(address)
    page.get_by_role("button", name=say("Send the invitation")).click()

    expect(page.get_by_role("rowheader", name=address)).to_be_visible()
    assert eventually(lambda: mails_to(instance, address))
    assert someone.complaints == []


def test_ending_what_a_software_may_do(someone: Person, story: dict[str, str], say: Callable[..., str]) -> None:
    page = someone.sign_in(story["settled_owner"], PASSWORD)

    page.get_by_role("link", name=say("Who acts for me"), exact=True).first.click()
    page.locator("article.slip").filter(has_text="Bouwsoft").get_by_role("link", name=say("End the connection")).click()
    page.locator("main button.btn--danger").click()

    expect(page.get_by_role("status")).to_contain_text("Bouwsoft")
    expect(page.locator("article.slip").filter(has_text="Bouwsoft")).to_have_count(0)
    assert someone.complaints == []


def test_signing_in_by_keys_alone(
    someone: Person, gallery: Gallery, story: dict[str, str], say: Callable[..., str]
) -> None:
    page = someone.open("/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=say("To the content"))).to_be_focused()
    press_until(page, say("Sign in"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/accounts/login/**")
    page.locator("input[name=login]").focus()
    page.keyboard.type(story["accountant"])
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/offices/**")
    press_until(page, say("Inbox"))
    page.keyboard.press("Enter")

    page.wait_for_url("**/inbox/")


def press_until(page: Page, name: str) -> None:
    """Press the tab key until it stands on a link or button of that name; every stop on the way must show."""
    for _press in range(40):
        page.keyboard.press("Tab")
        now = page.evaluate(FOCUS)
        assert now["shows"], now
        assert now["seen"], now
        if now["what"].endswith(f" {name}"):
            return
    pytest.fail(f"the tab key never came to {name}")


def test_a_mistake_is_said_aloud_and_leads_to_its_field(someone: Person, say: Callable[..., str]) -> None:
    page = someone.open("/can-connect/")
    page.locator("main input").last.fill("0123.456.700")

    page.get_by_role("button", name=say("Send me the answer")).click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    wrong = page.locator("main [aria-invalid=true]")
    expect(wrong).to_be_focused()
    assert page.locator(f"#{(wrong.get_attribute('aria-describedby') or '').split()[-1]}").inner_text()


def test_a_language_chosen_before_signing_in_is_kept(someone: Person, language: str) -> None:
    page = someone.open("/")

    page.get_by_role("button", name="DE, Deutsch").first.click()

    assert page.locator("html").get_attribute("lang") == "de"
    someone.open("/accounts/login/")
    assert page.locator("html").get_attribute("lang") == "de"


def test_what_cannot_be_undone_asks_first_in_a_dialog(someone: Person, say: Callable[..., str]) -> None:
    page = someone.open("/styleguide/")
    asked = page.locator("dialog:modal")

    page.get_by_role("link", name=say("End the connection")).click()
    expect(asked).to_be_visible()
    asked.get_by_role("button", name=say("Leave it as it is")).click()

    expect(asked).to_have_count(0)
    assert someone.complaints == []


def test_the_view_that_is_shown_stands_on_a_narrow_screen(viewers: dict[str, Person], gallery: Gallery) -> None:
    accountant = viewers["accountant"]
    accountant.page.set_viewport_size(PHONE)

    page = accountant.open(gallery.paths["inbox"])

    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport()
    assert page.evaluate("scrollX + scrollY") == 0


@pytest.fixture
def plain(chromium: Browser, instance: Instance) -> Iterator[Person]:
    """Return somebody whose browser runs no script."""
    person = Person(chromium, instance.base, language="nl", java_script_enabled=False)
    yield person
    person.close()


def test_an_office_works_without_script(plain: Person, gallery: Gallery) -> None:
    page = plain.sign_in("els@bossche.example", PASSWORD)
    page.get_by_role("link", name="Inbox").first.click()

    page.locator("input[type=search]").fill("2025-0042")
    page.locator("main form").filter(has=page.locator("input[type=search]")).get_by_role("button").first.click()
    assert page.locator("main tbody input[type=checkbox]").count() == 1
    page.locator("main tbody input[type=checkbox]").check()
    page.get_by_role("button", name="geboekt").first.click()

    assert "geboekt" in page.locator("main").inner_text()
    assert page.locator("html").get_attribute("lang") == "nl"


def test_suggestions_are_worked_through_by_keys_alone_and_one_is_undone(
    viewers: dict[str, Person], gallery: Gallery
) -> None:
    page = viewers["owner"].open(gallery.paths["work list"])
    rows = page.locator("[data-worklist] [data-row]")
    expect(rows).to_have_count(4)

    page.keyboard.press("j")
    for left in (3, 2):
        expect(rows.first).to_be_focused()
        page.keyboard.press("Enter")
        expect(rows).to_have_count(left)
    page.keyboard.press("u")
    expect(rows.filter(has_text="Garage Olm")).to_have_count(1)
    expect(rows.filter(has_text="Slagerij Eik")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Space")

    expect(page.locator("[data-list-count]")).to_contain_text("1")
    assert viewers["owner"].complaints == []
