"""A person's own page."""

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories import registry
from tests.portal.world import LANGUAGES, signed_in
from tests.users.browsing import set_up_app, sign_in

pytestmark = pytest.mark.django_db
PAGE = "/account/"


@pytest.fixture(autouse=True)
def no_memory_of_other_tests() -> None:
    cache.clear()


def test_the_language_is_kept_and_counts_in_every_browser() -> None:
    user = registry.make_user("an@example.be")
    browser, elsewhere = signed_in(user), signed_in(user)
    browser.post("/language/", {"language": "de", "next": PAGE})

    answer = browser.post(PAGE, {"action": "language", "language": "fr"}, follow=True)

    user.refresh_from_db()
    assert user.language == "fr"
    assert '<html lang="fr"' in answer.content.decode()
    assert "Nous vous écrivons désormais dans cette langue." in answer.content.decode()
    assert '<html lang="fr"' in elsewhere.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "form", [{}, {"action": "x"}, {"action": "language"}, {"action": "language", "language": "xx"}]
)
def test_what_the_page_does_not_know_changes_nothing(form: dict[str, str]) -> None:
    user = registry.make_user("an@example.be")

    answer = signed_in(user).post(PAGE, form)

    user.refresh_from_db()
    assert answer.status_code == 400
    assert (user.language, user.sessions_ended_at) == ("nl", None)


def test_signing_out_elsewhere_leaves_this_browser_signed_in() -> None:
    user = registry.make_user("an@example.be")
    browser, elsewhere, stranger = signed_in(user), signed_in(user), signed_in(registry.make_user("bo@example.be"))

    answer = browser.post(PAGE, {"action": "end_sessions"}, follow=True)

    assert "U bent overal elders afgemeld." in answer.content.decode()
    assert browser.get(PAGE).status_code == 200
    assert elsewhere.get(PAGE).status_code == 302
    assert stranger.get(PAGE).status_code == 200
    assert sign_in(Client(), user).status_code == 302


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_second_factor_shows_its_state_with_one_action_each(language: str) -> None:
    user, browser = registry.make_user("an@example.be", language=language), Client()
    sign_in(browser, user)
    before = browser.get(PAGE).content.decode()
    set_up_app(browser)
    after = browser.get(PAGE).content.decode()

    assert 'href="/accounts/2fa/totp/activate/"' in before
    assert 'href="/accounts/2fa/recovery-codes/"' not in before
    assert 'href="/accounts/2fa/totp/deactivate/"' in after
    assert 'href="/accounts/2fa/recovery-codes/"' in after
    assert 'href="/accounts/2fa/webauthn/add/"' in after


def test_the_page_asks_the_database_little(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    browser = signed_in(registry.make_user("an@example.be"))

    with django_assert_max_num_queries(12):
        browser.get(PAGE)
