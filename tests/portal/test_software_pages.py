"""The public list of software: what is known and no more, and use as the software's own calls tell it."""

from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from apps.demo.world import SOFTWARE
from apps.tokens.letters import quiet_letter
from apps.tokens.models import Software as SoftwareRow
from apps.tokens.models import SoftwareUsage, Vendor
from apps.tokens.packages import PACKAGES
from apps.tokens.rules import SoftwareState
from apps.tokens.tasks import flush_usage
from tests.factories import registry
from tests.factories.wire import Software, make_document
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected(now: datetime) -> registry.Connected:
    flush_usage()
    SoftwareUsage.objects.all().delete()
    company = registry.make_company(now, office=registry.make_office(now))
    return registry.connect(now, company, registry.make_software(now))


def read(path: str, language: str = "en") -> str:
    answer = Client().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, path
    return text_of(unescape(answer.content.decode()))


def test_a_software_that_never_called_is_not_seen_yet(connected: registry.Connected) -> None:
    page = read("/software/robaws/")

    assert "not seen yet" in page
    assert "Last successful call never Last invoice sent never Last reading never" in page


def test_its_own_calls_say_that_it_is_in_use(connected: registry.Connected) -> None:
    software = Software.of(connected)
    software.get("connection/")
    flush_usage()

    page = read("/software/robaws/")
    software.upload(make_document(connected.company))
    flush_usage()
    then = read("/software/robaws/")

    assert "Last successful call 25 Nov 2026 Last invoice sent never Last reading 25 Nov 2026" in page
    assert "Last invoice sent 25 Nov 2026" in then
    assert "in use" in read("/software/")


def test_calls_that_are_refused_do_not_count(connected: registry.Connected) -> None:
    software = Software.of(connected)
    software.upload(b"<html/>")
    software.get("sales-invoices/00000000-0000-0000-0000-000000000000/")
    flush_usage()

    assert set(SoftwareUsage.objects.values_list("kind", flat=True)) == {"upload_refused", "read_refused"}
    assert "not seen yet" in read("/software/robaws/")


@pytest.mark.parametrize(("days", "said"), [(90, "in use"), (91, "quiet for 90 days")])
def test_after_ninety_days_without_a_call_it_is_quiet(connected: registry.Connected, days: int, said: str) -> None:
    Software.of(connected).get("connection/")
    flush_usage()
    SoftwareUsage.objects.update(day=date(2026, 11, 25) - timedelta(days=days))

    assert said in read("/software/")
    assert said in read("/software/robaws/")


def test_staff_find_the_quiet_ones_with_a_letter_to_the_maker(connected: registry.Connected, now: datetime) -> None:
    registry.make_software(now, slug="onfact")
    Software.of(connected).get("connection/")
    flush_usage()
    SoftwareUsage.objects.update(day=date(2026, 7, 1))
    Vendor.objects.filter(name="robaws makers").update(email="api@robaws.example")
    staff = signed_in(registry.make_user("staff@example.be", language="nl", is_staff=True))

    listed = text_of(staff.get("/admin/tokens/software/?use=quiet").content.decode())
    page = unescape(staff.get(f"/admin/tokens/software/{connected.software.pk}/change/").content.decode())

    assert "Robaws" in listed
    assert "Onfact" not in listed
    assert "mailto:api%40robaws.example?subject=Wordt%20de%20verbinding%20van%20Robaws" in page
    assert "Robaws heeft Codabox voor het laatst bereikt op 1 jul 2026." in text_of(page)


def test_a_letter_has_no_address_where_none_is_known(connected: registry.Connected) -> None:
    letter = quiet_letter(software=connected.software, called_on=date(2026, 7, 1))

    assert letter.to == ""
    assert "/software/robaws/" in letter.text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["onFact", "Robaws"]),
        ("?q=ROB", ["Robaws"]),
        ("?q=onfact+makers", ["onFact"]),
        ("?q=construction", ["Robaws"]),
        ("?sector=general", ["onFact"]),
        ("?sector=general&q=robaws", []),
        ("?sector=nothing", []),
    ],
)
def test_the_list_is_searched_by_name_maker_and_sector(
    connected: registry.Connected, now: datetime, query: str, names: list[str]
) -> None:
    SoftwareRow.objects.filter(pk=registry.make_software(now, slug="onfact").software.pk).update(name="onFact")

    page = read(f"/software/{query}")

    assert [name for name in ("onFact", "Robaws") if f"{name} " in page.partition("In use?")[2]] == names


def test_only_live_softwares_are_listed(connected: registry.Connected) -> None:
    SoftwareRow.objects.update(state=SoftwareState.SANDBOX)

    assert "None yet." in read("/software/")
    assert Client().get("/software/robaws/").status_code == 404


def test_what_is_not_known_is_said_and_nothing_is_made_up(now: datetime) -> None:
    registry.make_software(now, slug="facturalia")

    page = read("/software/facturalia/")

    assert "Made for not known Sends to the accountant not known Reads back from the bank not known" in page
    assert "Where exactly that is in Facturalia is not known to us." in page


def test_the_steps_of_a_software_are_those_of_its_mail(connected: registry.Connected) -> None:
    page = read("/software/robaws/")

    assert "open the settings, choose Integrations at the bottom of the menu" in page
    assert "not known to us" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_pages_come_in_every_language(connected: registry.Connected, language: str) -> None:
    for path in ("/software/", "/software/robaws/"):
        page = Client().get(path, headers={"Accept-Language": language}).content.decode()

        assert f'<html lang="{language}">' in page


def test_the_twelve_of_the_list_are_those_of_the_demo() -> None:
    assert set(PACKAGES) == {software.slug for software in SOFTWARE}
    assert all(source.startswith("https://") for package in PACKAGES.values() for source in package.sources)


def test_the_list_asks_little_of_the_database(
    connected: registry.Connected, now: datetime, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for slug in ("onfact", "comanage", "recovr"):
        registry.make_software(now, slug=slug)

    with django_assert_max_num_queries(3):  # type: ignore[operator] # a fixture that is called
        read("/software/")
