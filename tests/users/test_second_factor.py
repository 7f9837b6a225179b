"""The second factor: setting it up, signing in with it, and the rule that staff need one."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as project_settings
from django.core.cache import cache
from django.test import Client

from apps.core import clock
from apps.users import services
from apps.users.selectors import second_factor_of
from tests.factories import registry
from tests.users.browsing import CODE_PAGE, LOGIN, SET_UP, person_with_app, set_up_app, sign_in

pytestmark = pytest.mark.django_db
INDEX = "/accounts/2fa/"
CODES = "/accounts/2fa/recovery-codes/"


@pytest.fixture(autouse=True)
def no_memory_of_other_tests() -> None:
    cache.clear()


@pytest.fixture
def _staff_rule(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


def shown_codes(browser: Client) -> list[str]:
    return re.findall(r"<li>(\d{4} \d{4})</li>", browser.get(CODES).content.decode())


# Setting up


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_with_its_code_and_brings_recovery_codes(mailoutbox: list[Any]) -> None:
    browser, user = Client(), registry.make_user("an@example.be")
    sign_in(browser, user)

    set_up_app(browser)

    second_factor = second_factor_of(user)
    assert second_factor.is_set_up
    assert (second_factor.passkeys, second_factor.codes_left) == ((), 10)
    assert len(shown_codes(browser)) == 10
    assert [mail.to for mail in mailoutbox] == [["an@example.be"]]


def test_the_picture_and_the_secret_are_on_the_page_without_style_or_script() -> None:
    browser = Client()
    sign_in(browser, registry.make_user("an@example.be"))

    page = browser.get(SET_UP).content.decode()

    assert '<img src="data:image/svg+xml;base64,' in page
    assert re.search(r'<strong class="mono">([A-Z2-7]{4} ){7}[A-Z2-7]{4}</strong>', page)
    assert " style=" not in page
    assert all("src=" in script for script in re.findall(r"<script([^>]*)>", page))


def test_a_wrong_code_sets_nothing_up() -> None:
    browser, user = Client(), registry.make_user("an@example.be")
    sign_in(browser, user)
    browser.get(SET_UP)

    answer = browser.post(SET_UP, {"code": "000000x"})

    assert answer.status_code == 200
    assert "Deze code is niet juist" in answer.content.decode()
    assert not second_factor_of(user).is_set_up


def test_secrets_are_stored_encrypted() -> None:
    user, app = person_with_app()

    stored = json.dumps(list(Authenticator.objects.filter(user=user).values_list("data", flat=True)))

    assert app.secret not in stored
    assert stored.count("gAAAA") == 2


def test_who_signed_in_a_while_ago_shows_first_that_it_is_them() -> None:
    browser, user = Client(), registry.make_user("an@example.be")
    sign_in(browser, user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()

    asked = browser.get(SET_UP)
    proved = browser.post(asked.headers["Location"], {"password": "een lang geheim"})

    assert asked.headers["Location"].startswith("/accounts/reauthenticate/?next=")
    assert proved.headers["Location"] == SET_UP
    assert browser.get(SET_UP).status_code == 200


# Signing in


def test_sign_in_asks_for_the_code_and_then_lets_in() -> None:
    user, app = person_with_app()
    browser = Client()

    first = sign_in(browser, user)
    before = browser.get("/account/")
    second = browser.post(CODE_PAGE, {"code": app.code(steps=1)})

    assert (first.status_code, first.headers["Location"]) == (302, CODE_PAGE)
    assert before.headers["Location"].startswith(LOGIN)
    assert second.headers["Location"] == "/"
    assert browser.get("/account/").status_code == 200


@pytest.mark.parametrize("spelling", ["{0}", "{0:.3} {0}", " {0} "])
def test_a_code_is_taken_only_once_in_any_spelling(spelling: str) -> None:
    user, app = person_with_app()
    code = app.code(steps=1)
    first, second = Client(), Client()
    sign_in(first, user)
    sign_in(second, user)

    let_in = first.post(CODE_PAGE, {"code": code})
    again = second.post(CODE_PAGE, {"code": f"{code[:3]}-{code[3:]}"})

    assert let_in.status_code == 302
    assert again.status_code == 200
    assert second.get("/account/").status_code == 302


def test_a_wrong_code_does_not_let_in() -> None:
    user, _app = person_with_app()
    browser = Client()
    sign_in(browser, user)

    refused = browser.post(CODE_PAGE, {"code": "123"})

    assert refused.status_code == 200
    assert 'class="error"' in refused.content.decode()
    assert browser.get("/account/").status_code == 302


def test_a_recovery_code_lets_in_once() -> None:
    browser, user = Client(), registry.make_user("an@example.be")
    sign_in(browser, user)
    set_up_app(browser)
    code = shown_codes(browser)[0]
    first, second = Client(), Client()
    for other in (first, second):
        sign_in(other, user)

    let_in, refused = (other.post(CODE_PAGE, {"code": code}) for other in (first, second))

    assert (let_in.status_code, refused.status_code) == (302, 200)
    assert second_factor_of(user).codes_left == 9


def test_without_the_app_the_password_alone_lets_in_again(mailoutbox: list[Any]) -> None:
    browser, user = Client(), registry.make_user("an@example.be")
    sign_in(browser, user)
    set_up_app(browser)
    mailoutbox.clear()

    browser.post("/accounts/2fa/totp/deactivate/")

    assert not second_factor_of(user).is_set_up
    assert second_factor_of(user).codes_left is None
    assert "verwijderd" in mailoutbox[0].subject
    assert sign_in(Client(), user).headers["Location"] == "/"


def test_codes_are_downloaded_and_made_anew() -> None:
    browser, user = Client(), registry.make_user("an@example.be")
    sign_in(browser, user)
    set_up_app(browser)
    before = shown_codes(browser)

    file = browser.get(f"{CODES}download/")
    browser.post(f"{CODES}generate/")

    assert file.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert all(code in file.content.decode() for code in before)
    assert not set(before) & set(shown_codes(browser))


# Passkeys: what the browser is told; a real one is tried in the browser tests


def test_the_sign_in_page_offers_a_passkey_and_fetches_its_options() -> None:
    browser = Client()

    page = browser.get(f"{LOGIN}?next=/account/").content.decode()
    options = browser.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}).json()

    assert 'data-passkey-fetches="/accounts/2fa/webauthn/login/"' in page
    assert page.count('name="next" value="/account/"') == 2
    assert options["request_options"]["publicKey"]["userVerification"] == "required"
    assert len(options["request_options"]["publicKey"]["challenge"]) > 40


def test_the_page_of_a_new_passkey_holds_its_options_as_data() -> None:
    browser = Client()
    sign_in(browser, registry.make_user("an@example.be"))

    page = browser.get("/accounts/2fa/webauthn/add/").content.decode()
    found = re.search(r'<script id="passkey-options" type="application/json">(.*?)</script>', page)

    assert found
    options = json.loads(found[1])["creation_options"]["publicKey"]
    assert (options["rp"]["name"], options["rp"]["id"]) == (project_settings.SITE_NAME, "testserver")
    assert options["user"]["name"] == "an@example.be"
    scripts = re.findall(r"<script([^>]*)>", page)
    assert all("src=" in script or "application/json" in script for script in scripts)


@pytest.mark.parametrize("made_up", ['{"id": "x"}', "[]", '"x"', '{"id": 1, "rawId": 2, "response": {}}', "{"])
def test_a_made_up_passkey_is_refused(made_up: str) -> None:
    browser, user = Client(), registry.make_user("an@example.be")
    sign_in(browser, user)
    browser.get("/accounts/2fa/webauthn/add/")

    answer = browser.post("/accounts/2fa/webauthn/add/", {"name": "x", "credential": made_up})
    signing = Client().post("/accounts/2fa/webauthn/login/", {"credential": made_up})
    proving = browser.post("/accounts/2fa/webauthn/reauthenticate/", {"credential": made_up})

    assert answer.status_code == 200
    assert not second_factor_of(user).is_set_up
    assert signing.headers["Location"] == LOGIN
    assert proving.headers["Location"] == "/accounts/reauthenticate/"


def test_a_made_up_passkey_is_no_second_step() -> None:
    user, _app = person_with_app()
    browser = Client()
    sign_in(browser, user)

    answer = browser.post(CODE_PAGE, {"credential": '{"id": "x"}'})

    assert answer.status_code == 200
    assert browser.get("/account/").status_code == 302


# Staff


@pytest.mark.usefixtures("_staff_rule")
def test_staff_without_one_are_led_to_set_it_up_before_anything_else_opens() -> None:
    browser, staff = Client(), registry.make_user("staff@example.be", is_staff=True)
    signed = sign_in(browser, staff, to="/admin/users/user/")

    led = {path: browser.get(path).headers.get("Location") for path in ("/", "/account/", "/admin/users/user/")}
    page = browser.get(INDEX)

    assert signed.headers["Location"] == "/admin/users/user/"
    assert set(led.values()) == {INDEX}
    assert "Medewerkers hebben een tweede factor nodig" in page.content.decode()
    assert browser.post("/admin/users/user/", {"action": "x"}).headers["Location"] == INDEX
    assert browser.post("/language/", {"language": "fr", "next": INDEX}).headers["Location"] == INDEX
    assert browser.post("/accounts/logout/").headers["Location"] == LOGIN


@pytest.mark.usefixtures("_staff_rule")
def test_staff_who_set_one_up_go_on_to_where_they_wanted_to_be() -> None:
    browser, staff = Client(), registry.make_user("staff@example.be", is_staff=True)
    sign_in(browser, staff)
    browser.get("/admin/users/user/")

    set_up_app(browser)
    page = browser.get(CODES).content.decode()

    assert 'href="/admin/users/user/"' in page
    assert browser.get("/admin/users/user/").status_code == 200
    assert 'href="/admin/users/user/"' not in browser.get(INDEX).content.decode()


@pytest.mark.usefixtures("_staff_rule")
def test_a_session_of_staff_without_it_does_not_open_the_admin() -> None:
    staff, app = person_with_app("staff@example.be", is_staff=True)
    browser = Client()
    browser.force_login(staff)

    led = browser.get("/admin/users/user/")
    removing = browser.post("/accounts/2fa/totp/deactivate/")
    by_password = browser.get("/accounts/reauthenticate/")
    proved = browser.post(led.headers["Location"], {"code": app.code(steps=1)})

    assert led.headers["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Fusers%2Fuser%2F"
    assert removing.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert by_password.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert second_factor_of(staff).is_set_up
    assert proved.headers["Location"] == "/admin/users/user/"
    assert browser.get("/admin/users/user/").status_code == 200


@pytest.mark.usefixtures("_staff_rule")
def test_staff_who_remove_it_are_led_to_set_up_another() -> None:
    browser, staff = Client(), registry.make_user("staff@example.be", is_staff=True)
    sign_in(browser, staff)
    set_up_app(browser)

    browser.post("/accounts/2fa/totp/deactivate/")

    assert browser.get("/admin/").headers["Location"] == INDEX


@pytest.mark.usefixtures("_staff_rule")
def test_the_rule_is_for_staff_only() -> None:
    browser = Client()
    sign_in(browser, registry.make_user("an@example.be"))

    assert browser.get("/account/").status_code == 200
    assert browser.get("/health/live").status_code == 200


def test_the_embedded_default_lets_staff_in_with_a_password() -> None:
    browser = Client()
    sign_in(browser, registry.make_user("staff@example.be", is_staff=True))

    assert project_settings.EMBEDDED
    assert not project_settings.STAFF_SECOND_FACTOR
    assert browser.get("/admin/").status_code == 200


# Lost


def test_staff_let_in_again_who_lost_it() -> None:
    user, _app = person_with_app()
    open_elsewhere, staff = Client(), Client()
    open_elsewhere.force_login(user)
    staff.force_login(registry.make_user("staff@example.be", is_staff=True))

    form = {"action": "remove_second_factor", "_selected_action": [user.pk]}
    page = staff.post("/admin/users/user/", form, follow=True)

    assert "1 persoon" in page.content.decode()
    assert not second_factor_of(user).is_set_up
    assert open_elsewhere.get("/account/").status_code == 302
    assert sign_in(Client(), user).headers["Location"] == "/"


@pytest.mark.django_db(transaction=True)
def test_who_lost_it_is_told_by_mail(mailoutbox: list[Any]) -> None:
    user, _app = person_with_app()
    mailoutbox.clear()

    assert services.remove_second_factor(user_uuid=user.uuid, now=clock.now())
    assert not services.remove_second_factor(user_uuid=user.uuid, now=clock.now())

    assert [mail.to for mail in mailoutbox] == [["an@example.be"]]


def test_the_back_office_shows_no_stored_secret() -> None:
    staff = Client()
    staff.force_login(registry.make_user("staff@example.be", is_staff=True))

    assert staff.get("/admin/mfa/authenticator/").status_code == 404
