"""Who gets access to a company, by which link, and who keeps it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from apps.companies import members
from apps.companies.membership import (
    AlreadyMember,
    HasMembers,
    LastOwner,
    NoAddressToMail,
    OtherAddress,
    OwnerOnly,
)
from apps.companies.models import Company, CompanyMember, ContactEmail
from apps.companies.rules import ContactState, MemberRole
from apps.companies.services import put_contact_on_file, set_contact_state
from apps.core.errors import DomainError, NotFound
from apps.events.models import Event
from apps.users.models import MailedLink, User
from apps.users.selectors import sign_link
from apps.users.services import LinkNotUsable, NewPerson, PasswordRefused, PersonExists, TooManyMails
from tests.factories import registry

pytestmark = pytest.mark.django_db
AN = NewPerson("een lang geheim", "fr")


@pytest.fixture
def company(now: datetime) -> Company:
    return registry.make_company(now)


def first_link(company: Company, now: datetime) -> MailedLink:
    return members.send_first_member_link(company_uuid=company.uuid, actor="test", now=now)


def join(link: MailedLink, now: datetime, person: User | NewPerson = AN) -> User:
    return members.join_company(link_uuid=link.uuid, person=person, now=now)


def make_owner(company: Company, now: datetime, email: str = "baas@example.be") -> User:
    user = registry.make_user(email)
    registry.make_member(now, user, company=company)
    return user


def invite(
    company: Company, by: User, now: datetime, address: str = "bo@example.be", role: MemberRole = MemberRole.MEMBER
) -> MailedLink:
    return members.invite_company_member(
        company_uuid=company.uuid, by=by, address=address, role=role, language="de", now=now
    )


def trail() -> list[tuple[str, str]]:
    return [
        (event.name, event.actor)
        for event in Event.objects.filter(name__startswith="company_").order_by("id")
        if event.actor != registry.ACTOR
    ]


def test_the_reader_of_the_address_on_file_becomes_the_owner_with_a_login_of_their_own(
    now: datetime, company: Company
) -> None:
    link = first_link(company, now)

    user = join(link, now)

    member = CompanyMember.objects.get()
    assert (member.user, member.role, member.since) == (user, "owner", now)
    assert (user.email, user.language, user.check_password(AN.password)) == ("zaak@example.be", "fr", True)
    assert EmailAddress.objects.get(user=user).verified
    assert ContactEmail.objects.get().state == "verified"
    assert trail() == [("company_member.added", f"user:{user.uuid}")]


def test_events_hold_ids_only_and_no_secret(now: datetime, company: Company) -> None:
    link = first_link(company, now)
    user = join(link, now)
    invitation = invite(company, user, now)
    kept = " ".join(f"{event.name} {event.actor} {event.payload} {event.subject_uuid}" for event in Event.objects.all())

    assert "@" not in kept
    assert not [each for each in (link, invitation) if sign_link(each).rpartition(".")[2] in kept]


def test_no_link_is_sent_once_somebody_is_a_member(now: datetime, company: Company) -> None:
    make_owner(company, now)
    before = Event.objects.count()

    with pytest.raises(HasMembers):
        first_link(company, now)

    assert not MailedLink.objects.exists()
    assert Event.objects.count() == before


@pytest.mark.parametrize("state", [None, ContactState.BOUNCED, ContactState.COMPLAINED])
def test_no_link_is_sent_without_an_address_that_works(now: datetime, state: ContactState | None) -> None:
    company = registry.make_company(now, email="zaak@example.be" if state else None)
    if state:
        set_contact_state(company_uuid=company.uuid, state=state, actor="t", now=now)

    with pytest.raises(NoAddressToMail):
        first_link(company, now)
    assert not MailedLink.objects.exists()


def test_a_first_members_link_is_refused_once_there_is_one_and_stays_unused(now: datetime, company: Company) -> None:
    link = first_link(company, now)
    make_owner(company, now)

    with pytest.raises(HasMembers):
        join(link, now)

    link.refresh_from_db()
    assert link.used_at is None
    assert CompanyMember.objects.count() == 1
    assert not User.objects.filter(email="zaak@example.be").exists()


def test_a_link_to_an_address_that_is_no_longer_on_file_lets_nobody_in(now: datetime, company: Company) -> None:
    link = first_link(company, now)
    put_contact_on_file(company_uuid=company.uuid, address="nieuw@example.be", actor="t", now=now)

    with pytest.raises(LinkNotUsable):
        join(link, now)

    assert members.renew_company_link(link_uuid=link.uuid, now=now) is None
    assert not CompanyMember.objects.exists()


def test_a_weak_password_makes_no_login_and_leaves_the_link(now: datetime, company: Company) -> None:
    link = first_link(company, now)

    for weak in ("kort", "zaak@example.be", "password1234"):
        with pytest.raises(PasswordRefused):
            join(link, now, NewPerson(weak, "nl"))

    link.refresh_from_db()
    assert link.used_at is None
    assert not User.objects.exists()


def test_a_new_password_never_opens_a_login_that_exists(now: datetime, company: Company) -> None:
    user = registry.make_user("zaak@example.be")
    link = first_link(company, now)

    with pytest.raises(PersonExists):
        join(link, now, NewPerson("een heel ander geheim", "nl"))

    user.refresh_from_db()
    assert user.check_password("een lang geheim")
    assert not CompanyMember.objects.exists()


def test_a_forwarded_link_gives_another_login_nothing(now: datetime, company: Company) -> None:
    link = first_link(company, now)
    other = registry.make_user("ander@example.be")

    with pytest.raises(OtherAddress) as refused:
        join(link, now, other)

    assert refused.value.params == {"address": "z***@example.be"}
    assert not CompanyMember.objects.exists()
    assert join(link, now, registry.make_user("zaak@example.be")) == CompanyMember.objects.get().user


def test_a_second_address_counts_as_ones_own_only_once_confirmed(now: datetime, company: Company) -> None:
    link, person = first_link(company, now), registry.make_user("an@example.be")
    second = EmailAddress.objects.create(user=person, email="zaak@example.be", verified=False, primary=False)

    with pytest.raises(OtherAddress):
        join(link, now, person)
    second.verified = True
    second.save()

    assert join(link, now, person) == person


def test_an_invitation_gives_the_role_that_the_owner_chose_last(now: datetime, company: Company) -> None:
    owner = make_owner(company, now)
    first = invite(company, owner, now, role=MemberRole.OWNER)
    second = invite(company, owner, now + timedelta(minutes=1), "BO@example.be")

    with pytest.raises(LinkNotUsable):
        join(first, now)
    user = join(second, now)

    assert (user.email, CompanyMember.objects.get(user=user).role) == ("bo@example.be", "member")
    assert ContactEmail.objects.get().state == "on_file"
    assert second.language == "de"
    assert trail() == [
        ("company_member.invited", f"user:{owner.uuid}"),
        ("company_member.invited", f"user:{owner.uuid}"),
        ("company_member.added", f"user:{user.uuid}"),
    ]


def test_who_is_a_member_is_not_invited_again(now: datetime, company: Company) -> None:
    owner = make_owner(company, now)

    with pytest.raises(AlreadyMember):
        invite(company, owner, now, "BAAS@example.be")
    assert not MailedLink.objects.exists()


def test_only_an_owner_changes_who_has_access_and_a_stranger_finds_nothing(now: datetime, company: Company) -> None:
    owner, plain, stranger = make_owner(company, now), registry.make_user("p@example.be"), registry.make_user("s@x.be")
    registry.make_member(now, plain, company=company, role=MemberRole.MEMBER)
    link = invite(company, owner, now)
    before = Event.objects.count()

    for by, refusal in ((plain, OwnerOnly), (stranger, NotFound)):
        key: dict[str, Any] = {"company_uuid": company.uuid, "by": by, "now": now}
        with pytest.raises(refusal):
            invite(company, by, now)
        with pytest.raises(refusal):
            members.change_company_role(user_uuid=plain.uuid, role=MemberRole.OWNER, **key)
        with pytest.raises(refusal):
            members.remove_company_member(user_uuid=owner.uuid, **key)
        with pytest.raises(refusal):
            members.withdraw_company_invitation(link_uuid=link.uuid, **key)

    assert Event.objects.count() == before
    assert CompanyMember.objects.count() == 2
    assert MailedLink.objects.open().count() == 1


def test_the_last_owner_stays_an_owner(now: datetime, company: Company) -> None:
    owner, plain = make_owner(company, now), registry.make_user("p@example.be")
    registry.make_member(now, plain, company=company, role=MemberRole.MEMBER)
    key: dict[str, Any] = {"company_uuid": company.uuid, "by": owner, "now": now}
    before = Event.objects.count()

    with pytest.raises(LastOwner):
        members.remove_company_member(user_uuid=owner.uuid, **key)
    with pytest.raises(LastOwner):
        members.change_company_role(user_uuid=owner.uuid, role=MemberRole.MEMBER, **key)
    assert Event.objects.count() == before

    members.change_company_role(user_uuid=plain.uuid, role=MemberRole.OWNER, **key)
    members.remove_company_member(user_uuid=owner.uuid, **key)
    assert [(row.user, row.role) for row in CompanyMember.objects.all()] == [(plain, "owner")]
    assert [name for name, _actor in trail()] == ["company_member.role_changed", "company_member.removed"]


def test_who_was_removed_does_not_come_back_by_an_old_link(now: datetime, company: Company) -> None:
    owner = make_owner(company, now)
    link = invite(company, owner, now)
    user = join(link, now)

    members.remove_company_member(company_uuid=company.uuid, by=owner, user_uuid=user.uuid, now=now)

    assert members.renew_company_link(link_uuid=link.uuid, now=now) is None
    with pytest.raises(LinkNotUsable):
        join(link, now, user)
    assert CompanyMember.objects.count() == 1


def test_a_withdrawn_invitation_is_over_for_good(now: datetime, company: Company) -> None:
    owner = make_owner(company, now)
    link = invite(company, owner, now)

    members.withdraw_company_invitation(company_uuid=company.uuid, by=owner, link_uuid=link.uuid, now=now)

    with pytest.raises(LinkNotUsable) as refused:
        join(link, now)
    assert refused.value.params == {"standing": "withdrawn"}
    assert members.renew_company_link(link_uuid=link.uuid, now=now) is None
    with pytest.raises(NotFound):
        members.withdraw_company_invitation(company_uuid=company.uuid, by=owner, link_uuid=link.uuid, now=now)


def test_an_expired_invitation_is_renewed_as_it_was_given_last(now: datetime, company: Company) -> None:
    owner = make_owner(company, now)
    first = invite(company, owner, now, role=MemberRole.OWNER)
    invite(company, owner, now + timedelta(hours=2), role=MemberRole.MEMBER)
    later = now + timedelta(days=30)

    renewed = members.renew_company_link(link_uuid=first.uuid, now=later)

    assert renewed
    assert (renewed.address, renewed.role, renewed.made_by) == ("bo@example.be", "member", "mail link")
    assert join(renewed, later).email == "bo@example.be"


def test_an_expired_first_link_is_renewed_to_the_address_on_file_within_the_same_limits(
    now: datetime, company: Company, settings: Any
) -> None:
    settings.LINK_MAILS_PER_HOUR = 1
    link, later = first_link(company, now), now + timedelta(days=15)

    renewed = members.renew_company_link(link_uuid=link.uuid, now=later)

    assert renewed
    assert renewed.address == "zaak@example.be"
    with pytest.raises(TooManyMails):
        members.renew_company_link(link_uuid=renewed.uuid, now=later)
    assert join(renewed, later).email == "zaak@example.be"


def test_a_link_is_mailed_once_it_is_made_and_not_once_it_is_over(
    now: datetime, company: Company, run_reactions: Callable[[], int], mailoutbox: list[Any]
) -> None:
    over = first_link(company, now)
    members.send_first_member_link(company_uuid=company.uuid, actor="test", now=now + timedelta(minutes=1))

    assert not members.mail_member_link(link_uuid=over.uuid, now=now)
    current = MailedLink.objects.open().get()
    assert members.mail_member_link(link_uuid=current.uuid, now=now)
    assert members.mail_member_link(link_uuid=current.uuid, now=now)

    one, again = mailoutbox
    assert one.message().as_bytes() == again.message().as_bytes() or one.body == again.body
    assert one.extra_headers["Message-ID"] == again.extra_headers["Message-ID"]
    assert one.metadata == {"link": str(current.uuid)}


@pytest.mark.parametrize("purpose", ["contact_confirmation", "office_invitation"])
def test_a_link_of_another_purpose_lets_nobody_in(now: datetime, company: Company, purpose: str) -> None:
    link = first_link(company, now)
    MailedLink.objects.update(purpose=purpose, role="owner")

    with pytest.raises(NotFound):
        join(link, now)
    assert not CompanyMember.objects.exists()


def race(*steps: Callable[[], object]) -> list[object]:
    """Run steps at once, each in a transaction of its own; returns what each gave, or its refusal."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], object]) -> object:
        try:
            barrier.wait()
            return step()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_follow_one_link_at_once_one_gets_in(now: datetime) -> None:
    link = first_link(registry.make_company(now), now)

    results = race(*[lambda number=number: join(link, now, NewPerson(f"een lang geheim {number}", "nl"))
                     for number in range(4)])  # fmt: skip

    assert [type(result) for result in results].count(User) == 1
    assert {type(result) for result in results} == {User, LinkNotUsable}
    assert CompanyMember.objects.count() == User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_first_member_and_a_second_link_at_once_end_with_one_member(now: datetime) -> None:
    company = registry.make_company(now)
    link = first_link(company, now)

    joined, sent = race(lambda: join(link, now), lambda: first_link(company, now + timedelta(minutes=1)))

    if isinstance(joined, User):
        assert isinstance(sent, HasMembers)
    else:
        assert isinstance(joined, LinkNotUsable)
        assert isinstance(sent, MailedLink)
        join(sent, now)
    assert CompanyMember.objects.count() == User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one(now: datetime) -> None:
    company = registry.make_company(now)
    one, two = make_owner(company, now), make_owner(company, now, "twee@example.be")

    def remove(by: User, other: User) -> None:
        members.remove_company_member(company_uuid=company.uuid, by=by, user_uuid=other.uuid, now=now)

    results = race(lambda: remove(one, two), lambda: remove(two, one))

    assert sorted(type(result).__name__ for result in results) == ["NoneType", "NotFound"]
    assert CompanyMember.objects.get().role == "owner"
