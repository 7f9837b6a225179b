"""The pages behind a mailed link: the first member's, and an invitation."""

import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings as project_settings
from django.test import Client

from apps.accounting_offices.members import send_first_member_link as send_office_link
from apps.companies import members
from apps.companies.models import Company, CompanyMember
from apps.companies.rules import MemberRole
from apps.core import clock
from apps.events.models import Event
from apps.users.models import MailedLink, User
from apps.users.selectors import sign_link
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, signed_in

pytestmark = pytest.mark.django_db
PASSWORD = {"password": "een heel lang geheim", "repeated": "een heel lang geheim"}


@pytest.fixture
def company(now: datetime) -> Company:
    return registry.make_company(now, language="nl")


def send_first(company: Company) -> MailedLink:
    return members.send_first_member_link(company_uuid=company.uuid, actor="t", now=clock.now())


def invite(company: Company, *, language: str = "fr", address: str = "bo@example.be") -> MailedLink:
    owner = registry.make_user("baas@example.be")
    registry.make_member(clock.now(), owner, company=company)
    return members.invite_company_member(
        company_uuid=company.uuid, by=owner, address=address, role=MemberRole.MEMBER, language=language,
        now=clock.now(),
    )  # fmt: skip


def path(link: MailedLink) -> str:
    return f"/join/{sign_link(link)}/"


def expire(link: MailedLink) -> None:
    MailedLink.objects.filter(pk=link.pk).update(expires_at=clock.now() - timedelta(minutes=1))


def test_the_mail_leads_to_a_page_that_lets_its_reader_in(
    company: Company, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    send_first(company)
    run_reactions()
    found = re.search(rf"{project_settings.BASE_URL}/join/\S+", mailoutbox[-1].body)
    assert found
    browser, address = Client(), urlsplit(found[0]).path

    looked = browser.get(address)
    members_after_looking = CompanyMember.objects.count()
    joined = browser.post(address, PASSWORD, follow=True)

    assert (looked.status_code, members_after_looking) == (200, 0)
    assert "zaak@example.be" in looked.content.decode()
    assert joined.redirect_chain == [(f"/companies/{company.uuid}/", 302)]
    assert "U hebt nu toegang tot Loodgieterij Maes." in text_of(joined.content.decode())
    assert CompanyMember.objects.get().user.email == "zaak@example.be"


def test_the_page_keeps_its_address_to_itself_and_its_button_works_in_a_real_browser(company: Company) -> None:
    link = send_first(company)
    browser = Client(enforce_csrf_checks=True)

    page = browser.get(path(link))
    form = {**PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    # What browsers send for a page with this policy; `no-referrer` would make it `null`.
    posted = browser.post(path(link), form, headers={"Origin": "http://testserver"})

    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("strict-origin", "no-store")
    assert (posted.status_code, posted.headers["Location"]) == (302, f"/companies/{company.uuid}/")


def test_an_office_lands_on_its_work_list(now: datetime) -> None:
    office = registry.make_office(now, has_member=False)
    link = send_office_link(office_uuid=office.uuid, actor="t", now=clock.now())

    joined = Client().post(path(link), PASSWORD, follow=True)

    assert joined.redirect_chain == [(f"/offices/{office.uuid}/", 302)]
    assert joined.status_code == 200


@pytest.mark.parametrize("form", [{}, {**PASSWORD, "repeated": "x"}, {"password": "kort", "repeated": "kort"}])
def test_a_password_that_is_no_good_is_explained_and_changes_nothing(company: Company, form: dict[str, str]) -> None:
    link, before = send_first(company), Event.objects.count()

    page = Client().post(path(link), form)

    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()
    assert Event.objects.count() == before
    assert not User.objects.exists()


def test_the_page_is_in_the_language_of_the_mail_unless_its_reader_chose_another(company: Company) -> None:
    link = invite(company, language="fr")
    chooser = Client()
    chooser.post("/language/", {"language": "de", "next": "/"})

    assert '<html lang="fr"' in Client().get(path(link), headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="de"' in chooser.get(path(link)).content.decode()
    chooser.post(path(link), PASSWORD)
    assert User.objects.get(email="bo@example.be").language == "de"


def test_who_has_a_login_signs_in_and_comes_back(company: Company) -> None:
    link = invite(company)
    registry.make_user("bo@example.be")
    browser = Client()

    page = browser.get(path(link)).content.decode()
    refused = browser.post(path(link), PASSWORD)
    signing_in = f"/accounts/login/?next={quote(path(link))}"
    signed = browser.post(signing_in, {"login": "bo@example.be", "password": "een lang geheim", "next": path(link)})
    accepted = browser.post(path(link), follow=True)

    assert signing_in in page
    assert 'type="password"' not in page
    assert (refused.status_code, refused.headers["Location"]) == (302, path(link))
    assert signed.headers["Location"] == path(link)
    assert accepted.redirect_chain == [(f"/companies/{company.uuid}/", 302)]
    assert CompanyMember.objects.filter(user__email="bo@example.be").exists()


def test_who_is_signed_in_as_somebody_else_is_told_for_whom_it_is(company: Company) -> None:
    link = invite(company)
    other = registry.make_user("ander@example.be")
    browser = signed_in(other)

    page = text_of(browser.get(path(link)).content.decode())
    pressed = browser.post(path(link), PASSWORD)
    out = browser.post("/accounts/logout/", {"next": path(link)})

    assert "ander@example.be" in page
    assert "b***@example.be" in page
    assert "bo@example.be" not in page
    assert pressed.headers["Location"] == path(link)
    assert out.headers["Location"] == path(link)
    assert not CompanyMember.objects.filter(user=other).exists()


def test_a_first_members_link_after_the_first_member_is_refused_kindly(company: Company) -> None:
    link = send_first(company)
    registry.make_member(clock.now(), registry.make_user("baas@example.be"), company=company)
    before = Event.objects.count()

    page = Client().get(path(link))
    pressed = Client().post(path(link), PASSWORD, follow=True)

    assert page.status_code == pressed.status_code == 200
    assert "Iemand heeft al toegang tot Loodgieterij Maes" in text_of(pressed.content.decode())
    assert "baas@example.be" not in page.content.decode()
    assert Event.objects.count() == before


SENT = "Als deze link vernieuwd mag worden, is een nieuwe onderweg naar z***@example.be."


def test_an_expired_link_offers_a_new_one_which_goes_to_the_same_address(
    company: Company, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    link = send_first(company)
    expire(link)
    run_reactions()
    browser = Client()

    page = browser.get(path(link)).content.decode()
    answer = browser.post(f"{path(link)}new-link/")
    run_reactions()

    assert f'action="{path(link)}new-link/"' in page
    assert "De tijd van deze link naar Loodgieterij Maes is om" in page
    assert "Er is niets verloren: een nieuwe kan worden gestuurd." in text_of(page)
    assert SENT in text_of(answer.content.decode())
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert [mail.to for mail in mailoutbox] == [["zaak@example.be"]]
    found = re.search(r"/join/\S+", mailoutbox[0].body)
    assert found
    assert browser.post(found[0], PASSWORD).headers["Location"] == f"/companies/{company.uuid}/"


def test_the_answer_is_the_same_when_no_new_link_may_be_sent(company: Company, settings: Any) -> None:
    settings.LINK_MAILS_PER_HOUR = 2
    link = send_first(company)
    asked = [text_of(Client().post(f"{path(link)}new-link/").content.decode()) for _ in range(3)]
    registry.make_member(clock.now(), registry.make_user("baas@example.be"), company=company)
    asked.append(text_of(Client().post(f"{path(link)}new-link/").content.decode()))

    assert len(set(asked)) == 1
    assert SENT in asked[0]
    assert MailedLink.objects.count() == 2


def test_used_replaced_and_withdrawn_links_say_so(company: Company) -> None:
    used = send_first(company)
    Client().post(path(used), PASSWORD)
    owner = CompanyMember.objects.get().user

    def invite_again() -> MailedLink:
        return members.invite_company_member(
            company_uuid=company.uuid, by=owner, address="bo@example.be", role=MemberRole.MEMBER, language="nl",
            now=clock.now(),
        )  # fmt: skip

    replaced, withdrawn = invite_again(), invite_again()
    members.withdraw_company_invitation(company_uuid=company.uuid, by=owner, link_uuid=withdrawn.uuid, now=clock.now())
    pages = {link.pk: text_of(Client().get(path(link)).content.decode()) for link in (used, replaced, withdrawn)}

    assert "Deze link is al gebruikt" in pages[used.pk]
    assert "Er is een nieuwere link dan deze" in pages[replaced.pk]
    assert "Deze uitnodiging is ingetrokken" in pages[withdrawn.pk]
    assert all(Client().post(path(link), PASSWORD).status_code == 302 for link in (used, replaced, withdrawn))
    assert CompanyMember.objects.count() == 1


def test_a_link_that_was_tampered_with_or_is_for_something_else_is_not_found(company: Company) -> None:
    link = send_first(company)
    tampered = path(link).replace("/join/", "/join/0")

    assert Client().get(tampered).status_code == Client().post(tampered, PASSWORD).status_code == 404
    assert Client().post(f"{tampered}new-link/").status_code == 404
    assert Client().get(f"{path(link)}new-link/").status_code == 405
    MailedLink.objects.update(purpose="contact_confirmation")
    assert Client().get(path(link)).status_code == Client().post(f"{path(link)}new-link/").status_code == 404


def test_neither_link_nor_password_is_logged_or_kept_in_an_event(
    company: Company, caplog: pytest.LogCaptureFixture, run_reactions: Callable[[], int]
) -> None:
    caplog.set_level(logging.DEBUG)
    link = send_first(company)
    run_reactions()
    Client().post(path(link), {"password": "kort geheim"[:5], "repeated": "kort geheim"[:5]})
    Client().post(path(link), PASSWORD)
    kept = caplog.text + "".join(f"{event.actor}{event.payload}" for event in Event.objects.all())

    assert CompanyMember.objects.exists()
    assert sign_link(link).rpartition(".")[2] not in kept
    assert PASSWORD["password"] not in kept


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_the_page_is_in_every_language(company: Company, language: str) -> None:
    first = send_first(company)
    invitation = invite(company, language=language)
    browser = Client()
    browser.post("/language/", {"language": language, "next": "/"})

    taken, usable = browser.get(path(first)), browser.get(path(invitation))
    expire(invitation)
    expired, sent = browser.get(path(invitation)), browser.post(f"{path(invitation)}new-link/")

    pages = [page.content.decode() for page in (taken, usable, expired, sent)]
    assert all(f'<html lang="{language}"' in page for page in pages)
    if language != "en":
        english = ("Access to", "valid until", "The time of this", "Look in your mailbox", "Somebody has")
        assert not [text for text in english for page in pages if text in page]
