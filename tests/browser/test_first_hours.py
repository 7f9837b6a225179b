"""Whole stories in a browser, in two languages: what the people saw for whom the service is made."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from apps.core.clock import today
from tests.browser.pages import PASSWORD
from tests.browser.people import Person
from tests.factories.numbers import make_enterprise_number
from tests.factories.wire import Supplier, make_document
from tests.journeys.callers import Wire, import_payment
from tests.journeys.instances import Instance, eventually
from tests.journeys.mail import tokens_for

REFERENCE, AMOUNT = "090933755493", "1210.00"


def reloaded(page: Page, text: str, row: str = "") -> None:
    """Load the page again until it says so, in the row with that text: the worker does its part in its own time."""
    place = page.get_by_role("row").filter(has_text=row) if row else page.locator("main")

    def look() -> bool:
        page.reload()
        return place.get_by_text(text).count() > 0

    eventually(look)


def send_invoice(wire: Wire, token: str, supplier: Supplier, number: str) -> dict[str, Any]:
    """Let a software exchange its token and send one invoice of today; returns what the API says of the invoice."""
    status, pair = wire.call("GET", f"get-credentials/{token}/")
    assert status == 200
    wire.sign_in(pair)
    status, sent = wire.upload(make_document(supplier, number=number, reference=REFERENCE, issue_date=today()))
    assert status == 201
    return dict(sent)


def test_a_plumbers_first_hour(
    someone: Person, instance: Instance, story: dict[str, str], say: Callable[..., str], tmp_path: Path
) -> None:
    """Mail, portal, connected, first invoice, paid."""
    wire = Wire(instance.base, story["onfact"])
    assert wire.request_token(story["plumber"])[0] == 201
    token = eventually(lambda: tokens_for(instance, story["plumber_email"]))[-1]

    page = someone.open("/mailbox/")
    page.get_by_role("row").filter(has_text=story["plumber_email"]).get_by_role("link").click()
    letter = page.frame_locator("iframe")
    expect(letter.get_by_text(token, exact=True)).to_be_visible()
    with someone.context.expect_page() as opened:
        letter.get_by_role("link", name=say("See what happens with your invoices")).click()
    page = someone.open(opened.value.url)
    for field in page.locator("input[type=password]").all():
        field.fill("een sterke pijp van koper")
    page.get_by_role("button", name=say("Get access")).click()

    expect(page.get_by_role("heading", level=1, name=story["plumber_name"])).to_be_visible()
    expect(page.locator("main").get_by_text(say("Not yet"), exact=True)).to_be_visible()
    sent = send_invoice(wire, token, Supplier(story["plumber"], story["plumber_name"]), "F-2026-1")
    reloaded(page, say("Yes, with %(software)s", software="onFact"))
    reloaded(page, say("Delivered"), row=sent["invoice_number"])
    row = page.get_by_role("row").filter(has_text=sent["invoice_number"])
    expect(row.get_by_text(say("open", "payment"), exact=True)).to_be_visible()
    import_payment(instance, tmp_path, story["iban"], AMOUNT, REFERENCE, 1)
    reloaded(page, say("Everybody"))
    expect(row.get_by_text(say("paid", "payment"), exact=True)).to_be_visible()
    assert someone.complaints == []


def test_an_accountants_first_morning(
    someone: Person, instance: Instance, story: dict[str, str], say: Callable[..., str], language: str
) -> None:
    """Import the clients, help three that cannot connect, read what came in."""
    wire = Wire(instance.base, story["recovr"])
    first = {"nl": 1_700_001, "fr": 1_700_101}[language]
    numbers = [make_enterprise_number(f"{first + place:08d}") for place in range(5)]
    for number in numbers[:3]:
        assert wire.request_token(number)[0] == 404
    lines = [f"{number};Klant {place};;{place}" for place, number in enumerate(numbers)]
    rows = ["nr;naam;e-mail;code".replace("nr", "btw"), *lines, "0123.456.700;Verkeerd nummer;;"]

    page = someone.sign_in(story["accountant"], PASSWORD)
    page.get_by_role("link", name=say("Import clients")).first.click()
    page.locator("input[type=file]").set_input_files(
        {"name": "klanten.csv", "mimeType": "text/csv", "buffer": "\r\n".join(rows).encode()}
    )
    page.get_by_role("button", name=say("Read the file")).click()
    expect(page.get_by_role("heading", level=1, name=say("We recognised your columns"))).to_be_visible()
    page.get_by_role("button", name=say("Show what would happen")).click()
    import_them = page.locator("form[action$='/for-real/'] button")
    expect(import_them).to_be_visible(timeout=30_000)
    expect(page.get_by_text("0123.456.700")).to_be_visible()
    import_them.click()
    to_clients = page.locator("a[href$='/missing-addresses/']").filter(has_text="5")
    expect(to_clients).to_be_visible(timeout=30_000)

    page.get_by_role("link", name=story["office_name"]).first.click()
    for place, number in enumerate(numbers[:3]):
        page.get_by_role("row").filter(has_text=f"Klant {place}").get_by_role("link", name=say("Add address")).click()
        page.locator("main form input[type=email]").fill(address_of(number))
        page.get_by_role("button", name=say("Put the address on file")).click()
    expect(page.get_by_role("link", name=say("Add address"))).to_have_count(0)
    token = eventually(lambda: tokens_for(instance, address_of(numbers[0])))[-1]
    for number in numbers[1:3]:
        eventually(lambda number=number: tokens_for(instance, address_of(number)))  # type: ignore[misc]

    sent = send_invoice(wire, token, Supplier(numbers[0], "Klant 0"), f"K-{numbers[0]}")
    page.get_by_role("link", name=say("Inbox"), exact=True).first.click()
    page.wait_for_url("**/inbox/")
    reloaded(page, sent["invoice_number"])
    page.get_by_role("link", name=sent["invoice_number"]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sent["invoice_number"])
    expect(page.locator("main")).to_contain_text("Herstelling")
    expect(page.locator("main")).to_contain_text({"nl": "1.210,00", "fr": "1 210,00"}[language])
    assert someone.complaints == []


def address_of(number: str) -> str:
    """Return an address that no other client has."""
    return f"klant-{number}@morgen.example"


def test_a_refused_company_connects_once_the_cause_is_gone(
    someone: Person,
    chromium: Browser,
    instance: Instance,
    story: dict[str, str],
    say: Callable[..., str],
    language: str,
) -> None:
    """The owner sees why and who acts; the office cures it; nobody asks again."""
    wire = Wire(instance.base, story["robaws"])
    status, _answer = wire.request_token(story["silent"])
    assert status == 409
    address = f"gevonden.{language}@zaak.example"

    owner_page = someone.sign_in(story["silent_owner"], PASSWORD)
    slip = owner_page.locator("article.slip")
    expect(slip).to_contain_text("Robaws")
    expect(slip).to_contain_text(say("The code goes to the address on file, and there is none."))
    office = Person(chromium, instance.base, language=language)
    office_page = office.sign_in(story["accountant"], PASSWORD)
    office_page.get_by_role("row").filter(has_text=f"Zonder adres {language}").get_by_role("link").first.click()
    office_page.locator("main form input[type=email]").fill(address)
    office_page.get_by_role("button", name=say("Put the address on file")).click()
    token = eventually(lambda: tokens_for(instance, address))[-1]
    owner_page.reload()
    expect(slip).to_contain_text(say("Your company"))
    expect(slip).not_to_contain_text(say("The code goes to the address on file, and there is none."))

    assert wire.call("GET", f"get-credentials/{token}/")[0] == 200
    reloaded(owner_page, say("Yes, with %(software)s", software="Robaws"))
    assert [*someone.complaints, *office.complaints] == []
    office.close()
