"""An accounting office applies by the form, staff approve or decline."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from apps.accounting_offices import applications, services
from apps.accounting_offices.models import AccountingOffice, OfficeApplication
from apps.core.errors import IllegalTransition
from apps.core.identifiers import InvalidEnterpriseNumber
from apps.events.models import Event
from tests.factories import registry
from tests.portal.world import LANGUAGES

pytestmark = pytest.mark.django_db


def apply(number: str, now: datetime, *, email: str = "peeters@example.be", language: str = "nl") -> OfficeApplication:
    made = applications.apply_by_form(
        enterprise_number=number, name="Kantoor Peeters", email=email, language=language,
        applicant="An Peeters, vennoot", now=now,
    )  # fmt: skip
    assert made
    return made


def approve(application: OfficeApplication, now: datetime) -> OfficeApplication:
    return applications.approve_application(application_uuid=application.uuid, actor="staff:1", now=now)


def decline(application: OfficeApplication, now: datetime, reason: str = "Onbekend.") -> OfficeApplication:
    return applications.decline_application(application_uuid=application.uuid, reason=reason, actor="staff:1", now=now)


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_the_first_application_makes_the_office_known_as_applied(now: datetime) -> None:
    apply("BE 0999.999.922", now)

    office = AccountingOffice.objects.get()
    assert (office.enterprise_number, office.state, office.email) == ("0999999922", "applied", "peeters@example.be")
    assert events() == ["office_application.made", "accounting_office.applied"]


def test_an_application_changes_no_office_that_is_known(now: datetime) -> None:
    office = registry.make_office(now)
    before = AccountingOffice.objects.values().get()

    apply(office.enterprise_number, now, email="dief@example.be")

    assert AccountingOffice.objects.values().get() == before
    assert OfficeApplication.objects.get().state == "open"


def test_the_receipt_is_the_same_whatever_is_known_and_holds_no_text_of_its_sender(
    now: datetime, mailoutbox: list[Any]
) -> None:
    known, unknown = registry.make_office(now).enterprise_number, registry.enterprise_number()
    for number in (known, unknown):
        applications.send_receipt(application_uuid=apply(number, now, email=f"{number}@example.be").uuid, now=now)

    bodies = [
        mail.body.replace(f"{number[:4]}.{number[4:7]}.{number[7:]}", "N")
        for mail, number in zip(mailoutbox, (known, unknown), strict=True)
    ]
    assert bodies[0] == bodies[1]
    assert "Peeters" not in mailoutbox[0].body + mailoutbox[0].subject + mailoutbox[0].alternatives[0][0]


def test_an_impossible_number_is_refused_and_leaves_no_trace(now: datetime) -> None:
    with pytest.raises(InvalidEnterpriseNumber):
        apply("0123456789", now)

    assert not OfficeApplication.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("same", ["number", "address"])
def test_beyond_the_daily_limit_nothing_is_kept(now: datetime, same: str, settings: Any) -> None:
    settings.OFFICE_APPLICATIONS_PER_DAY = 2
    numbers = [registry.enterprise_number() for _ in range(3)] if same == "address" else ["0999999922"] * 3
    emails = ["a@example.be"] * 3 if same == "address" else [f"a{i}@example.be" for i in range(3)]
    for number, email in list(zip(numbers, emails, strict=True))[:2]:
        apply(number, now, email=email)
    before = events()

    refused = applications.apply_by_form(
        enterprise_number=numbers[2], name="K", email=emails[2].upper(), language="nl", applicant="A", now=now
    )

    assert refused is None
    assert OfficeApplication.objects.count() == 2
    assert events() == before
    apply(numbers[2], now + timedelta(days=1, seconds=1), email=emails[2])


def test_approving_makes_a_client_with_the_address_of_that_application(now: datetime) -> None:
    apply("0999999922", now, email="dief@example.be")
    true_one = apply("0999999922", now)

    approve(true_one, now)

    office = AccountingOffice.objects.get()
    assert (office.state, office.email) == ("client", "peeters@example.be")
    assert events()[-2:] == ["office_application.approved", "accounting_office.approved"]
    assert list(OfficeApplication.objects.order_by("id").values_list("state", flat=True)) == ["open", "approved"]


def test_approving_twice_changes_nothing(now: datetime) -> None:
    application = apply("0999999922", now)
    approve(application, now)
    before = events()

    approve(application, now + timedelta(days=1))

    assert events() == before


def test_an_application_for_a_client_cannot_be_approved(now: datetime) -> None:
    office = registry.make_office(now)
    application = apply(office.enterprise_number, now, email="dief@example.be")
    before = events()

    with pytest.raises(applications.OfficeIsClient):
        approve(application, now)

    office.refresh_from_db()
    assert (office.email, events()) == ("kantoor@example.be", before)
    assert OfficeApplication.objects.get().state == "open"


def test_a_declined_office_may_apply_again(now: datetime) -> None:
    first = apply("0999999922", now, email="oud@example.be")
    decline(first, now)

    second = apply("0999999922", now, email="nieuw@example.be")
    approve(second, now)

    office = AccountingOffice.objects.get()
    assert (office.state, office.email) == ("client", "nieuw@example.be")


def test_declining_needs_a_reason(now: datetime) -> None:
    application = apply("0999999922", now)
    before = events()

    with pytest.raises(applications.ReasonMissing):
        decline(application, now, "  ")

    assert events() == before
    assert OfficeApplication.objects.get().state == "open"


def test_what_is_decided_stays_decided(now: datetime) -> None:
    approved, declined = apply("0999999922", now), apply(registry.enterprise_number(), now)
    approve(approved, now)
    decline(declined, now)
    before = events()

    with pytest.raises(IllegalTransition):
        decline(approved, now)
    with pytest.raises(IllegalTransition):
        approve(declined, now)
    decline(declined, now, "Iets anders.")

    assert events() == before
    assert OfficeApplication.objects.get(state="declined").reason == "Onbekend."


def test_an_office_approved_by_itself_approves_what_it_came_from(now: datetime) -> None:
    apply("0999999922", now)
    apply("0999999922", now, email="dief@example.be")
    office = AccountingOffice.objects.get()
    services.approve_office(office_uuid=office.uuid, actor="staff:1", now=now)

    assert applications.settle_applications(office_uuid=office.uuid, now=now) == 1
    assert applications.settle_applications(office_uuid=office.uuid, now=now) == 0
    assert list(OfficeApplication.objects.order_by("id").values_list("state", flat=True)) == ["approved", "open"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("decide", [approve, decline])
def test_the_decision_is_mailed_once_in_the_language_of_the_application(
    now: datetime, mailoutbox: list[Any], language: str, decide: Callable[..., OfficeApplication]
) -> None:
    application = decide(apply("0999999922", now, language=language), now)

    sent = [applications.send_decision(application_uuid=application.uuid, now=now) for _ in range(2)]

    assert sent == [True, False]
    assert mailoutbox[0].to == ["peeters@example.be"]
    assert f'<html lang="{language}">' in mailoutbox[0].alternatives[0][0]
    assert ("Onbekend." in mailoutbox[0].body) == (decide is decline)


def test_the_four_languages_differ(now: datetime, mailoutbox: list[Any]) -> None:
    for language in LANGUAGES:
        made = apply(registry.enterprise_number(), now, language=language, email=f"{language}@example.be")
        applications.send_receipt(application_uuid=made.uuid, now=now)
        applications.send_decision(application_uuid=approve(made, now).uuid, now=now)

    assert len({mail.subject.replace("Kantoor Peeters", "") for mail in mailoutbox}) == 8


@pytest.mark.django_db(transaction=True)
def test_two_who_apply_at_once_make_one_office(now: datetime) -> None:
    def work(number: int) -> None:
        try:
            apply("0999999922", now, email=f"a{number}@example.be")
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))

    assert AccountingOffice.objects.count() == 1
    assert OfficeApplication.objects.count() == 3
    assert events().count("accounting_office.applied") == 1
