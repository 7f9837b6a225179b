"""A maker applies by the form for a key of the service, staff approve or refuse; in the sandbox it has one at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from apps.core.errors import IllegalTransition
from apps.events.models import Event
from apps.tokens.models import Software, SoftwareKey, Vendor, VendorApplication
from apps.tokens.selectors import get_software
from apps.tokens.services import applications, registration, vendors
from apps.tokens.services.registration import Registration
from apps.users.models import MailedLink
from apps.users.services import NewPerson
from tests.factories import registry

pytestmark = pytest.mark.django_db
NEW = Registration(
    vendor_name="Molen BV", website="https://molen.example", email="dev@molen.be", language="fr",
    software_name="De Molen", sector="clubs", description="Factureert lidgelden.",
)  # fmt: skip


def apply(now: datetime, new: Registration = NEW) -> VendorApplication:
    made = applications.apply_as_vendor(registration=new, now=now)
    assert made
    return made


def approve(application: VendorApplication, now: datetime) -> VendorApplication:
    return applications.approve_vendor_application(application_uuid=application.uuid, actor="staff:1", now=now)


def refuse(application: VendorApplication, now: datetime, reason: str = "Onbekend.") -> VendorApplication:
    return applications.refuse_vendor_application(
        application_uuid=application.uuid, reason=reason, actor="staff:1", now=now
    )


def register(now: datetime, new: Registration = NEW) -> MailedLink:
    return registration.register_in_sandbox(registration=new, actor="visitor", now=now)


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def made() -> list[int]:
    return [model.objects.count() for model in (Vendor, Software, SoftwareKey)]


def test_applying_is_confirmed_and_makes_nothing(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    application = apply(now)
    apply(now, replace(NEW, email="DEV@molen.be", software_name="de molen", description="Iets anders."))
    run_reactions()

    assert (VendorApplication.objects.get(), events()) == (application, ["vendor_application.made"])
    assert made() == [0, 0, 0]
    (mail,) = mailoutbox
    assert mail.to == ["dev@molen.be"]
    assert '<html lang="fr">' in mail.alternatives[0][0]
    assert "olen" not in mail.body + mail.subject, "anybody can have it sent to anybody"


def test_beyond_the_daily_limit_nothing_is_kept(now: datetime, settings: Any) -> None:
    settings.VENDOR_APPLICATIONS_PER_DAY = 1
    apply(now)
    other = replace(NEW, email="Dev@Molen.be", software_name="Een ander")

    assert applications.apply_as_vendor(registration=other, now=now) is None
    assert (VendorApplication.objects.count(), len(events())) == (1, 1)
    apply(now + timedelta(days=1, seconds=1), other)


def test_approval_makes_the_software_and_mails_the_first_member_who_finds_the_key(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    application = approve(apply(now), now)
    before = events()
    approve(application, now)
    run_reactions()

    software = Software.objects.get()
    assert events() == before, "twice changes nothing"
    assert (software.slug, software.state, software.sector) == ("de-molen", "live", "clubs")
    assert get_software(key=str(software.keys.get().key)) == software
    link = MailedLink.objects.get()
    assert [mail.to for mail in mailoutbox] == [["dev@molen.be"]] * 2
    assert "/join/" in mailoutbox[1].body
    person = vendors.join_vendor(link_uuid=link.uuid, person=NewPerson("een lang geheim", "fr"), now=now)
    assert software.vendor.members.get().user == person


@pytest.mark.parametrize("taken", ["maker", "software"])
def test_who_uses_a_name_that_is_here_gets_nothing_of_its_owner(now: datetime, taken: str) -> None:
    known = registry.make_software(now).software
    name = {"vendor_name": known.vendor.name.upper()} if taken == "maker" else {"software_name": known.name.lower()}
    application = apply(now, replace(NEW, **name))
    before = made(), events()

    with pytest.raises(registration.VendorKnown if taken == "maker" else registration.SoftwareKnown):
        approve(application, now)

    assert (made(), events()) == before
    assert VendorApplication.objects.get().state == "applied"
    assert not MailedLink.objects.exists()


def test_a_refusal_needs_a_reason_is_mailed_once_and_stays(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    application = apply(now)
    with pytest.raises(applications.RefusalReasonMissing):
        refuse(application, now, "  ")
    refuse(application, now)
    refuse(application, now, "Iets anders.")
    with pytest.raises(IllegalTransition):
        approve(application, now)
    run_reactions()

    assert applications.send_vendor_refusal(application_uuid=application.uuid, now=now) is False
    assert events() == ["vendor_application.made", "vendor_application.refused"]
    assert ["Onbekend." in mail.body for mail in mailoutbox] == [False, True]
    assert apply(now) != application, "it may apply again"


def test_in_the_sandbox_the_key_is_there_at_once_and_nobody_is_mailed(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    first = register(now)
    again = register(now)
    run_reactions()

    assert made() == [1, 1, 1]
    assert SoftwareKey.objects.get().software.state == "live"
    assert again.uuid != first.uuid
    assert not mailoutbox
    vendors.join_vendor(link_uuid=again.uuid, person=NewPerson("een lang geheim", "fr"), now=now)
    for other in (NEW, replace(NEW, vendor_name="Een ander"), replace(NEW, software_name="Een ander")):
        with pytest.raises((registration.VendorKnown, registration.SoftwareKnown)):
            register(now, other)
    assert made() == [1, 1, 1]


def test_softwares_with_the_same_short_name_and_with_none_each_get_their_own(now: datetime) -> None:
    for number, name in enumerate(("De Molen", "De-Molen", "de molen!", "漢字", "漢")):
        register(now, replace(NEW, vendor_name=f"Maker {number}", software_name=name))

    found = Software.objects.order_by("id").values_list("slug", flat=True)
    assert list(found) == ["de-molen", "de-molen-2", "de-molen-3", "software", "software-2"]


def test_the_sandbox_gives_out_so_many_keys_a_day(now: datetime, settings: Any) -> None:
    settings.SANDBOX_REGISTRATIONS_PER_DAY = 1
    register(now)
    other = replace(NEW, vendor_name="Een ander", software_name="Een ander")

    with pytest.raises(registration.TooManyRegistrations) as refused:
        register(now + timedelta(hours=23), other)

    assert refused.value.params == {"retry_after": 3600}
    assert made() == [1, 1, 1]
    register(now + timedelta(days=1), other)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [apply, register])
def test_the_same_form_sent_twice_at_once_makes_one(now: datetime, act: Callable[[datetime], object]) -> None:
    def work(_turn: int) -> None:
        try:
            act(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))

    assert VendorApplication.objects.count() + Vendor.objects.count() == 1
    assert len(events()) in {1, 2}
