"""An office closes the books of its clients in the portal."""

from datetime import date
from typing import Any

import pytest

from apps.accounting_offices.models import ClientLink
from apps.events.models import Event
from tests.portal.world import LANGUAGES, World, signed_in


def books_of(world: World) -> str:
    return f"/offices/{world.office.uuid}/clients/{world.company.uuid}/books/"


def closed_until(world: World) -> Any:
    return ClientLink.objects.get(company=world.company).closed_until


def test_an_office_closes_a_clients_books_and_opens_them_again(world: World) -> None:
    browser = signed_in(world.accountant)

    closed = browser.post(books_of(world), {"until": "2026-09-30"}, follow=True).content.decode()
    after_closing = closed_until(world)
    browser.post(books_of(world), {"open": "yes"})

    assert after_closing == date(2026, 9, 30)
    assert "30 sep 2026" in closed.replace("\N{NO-BREAK SPACE}", " ")
    assert closed_until(world) is None


def test_the_books_of_all_clients_are_closed_at_once(world: World) -> None:
    page = f"/offices/{world.office.uuid}/books/"

    answer = signed_in(world.accountant).post(page, {"until": "2026-09-30"}, follow=True)

    assert closed_until(world) == date(2026, 9, 30)
    assert "De boeken van 1 klant zijn gesloten." in answer.content.decode()


@pytest.mark.parametrize("until", ["", "30/02/2026", "2099-12-31"])
def test_a_day_that_cannot_be_is_explained_and_closes_nothing(world: World, until: str) -> None:
    for page in (books_of(world), f"/offices/{world.office.uuid}/books/"):
        answer = signed_in(world.accountant).post(page, {"until": until})

        assert answer.status_code == 200
        assert 'class="error"' in answer.content.decode()
    assert closed_until(world) is None
    assert not Event.objects.filter(name__startswith="books.").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_closing_does_in_each_language(world: World, language: str) -> None:
    browser = signed_in(world.accountant)
    browser.post("/language/", {"language": language, "next": "/"})

    page = browser.get(books_of(world)).content.decode()

    word = {"nl": "creditnota", "fr": "note de crédit", "en": "credit note", "de": "Gutschrift"}[language]
    assert word in page


def test_members_of_the_company_close_nothing(world: World) -> None:
    assert signed_in(world.owner).post(books_of(world), {"until": "2026-09-30"}).status_code == 404
    assert closed_until(world) is None
