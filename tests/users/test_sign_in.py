"""Signing in: where it leads, new passwords, addresses, limits, and every page in every language."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client

from apps.users.models import User
from tests.factories import registry
from tests.users.browsing import CODE_PAGE, LOGIN, PASSWORD, person_with_app, set_up_app, sign_in

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"
NEW = "een ander lang geheim"
LANGUAGES = ("nl", "fr", "en", "de")


@pytest.fixture(autouse=True)
def no_memory_of_other_tests() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return registry.make_user("an@example.be")


def link_in(mail: Any) -> str:
    found = re.search(r"^http://testserver(\S+)$", mail.body, re.MULTILINE)
    assert found, mail.body
    return found[1]


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).replace("\u00a0", " ").split())


# Where it leads


def test_a_deep_link_is_there_right_after_signing_in(user: User) -> None:
    browser = Client()
    asked = browser.get("/account/?x=1").headers["Location"]

    assert asked == f"{LOGIN}?next=/account/%3Fx%3D1"
    assert sign_in(browser, user, to="/account/?x=1").headers["Location"] == "/account/?x=1"


def test_a_deep_link_is_there_after_the_second_factor() -> None:
    user, app = person_with_app()
    browser = Client()

    sign_in(browser, user, to="/join/some-link/")
    answer = browser.post(CODE_PAGE, {"code": app.code(steps=1)})

    assert answer.headers["Location"] == "/join/some-link/"


@pytest.mark.parametrize(
    "foreign", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", r"/\evil.example"]
)
def test_a_foreign_address_is_no_place_to_go(user: User, foreign: str) -> None:
    with_app, app = person_with_app("bo@example.be")
    browser, second = Client(), Client()

    signed = sign_in(browser, user, to=foreign)
    sign_in(second, with_app, to=foreign)
    proved = second.post(CODE_PAGE, {"code": app.code(steps=1)})

    assert (signed.headers["Location"], proved.headers["Location"]) == ("/", "/")


def test_the_back_offices_own_sign_in_page_leads_to_ours_and_on() -> None:
    staff, browser = registry.make_user("staff@example.be", is_staff=True), Client()

    asked = browser.get("/admin/users/user/", follow=True)
    signed = sign_in(browser, staff, to="/admin/users/user/")
    foreign = browser.get("/admin/login/?next=https://evil.example/")

    assert asked.redirect_chain[-1][0] == f"{LOGIN}?next=%2Fadmin%2Fusers%2Fuser%2F"
    assert signed.headers["Location"] == "/admin/users/user/"
    assert foreign.headers["Location"] == "/admin/"
    assert browser.get("/admin/password_change/").headers["Location"] == "/accounts/password/change/"


def test_the_back_office_takes_no_password_of_its_own(user: User) -> None:
    registry.make_user("staff@example.be", is_staff=True)
    browser = Client()
    browser.force_login(user)

    answer = browser.post("/admin/login/", {"username": "staff@example.be", "password": PASSWORD})

    assert answer.status_code == 403
    assert browser.get("/admin/").status_code == 302


# Passwords


def test_a_forgotten_password_is_chosen_anew_and_leads_where_it_began(user: User, mailoutbox: list[Any]) -> None:
    browser = Client()
    sign_in_page = browser.get(f"{LOGIN}?next=/account/").content.decode()

    browser.post(RESET, {"email": user.email, "next": "/account/"})
    form = browser.get(link_in(mailoutbox[0]), follow=True)
    chosen = browser.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW, "next": "/account/"})

    assert f'href="{RESET}?next=/account/"' in sign_in_page
    assert 'name="next" value="/account/"' in form.content.decode()
    assert chosen.headers["Location"] == "/account/"
    assert browser.get("/account/").status_code == 200
    assert sign_in(Client(), user, password=NEW).status_code == 302
    assert [mail.subject for mail in mailoutbox] == [
        "Kies een nieuw wachtwoord voor Codabox", "Uw wachtwoord is gewijzigd met een link per e-mail (Codabox)",
    ]  # fmt: skip


def test_a_new_password_does_not_replace_the_second_factor(mailoutbox: list[Any]) -> None:
    user, app = person_with_app()
    browser = Client()
    mailoutbox.clear()

    browser.post(RESET, {"email": user.email, "next": "/account/"})
    form = browser.get(link_in(mailoutbox[0]), follow=True)
    chosen = browser.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW, "next": "/account/"})
    before = browser.get("/account/")
    proved = browser.post(CODE_PAGE, {"code": app.code(steps=1)})

    assert chosen.headers["Location"] == CODE_PAGE
    assert before.headers["Location"].startswith(LOGIN)
    assert proved.headers["Location"] == "/account/"


def test_a_link_for_a_new_password_leads_nowhere_else(user: User, mailoutbox: list[Any]) -> None:
    browser = Client()

    browser.post(RESET, {"email": user.email, "next": "https://evil.example/"})
    form = browser.get(f"{link_in(mailoutbox[0])}?next=https://evil.example/", follow=True)
    chosen = browser.post(
        form.request["PATH_INFO"], {"password1": NEW, "password2": NEW, "next": "https://evil.example/"}
    )

    assert "evil" not in mailoutbox[0].body
    assert chosen.headers["Location"] == "/accounts/password/reset/key/done/" or chosen.headers["Location"] == "/"


def test_a_used_link_offers_a_new_one(user: User, mailoutbox: list[Any]) -> None:
    Client().post(RESET, {"email": user.email})
    browser = Client()
    form = browser.get(link_in(mailoutbox[0]), follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": NEW, "password2": NEW})

    again = Client().get(link_in(mailoutbox[0]))

    assert "Deze link werkt niet meer" in again.content.decode()
    assert f'href="{RESET}"' in again.content.decode()


def test_an_unknown_address_gets_the_same_answer_and_a_mail_that_says_so(user: User, mailoutbox: list[Any]) -> None:
    known, unknown = (Client().post(RESET, {"email": to}, follow=True) for to in (user.email, "wie@example.be"))

    assert text_of(known) == text_of(unknown)
    assert [mail.to for mail in mailoutbox] == [["an@example.be"], ["wie@example.be"]]
    assert "niemand meldt zich met dit adres aan" in mailoutbox[1].body


def test_two_passwords_that_differ_are_explained_and_change_nothing(user: User) -> None:
    browser = Client()
    sign_in(browser, user)

    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": "iets anders dat lang is"}
    answer = browser.post("/accounts/password/change/", form)

    assert "De twee wachtwoorden verschillen." in text_of(answer)
    assert sign_in(Client(), user).status_code == 302


def test_a_changed_password_signs_out_elsewhere_and_is_told(user: User, mailoutbox: list[Any]) -> None:
    browser, elsewhere = Client(), Client()
    sign_in(browser, user)
    sign_in(elsewhere, user)

    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    answer = browser.post("/accounts/password/change/", form)

    assert answer.headers["Location"] == "/account/"
    assert browser.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert [mail.subject for mail in mailoutbox] == ["Uw wachtwoord is gewijzigd (Codabox)"]


# Addresses


def test_another_address_is_confirmed_and_then_signs_in(user: User, mailoutbox: list[Any]) -> None:
    browser = Client()
    sign_in(browser, user)
    set_up_app(browser)
    mailoutbox.clear()

    browser.post("/accounts/email/", {"action_add": "", "email": "nieuw@example.be"})
    confirmation = browser.get(link_in(mailoutbox[0]))
    browser.post(link_in(mailoutbox[0]))
    browser.post("/accounts/email/", {"action_primary": "", "email": "nieuw@example.be"})
    user.refresh_from_db()

    assert mailoutbox[0].to == ["nieuw@example.be"]
    assert "nieuw@example.be geldt dan als bevestigd" in text_of(confirmation)
    assert user.email == "nieuw@example.be"
    assert (mailoutbox[1].to, mailoutbox[1].subject) == (
        ["an@example.be"], "U meldt zich nu aan met een ander e-mailadres (Codabox)",
    )  # fmt: skip


def test_an_address_that_is_not_confirmed_does_not_sign_in(user: User, mailoutbox: list[Any]) -> None:
    EmailAddress.objects.update(verified=False)
    browser = Client()

    answer = sign_in(browser, user)
    page = browser.get(answer.headers["Location"])

    assert answer.headers["Location"] == "/accounts/confirm-email/"
    assert "Bevestig eerst uw e-mailadres" in text_of(page)
    assert mailoutbox[0].subject == "Bevestig uw e-mailadres voor Codabox"
    assert browser.get("/account/").status_code == 302


# Limits


def test_who_guesses_passwords_is_stopped_for_a_while(user: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/key"}

    for _ in range(2):
        sign_in(Client(), user, password="geraden")
    stopped = sign_in(Client(), user)

    assert stopped.status_code == 200
    assert "Dat was te vaak. Wacht vijf minuten" in text_of(stopped)


def test_who_guesses_codes_is_stopped_for_a_while(settings: Any) -> None:
    user, app = person_with_app()
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/key"}
    browser = Client()
    sign_in(browser, user)

    for _ in range(2):
        browser.post(CODE_PAGE, {"code": "000000"})
    stopped = browser.post(CODE_PAGE, {"code": app.code(steps=1)})

    assert "Dat was te vaak. Wacht vijf minuten" in text_of(stopped)
    assert browser.get("/account/").status_code == 302


@pytest.mark.parametrize("language", LANGUAGES)
def test_too_many_tries_get_a_page_that_says_when_to_go_on(user: User, settings: Any, language: str) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    browser = Client(headers={"Accept-Language": language})

    sign_in(browser, user, password="geraden")
    stopped = sign_in(browser, user)

    assert stopped.status_code == 429
    assert f'<html lang="{language}"' in stopped.content.decode()
    said = {"nl": "te vaak in korte tijd", "fr": "trop souvent en peu de temps", "en": "too often", "de": "zu oft in"}
    assert said[language] in text_of(stopped)


# Every page


PAGES = [
    LOGIN, "/accounts/signup/", "/accounts/inactive/", "/accounts/confirm-email/", "/accounts/confirm-email/no-key/",
    RESET, f"{RESET}done/", f"{RESET}key/done/", f"{RESET}key/1-no-key/",
]  # fmt: skip
OWN_PAGES = [
    "/account/", "/accounts/logout/", "/accounts/email/", "/accounts/password/change/", "/accounts/reauthenticate/",
    "/accounts/2fa/", "/accounts/2fa/reauthenticate/", "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/generate/", "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
]  # fmt: skip
# Words of allauth's own pages that ours do not use.
ALLAUTH = ("Two-Factor", "Security Key", "Sign In", "Sign Up", "Please ", "Reset Password", "Verify", "Reauthenticate")
ENGLISH = re.compile(r"\b(the|your|you|with|password|address)\b", re.IGNORECASE)


def assert_is_a_page_of_ours(answer: Any, language: str) -> None:
    page = answer.content.decode()
    assert answer.status_code == 200, answer.request["PATH_INFO"]
    assert f'<html lang="{language}"' in page
    assert page.count("<h1") == 1
    assert not [word for word in ALLAUTH if word in page], answer.request["PATH_INFO"]
    assert " style=" not in page
    assert not re.search(r"\son[a-z]+=", page)
    assert "placeholder=" not in page
    if language != "en":
        shown = re.sub(r"<script.*?</script>", "", page.partition("<main")[2].partition("</main>")[0], flags=re.DOTALL)
        assert not ENGLISH.findall(re.sub(r"<[^>]+>", " ", shown)), (answer.request["PATH_INFO"], shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_pages_before_signing_in_are_ours_in_every_language(path: str, language: str) -> None:
    assert_is_a_page_of_ours(Client(headers={"Accept-Language": language}).get(path), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_account_are_ours_in_every_language(language: str) -> None:
    user, browser = registry.make_user("an@example.be", language=language), Client()
    sign_in(browser, user)
    assert_is_a_page_of_ours(browser.get("/accounts/2fa/totp/activate/"), language)
    assert_is_a_page_of_ours(browser.get("/accounts/2fa/"), language)
    set_up_app(browser)

    for path in OWN_PAGES:
        assert_is_a_page_of_ours(browser.get(path), language)
    second = Client(headers={"Accept-Language": language})
    sign_in(second, user)
    assert_is_a_page_of_ours(second.get(CODE_PAGE), language)


@pytest.mark.parametrize("language", LANGUAGES[:2])
def test_mistakes_are_explained_in_the_persons_language(language: str) -> None:
    browser = Client(headers={"Accept-Language": language})

    for form in ({"login": "an@example.be", "password": "x"}, {"login": "x", "password": ""}):
        assert_is_a_page_of_ours(browser.post(LOGIN, form), language)


def test_signing_out_says_so(user: User) -> None:
    browser = Client()
    sign_in(browser, user)

    answer = browser.post("/accounts/logout/", follow=True)

    assert urlsplit(answer.redirect_chain[-1][0]).path == LOGIN
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [] or "afgemeld" in text_of(answer)
