"""A company settles an invoice by hand in the portal."""

import pytest

from apps.reconciliation.models import Settlement
from tests.portal.world import LANGUAGES, World, signed_in


def page_of(world: World) -> str:
    return f"/companies/{world.company.uuid}/invoices/{world.open.uuid}/settle/"


SENT = {"way": "cash", "settled_on": "2026-11-24", "reason": "betaald aan de toog"}


def test_a_member_settles_an_invoice_and_undoes_it(world: World) -> None:
    browser = signed_in(world.owner)

    settled = browser.post(page_of(world), SENT, follow=True).content.decode()
    world.open.refresh_from_db()
    state_then = world.open.payment_state
    browser.post(page_of(world), {"undo": "yes"})
    world.open.refresh_from_db()

    assert "betaald aan de toog" in settled
    assert (state_then, world.open.payment_state) == ("settled", "open")


@pytest.mark.parametrize("changed", [{"reason": ""}, {"settled_on": "2099-01-01"}, {"way": "gold"}, {"settled_on": ""}])
def test_what_is_missing_is_explained_and_nothing_is_settled(world: World, changed: dict[str, str]) -> None:
    answer = signed_in(world.owner).post(page_of(world), SENT | changed)

    assert answer.status_code == 200
    assert 'class="error' in answer.content.decode()
    assert not Settlement.objects.exists()


def test_a_paid_invoice_has_nothing_to_settle(world: World) -> None:
    page = f"/companies/{world.company.uuid}/invoices/{world.paid.uuid}/settle/"

    assert "2026-0117" in signed_in(world.owner).get(page).content.decode()
    assert signed_in(world.owner).post(page, SENT).status_code == 200
    assert not Settlement.objects.exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_is_in_the_readers_language(world: World, language: str) -> None:
    browser = signed_in(world.owner)
    browser.post("/language/", {"language": language, "next": "/"})

    page = browser.get(page_of(world)).content.decode()

    assert {"nl": "Afgeschreven", "fr": "Passée en perte", "en": "Written off", "de": "Abgeschrieben"}[language] in page


def test_the_office_of_a_company_settles_nothing(world: World) -> None:
    assert signed_in(world.accountant).post(page_of(world), SENT).status_code == 404
    assert not Settlement.objects.exists()
