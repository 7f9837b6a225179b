"""Who gets access to an accounting office, and how an office sends a client its link."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from apps.accounting_offices import members
from apps.accounting_offices.members import OfficeNotApproved
from apps.accounting_offices.models import AccountingOffice, OfficeMember
from apps.accounting_offices.services import approve_office, end_client_link, end_office
from apps.companies.membership import HasMembers, LastOwner, OwnerOnly
from apps.companies.rules import MemberRole
from apps.core.errors import NotFound
from apps.events.models import Event
from apps.users.models import MailedLink, User
from apps.users.services import LinkNotUsable, NewPerson
from tests.factories import registry

pytestmark = pytest.mark.django_db
AN = NewPerson("een lang geheim", "nl")


def join(link: MailedLink, now: datetime, person: User | NewPerson = AN) -> User:
    return members.join_office(link_uuid=link.uuid, person=person, now=now)


def test_an_approved_office_is_mailed_its_link_once(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    office = registry.make_office(now, has_member=False)

    run_reactions()
    # The task of a worker that died before it could say so runs again.
    assert members.welcome_office(office_uuid=office.uuid, now=now) is None
    run_reactions()

    link = MailedLink.objects.get()
    assert [mail.to for mail in mailoutbox] == [["kantoor@example.be"]]
    assert (link.purpose, link.made_by, link.role) == ("office_first_member", "system", "owner")


def test_an_office_with_a_member_is_mailed_nothing_when_it_comes_back(
    now: datetime, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    office = registry.make_office(now)
    end_office(office_uuid=office.uuid, actor="t", now=now)
    approve_office(office_uuid=office.uuid, actor="t", now=now + timedelta(days=1))

    run_reactions()

    assert mailoutbox == []
    with pytest.raises(HasMembers):
        members.send_first_member_link(office_uuid=office.uuid, actor="t", now=now)


def test_the_reader_of_the_offices_address_becomes_its_owner(now: datetime) -> None:
    office = registry.make_office(now, has_member=False)
    link = members.send_first_member_link(office_uuid=office.uuid, actor="staff:1", now=now)

    user = join(link, now)

    assert [(row.user, row.role) for row in OfficeMember.objects.all()] == [(user, "owner")]
    event = Event.objects.get(name="office_member.added")
    assert (event.subject_uuid, event.payload) == (user.uuid, {"office": str(office.uuid), "role": "owner"})


def test_an_office_that_is_no_client_gets_no_first_member(now: datetime) -> None:
    applied = registry.make_office(now, is_client=False, has_member=False)
    left = registry.make_office(now, has_member=False)
    link = members.send_first_member_link(office_uuid=left.uuid, actor="t", now=now)
    end_office(office_uuid=left.uuid, actor="t", now=now)
    before = Event.objects.count()

    with pytest.raises(OfficeNotApproved):
        members.send_first_member_link(office_uuid=applied.uuid, actor="t", now=now)
    with pytest.raises(OfficeNotApproved):
        join(link, now)
    assert members.renew_office_link(link_uuid=link.uuid, now=now) is None
    assert members.welcome_office(office_uuid=left.uuid, now=now) is None
    assert Event.objects.count() == before
    assert not OfficeMember.objects.exists()


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now, has_member=False)


def test_owners_invite_change_remove_and_withdraw(now: datetime, office: AccountingOffice) -> None:
    owner = registry.make_user("vennoot@example.be")
    registry.make_member(now, owner, office=office)
    key: dict[str, Any] = {"office_uuid": office.uuid, "by": owner, "now": now}
    invited = members.invite_office_member(address="bo@example.be", role=MemberRole.MEMBER, language="nl", **key)
    cancelled = members.invite_office_member(address="cis@example.be", role=MemberRole.OWNER, language="nl", **key)

    user = join(invited, now)
    with pytest.raises(OwnerOnly):
        members.remove_office_member(office_uuid=office.uuid, by=user, user_uuid=owner.uuid, now=now)
    with pytest.raises(LastOwner):
        members.remove_office_member(user_uuid=owner.uuid, **key)
    members.withdraw_office_invitation(link_uuid=cancelled.uuid, **key)
    with pytest.raises(LinkNotUsable):
        join(cancelled, now)
    members.change_office_role(user_uuid=user.uuid, role=MemberRole.OWNER, **key)
    members.remove_office_member(user_uuid=owner.uuid, **key)

    assert [(row.user, row.role) for row in OfficeMember.objects.all()] == [(user, "owner")]


def test_an_office_sends_a_client_of_today_its_link(now: datetime, office: AccountingOffice) -> None:
    accountant, stranger = registry.make_user("a@example.be"), registry.make_user("s@example.be")
    registry.make_member(now, accountant, office=office, role=MemberRole.MEMBER)
    company = registry.make_company(now, office=office)

    with pytest.raises(NotFound):
        members.send_client_its_link(company_uuid=company.uuid, by=stranger, now=now)
    link = members.send_client_its_link(company_uuid=company.uuid, by=accountant, now=now)

    assert (link.address, link.made_by) == ("zaak@example.be", f"user:{accountant.uuid}")
    end_client_link(link_uuid=company.client_links.get().uuid, ends_on=date(2026, 1, 1), actor="t", now=now)
    with pytest.raises(NotFound):
        members.send_client_its_link(company_uuid=company.uuid, by=accountant, now=now)
    assert MailedLink.objects.count() == 1
