"""Can my company connect? The answer goes to the address on file only."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.accounting_offices.models import ClientLink
from apps.companies.models import Company
from apps.companies.rules import CompanyState, ContactState
from apps.companies.services import set_company_state, set_contact_state
from apps.events.models import Event
from apps.tokens.models import AccessToken, ConnectionEnquiry, ConnectionRequest, NonActivationCase
from apps.tokens.services.enquiries import answer_enquiry, delete_old_enquiries, enquire
from apps.tokens.services.requests import VatInvalid
from apps.users.models import MailedLink
from tests.factories import registry
from tests.portal.world import LANGUAGES

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(now: datetime) -> Company:
    return registry.make_company(now, office=registry.make_office(now))


def ask(number: str, now: datetime, software: str = "") -> ConnectionEnquiry:
    enquiry = enquire(vat=number, software_slug=software, actor="visitor", now=now)
    answer_enquiry(enquiry_uuid=enquiry.uuid, now=now)
    enquiry.refresh_from_db()
    return enquiry


def test_a_ready_company_is_told_by_mail_that_it_can(ready: Company, now: datetime, mailoutbox: list[Any]) -> None:
    registry.make_software(now)

    enquiry = ask(f"BE {ready.enterprise_number}", now, "robaws")

    assert (enquiry.outcome, enquiry.mailed_at) == ("passed", now)
    assert [mail.to for mail in mailoutbox] == [["zaak@example.be"]]
    assert "Robaws" in mailoutbox[0].body
    assert not ConnectionRequest.objects.exists()
    assert not AccessToken.objects.exists()
    assert not NonActivationCase.objects.exists()


def refuse_inactive(company: Company, now: datetime) -> None:
    set_company_state(company_uuid=company.uuid, state=CompanyState.CEASED, actor="t", now=now)


def refuse_unlinked(company: Company, now: datetime) -> None:
    ClientLink.objects.all().delete()


def refuse_office(company: Company, now: datetime) -> None:
    office = company.client_links.get().office
    office.state, office.former_at = "former", now
    office.save()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (refuse_inactive, "company_inactive"),
        (refuse_unlinked, "no_accounting_office"),
        (refuse_office, "office_not_client"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_company_that_cannot_is_told_why_who_acts_and_what_to_send(
    ready: Company, now: datetime, mailoutbox: list[Any], spoil: Callable[..., None], code: str, language: str
) -> None:
    from django.utils import translation

    from apps.core.identifiers import format_enterprise_number
    from apps.tokens.refusals import refusal_body

    spoil(ready, now)
    Company.objects.update(language=language)

    assert ask(ready.enterprise_number, now).outcome == code

    with translation.override(language):
        refusal = refusal_body(code, number=format_enterprise_number(ready.enterprise_number))
    text, html = mailoutbox[0].body, mailoutbox[0].alternatives[0][0]
    assert f'<html lang="{language}">' in html
    for key in ("title", "cause", "remedy", "message"):
        assert refusal[key] in text
    assert refusal["contact"]["name"] in text
    assert text.count("\n  ") >= 6


def test_nothing_is_mailed_where_there_is_nobody_to_mail(now: datetime, mailoutbox: list[Any]) -> None:
    office = registry.make_office(now)
    silent = registry.make_company(now, office=office, email=None)
    bounced = registry.make_company(now, office=office)
    set_contact_state(company_uuid=bounced.uuid, state=ContactState.BOUNCED, actor="t", now=now)

    outcomes = [ask(n, now).outcome for n in ("0999999922", silent.enterprise_number, bounced.enterprise_number)]

    assert outcomes == ["enterprise_unknown", "email_unknown", "email_undeliverable"]
    assert mailoutbox == []
    assert not MailedLink.objects.exists()


def test_an_impossible_number_is_refused_and_leaves_no_trace(now: datetime) -> None:
    with pytest.raises(VatInvalid):
        enquire(vat="0123456789", software_slug="", actor="visitor", now=now)

    assert not ConnectionEnquiry.objects.exists()
    assert not Event.objects.exists()


def test_a_company_without_members_gets_the_link_of_its_first_one(
    ready: Company, now: datetime, mailoutbox: list[Any]
) -> None:
    enquiry = ask(ready.enterprise_number, now)

    link = MailedLink.objects.get()
    assert enquiry.link == link
    assert (link.purpose, link.subject_uuid, link.role) == ("company_first_member", ready.uuid, "owner")
    # As long as every other link to a first member.
    assert link.expires_at - link.made_at == timedelta(days=14)
    assert f"/join/{link.uuid}." in mailoutbox[0].body
    assert f"/join/{link.uuid}." in mailoutbox[0].alternatives[0][0]
    assert mailoutbox[0].metadata == {"link": str(link.uuid)}


def test_a_company_with_members_or_blocked_gets_no_such_link(
    ready: Company, now: datetime, mailoutbox: list[Any]
) -> None:
    blocked = registry.make_company(now, office=registry.make_office(now))
    set_company_state(company_uuid=blocked.uuid, state=CompanyState.BLOCKED, actor="t", now=now)
    registry.make_member(now, registry.make_user("owner@example.be"), company=ready)

    for company in (ready, blocked):
        ask(company.enterprise_number, now)

    assert len(mailoutbox) == 2
    assert not any("/join/" in mail.body for mail in mailoutbox)
    assert not MailedLink.objects.exists()


def test_the_limit_of_a_company_holds_for_all_its_numbers(
    ready: Company, now: datetime, mailoutbox: list[Any], settings: Any
) -> None:
    from apps.companies.services import correct_company_number

    settings.ENQUIRY_MAILS_PER_HOUR = 2
    former = ready.enterprise_number
    correct_company_number(
        company_uuid=ready.uuid,
        enterprise_number=registry.enterprise_number(),
        valid_from=now.date(),
        actor="t",
        now=now,
    )
    ready.refresh_from_db()

    outcomes = [ask(number, now).outcome for number in (former, ready.enterprise_number, former)]

    assert outcomes == ["passed", "passed", "throttled"]
    assert len(mailoutbox) == 2
    assert ask(former, now + timedelta(hours=1, seconds=1)).outcome == "passed"


def test_the_limit_of_an_address_holds_for_all_its_companies(
    now: datetime, mailoutbox: list[Any], settings: Any
) -> None:
    settings.ENQUIRY_MAILS_PER_ADDRESS_PER_DAY = 1
    office = registry.make_office(now)
    companies = [registry.make_company(now, office=office, email=e) for e in ("Zaak@example.be", "zaak@example.be")]

    assert [ask(company.enterprise_number, now).outcome for company in companies] == ["passed", "throttled"]
    assert len(mailoutbox) == 1


def test_an_answer_is_mailed_once(ready: Company, now: datetime, mailoutbox: list[Any]) -> None:
    enquiry = ask(ready.enterprise_number, now)

    assert answer_enquiry(enquiry_uuid=enquiry.uuid, now=now) is False
    assert len(mailoutbox) == 1


def test_an_answer_that_could_not_be_handed_over_is_repeated_as_the_same_message(
    ready: Company, now: datetime, mailoutbox: list[Any]
) -> None:
    enquiry = ask(ready.enterprise_number, now)
    ConnectionEnquiry.objects.update(mailed_at=None)

    answer_enquiry(enquiry_uuid=enquiry.uuid, now=now + timedelta(minutes=5))

    first, second = mailoutbox
    assert first.extra_headers == second.extra_headers
    assert first.body == second.body
    assert MailedLink.objects.count() == 1


def test_an_answer_that_nobody_took_for_two_days_is_given_up(
    ready: Company, now: datetime, mailoutbox: list[Any]
) -> None:
    enquiry = enquire(vat=ready.enterprise_number, software_slug="", actor="visitor", now=now)

    assert answer_enquiry(enquiry_uuid=enquiry.uuid, now=now + timedelta(days=3)) is False
    assert mailoutbox == []


def test_enquiries_are_deleted_after_ninety_days(ready: Company, now: datetime) -> None:
    ask(ready.enterprise_number, now)
    young = ask(ready.enterprise_number, now + timedelta(days=1))

    assert delete_old_enquiries(now=now + timedelta(days=90, hours=1)) == 1
    assert ConnectionEnquiry.objects.get() == young
    assert answer_enquiry(enquiry_uuid=ready.uuid, now=now) is False


def test_the_four_languages_differ(ready: Company, now: datetime, mailoutbox: list[Any]) -> None:
    for hour, language in enumerate(LANGUAGES):
        Company.objects.update(language=language)
        ask(ready.enterprise_number, now + timedelta(hours=hour * 2))

    assert len({mail.subject for mail in mailoutbox}) == len({mail.body for mail in mailoutbox}) == 4
