"""Changing the address on file: asked by an owner, confirmed by the reader of the new one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from apps.companies import contacts
from apps.companies.members import add_company_member
from apps.companies.models import Company, ContactChange, ContactEmail
from apps.companies.rules import ContactState, MemberRole
from apps.companies.services import put_contact_on_file, set_contact_state
from apps.core.errors import NotFound
from apps.events.models import Event
from apps.users.models import MailedLink, User
from apps.users.services import LinkNotUsable, TooManyMails
from tests.factories import registry
from tests.portal.world import LANGUAGES

pytestmark = pytest.mark.django_db
NEW = "nieuw@example.be"


@pytest.fixture
def company(now: datetime) -> Company:
    company = registry.make_company(now)
    set_contact_state(company_uuid=company.uuid, state=ContactState.VERIFIED, actor="t", now=now)
    return company


@pytest.fixture
def owner(now: datetime, company: Company) -> User:
    user = registry.make_user("owner@example.be")
    registry.make_member(now, user, company=company)
    return user


def ask(company: Company, owner: User, now: datetime, address: str = NEW) -> ContactChange:
    return contacts.ask_contact_change(company_uuid=company.uuid, address=address, asker=owner, now=now)


def mail(change: ContactChange, now: datetime) -> None:
    contacts.send_confirmation(change_uuid=change.uuid, now=now)
    contacts.send_notice(change_uuid=change.uuid, now=now)


def confirm(change: ContactChange, now: datetime) -> ContactEmail:
    return contacts.confirm_contact_change(link_uuid=change.link.uuid, now=now)


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_asking_changes_nothing_and_mails_both_addresses(
    company: Company, owner: User, now: datetime, mailoutbox: list[Any]
) -> None:
    mail(ask(company, owner, now), now)

    assert ContactEmail.objects.get().address == "zaak@example.be"
    link = MailedLink.objects.get()
    to_new, to_old = mailoutbox
    assert (to_new.to, to_old.to) == ([NEW], ["zaak@example.be"])
    assert f"/confirm-address/{link.uuid}." in to_new.body
    assert to_new.metadata == {"link": str(link.uuid)}
    assert "confirm-address" not in to_old.body + to_old.alternatives[0][0]
    assert "n***@example.be" in to_old.body
    assert NEW not in to_old.body


def test_the_new_address_is_verified_once_its_reader_confirms(company: Company, owner: User, now: datetime) -> None:
    change = ask(company, owner, now)

    confirm(change, now + timedelta(hours=1))

    contact = ContactEmail.objects.get()
    assert (contact.address, contact.state) == (NEW, "verified")
    assert contact.on_file_at == contact.verified_at == now + timedelta(hours=1)
    assert events()[-2:] == ["company.contact_changed", "company.contact_change_confirmed"]


@pytest.mark.parametrize("state", [ContactState.BOUNCED, ContactState.COMPLAINED])
def test_an_address_that_mail_does_not_reach_gets_no_notice(
    company: Company, owner: User, now: datetime, mailoutbox: list[Any], state: ContactState
) -> None:
    set_contact_state(company_uuid=company.uuid, state=state, actor="t", now=now)
    change = ask(company, owner, now)

    mail(change, now)
    confirm(change, now)

    assert [message.to for message in mailoutbox] == [[NEW]]
    assert ContactEmail.objects.get().undeliverable_at is None


def test_a_company_without_an_address_gets_one_the_same_way(
    company: Company, owner: User, now: datetime, mailoutbox: list[Any]
) -> None:
    ContactEmail.objects.all().delete()
    change = ask(company, owner, now)

    mail(change, now)
    confirm(change, now)

    assert [message.to for message in mailoutbox] == [[NEW]]
    assert ContactEmail.objects.get().state == "verified"


def test_the_notice_goes_to_the_old_address_even_when_the_new_one_was_faster(
    company: Company, owner: User, now: datetime, mailoutbox: list[Any]
) -> None:
    change = ask(company, owner, now)
    confirm(change, now)

    mail(change, now)
    mail(change, now)

    assert [message.to for message in mailoutbox] == [["zaak@example.be"]]


def test_only_an_owner_may_ask(company: Company, owner: User, now: datetime) -> None:
    member, stranger = registry.make_user("lid@example.be"), registry.make_user("vreemd@example.be")
    add_company_member(company_uuid=company.uuid, user=member, role=MemberRole.MEMBER, actor="t", now=now)
    before = events()

    with pytest.raises(contacts.OwnerNeeded):
        ask(company, member, now)
    with pytest.raises(NotFound):
        ask(company, stranger, now)

    assert not ContactChange.objects.exists()
    assert not MailedLink.objects.exists()
    assert events() == before


def test_the_confirmed_address_need_not_be_asked_for_again(company: Company, owner: User, now: datetime) -> None:
    with pytest.raises(contacts.AddressOnFile):
        ask(company, owner, now, "ZAAK@example.be")

    assert not MailedLink.objects.exists()


def test_an_address_that_is_on_file_can_be_confirmed(company: Company, owner: User, now: datetime) -> None:
    put_contact_on_file(company_uuid=company.uuid, address="zelf@example.be", actor="t", now=now)
    change = ask(company, owner, now, "zelf@example.be")

    assert confirm(change, now).state == "verified"


def test_asking_again_lets_only_the_newest_link_work(company: Company, owner: User, now: datetime) -> None:
    first, second = ask(company, owner, now), ask(company, owner, now, "ander@example.be")

    with pytest.raises(LinkNotUsable):
        confirm(first, now)

    assert ContactEmail.objects.get().address == "zaak@example.be"
    assert MailedLink.objects.filter(used_at=None).count() == 2
    assert confirm(second, now).address == "ander@example.be"


@pytest.mark.parametrize("how", ["staff change it", "asker leaves", "staff cancel"])
def test_a_change_that_was_overtaken_cannot_be_confirmed(
    company: Company, owner: User, now: datetime, how: str
) -> None:
    change = ask(company, owner, now)
    if how == "staff change it":
        put_contact_on_file(company_uuid=company.uuid, address="zaak2@example.be", actor="staff:1", now=now)
    elif how == "asker leaves":
        company.members.all().delete()
    else:
        contacts.cancel_contact_change(change_uuid=change.uuid, actor="staff:1", now=now)
    before, address = events(), ContactEmail.objects.get().address

    with pytest.raises((contacts.ContactChangeLapsed, LinkNotUsable)):
        confirm(change, now)

    assert (events(), ContactEmail.objects.get().address) == (before, address)
    assert MailedLink.objects.get().used_at is None


def test_a_link_works_once_and_until_its_time(company: Company, owner: User, now: datetime) -> None:
    change = ask(company, owner, now)
    late = now + timedelta(days=7)

    with pytest.raises(LinkNotUsable):
        confirm(change, late)
    confirm(change, late - timedelta(seconds=1))
    with pytest.raises(LinkNotUsable):
        confirm(change, late - timedelta(seconds=1))

    assert events().count("company.contact_change_confirmed") == 1


def test_a_link_whose_time_is_over_is_replaced_by_a_new_one(
    company: Company, owner: User, now: datetime, mailoutbox: list[Any]
) -> None:
    change, late = ask(company, owner, now), now + timedelta(days=8)
    old_link = change.link

    renewed = contacts.renew_confirmation(link_uuid=old_link.uuid, now=late)
    contacts.send_confirmation(change_uuid=renewed.uuid, now=late)

    assert renewed.link != old_link
    assert [message.to for message in mailoutbox] == [[NEW]]
    with pytest.raises(NotFound):
        contacts.confirm_contact_change(link_uuid=old_link.uuid, now=late)
    assert confirm(renewed, late).address == NEW


def test_a_link_that_still_works_is_not_replaced(company: Company, owner: User, now: datetime) -> None:
    change = ask(company, owner, now)
    before = events()

    assert contacts.renew_confirmation(link_uuid=change.link.uuid, now=now).link == change.link
    assert events() == before


def test_changes_are_limited_and_a_refused_one_leaves_no_trace(
    company: Company, owner: User, now: datetime, settings: Any
) -> None:
    settings.CONTACT_CHANGES_PER_DAY = 2
    for number in range(2):
        ask(company, owner, now, f"a{number}@example.be")
    before = events()

    with pytest.raises(TooManyMails) as refused:
        ask(company, owner, now + timedelta(hours=1), "a3@example.be")

    assert refused.value.params["retry_after"] == 23 * 3600
    assert events() == before
    assert ContactChange.objects.filter(cancelled_at=None).count() == 1
    ask(company, owner, now + timedelta(days=1, seconds=1), "a3@example.be")


def test_an_office_fills_in_a_missing_address_only(company: Company, now: datetime) -> None:
    bare = registry.make_company(now, email=None)
    contacts.fill_in_contact(company_uuid=bare.uuid, address=NEW, actor="user:1", now=now)
    before = events()

    with pytest.raises(contacts.ContactOnFile):
        contacts.fill_in_contact(company_uuid=company.uuid, address=NEW, actor="user:1", now=now)

    assert (bare.contact_email.address, bare.contact_email.state) == (NEW, "on_file")
    assert ContactEmail.objects.get(company=company).address == "zaak@example.be"
    assert events() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mails_are_in_the_language_of_the_company(
    company: Company, owner: User, now: datetime, mailoutbox: list[Any], language: str
) -> None:
    Company.objects.update(language=language)

    mail(ask(company, owner, now), now)

    for message in mailoutbox:
        assert f'<html lang="{language}">' in message.alternatives[0][0]
        assert "Loodgieterij Maes" in message.body


def test_the_four_languages_differ(company: Company, owner: User, now: datetime, mailoutbox: list[Any]) -> None:
    for hour, language in enumerate(LANGUAGES):
        Company.objects.update(language=language)
        at = now + timedelta(hours=hour)
        mail(ask(company, owner, at), at)

    assert len({message.subject for message in mailoutbox}) == len({message.body for message in mailoutbox}) == 8


@pytest.mark.django_db(transaction=True)
def test_of_two_who_confirm_at_once_one_succeeds(company: Company, owner: User, now: datetime) -> None:
    change = ask(company, owner, now)

    def work(_number: int) -> bool:
        try:
            confirm(change, now)
        except LinkNotUsable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(work, range(4)))

    assert sorted(outcomes) == [False, False, False, True]
    assert events().count("company.contact_changed") == 3
    assert events().count("company.contact_change_confirmed") == 1
