"""Who has access to an accounting office: the first member by staff's approval, later ones by invitation."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice, OfficeMember
from apps.accounting_offices.rules import OfficeState
from apps.accounting_offices.selectors import get_client_company
from apps.companies import members as company_members
from apps.companies import membership
from apps.companies.emails import Place
from apps.companies.membership import HasMembers, Membership
from apps.companies.rules import MemberRole
from apps.core.clock import brussels_day
from apps.core.errors import DomainError, NotFound
from apps.users.models import MailedLink, User
from apps.users.rules import LinkPurpose
from apps.users.selectors import find_open_link, get_link
from apps.users.services import NewPerson, TooManyMails


class OfficeNotApproved(DomainError):
    """The office is no client (any more): its first member comes with our approval."""

    code = "office_not_approved"
    sentence = _("This accounting office is not a client. Its first member comes with our approval.")


@transaction.atomic
def add_office_member(*, office_uuid: UUID, user: User, role: MemberRole, actor: str, now: datetime) -> OfficeMember:
    """Give a person a role in an office, or change the role they have."""
    member: OfficeMember = membership.add(_lock(office_uuid), user=user, role=role, actor=actor, now=now)
    return member


@transaction.atomic
def send_first_member_link(*, office_uuid: UUID, actor: str, now: datetime) -> MailedLink:
    """Mail the office's address a link by which its reader becomes the office's first member.

    :raises NotFound: when there is no such office.
    :raises OfficeNotApproved: when it is no client.
    :raises HasMembers: when somebody is a member already.
    :raises TooManyMails: when the office or the address was mailed too many links.
    """
    return membership.send_first_link(_lock_client(office_uuid), actor=actor, now=now)


@transaction.atomic
def welcome_office(*, office_uuid: UUID, now: datetime) -> MailedLink | None:
    """Mail an office that was approved its first member's link, once; None when there is nothing to mail."""
    office = AccountingOffice.objects.get(uuid=office_uuid)
    if office.state != OfficeState.CLIENT or office.client_at is None or office.members.exists():
        return None
    place = _lock(office_uuid)
    sent = find_open_link(purpose=place.first_link, subject_uuid=office_uuid, address=office.email)
    if sent and sent.made_at >= office.client_at:
        return None
    try:
        return membership.send_first_link(place, actor="system", now=now)
    except (HasMembers, TooManyMails):
        return None


def send_client_its_link(*, company_uuid: UUID, by: User, now: datetime) -> MailedLink:
    """Let a member of an office send a client of today the link of the client's first member.

    It goes to the client's own address on file, like every such link.

    :raises NotFound: when the company is no client of an office of theirs.
    :raises HasMembers: when somebody is a member of the company already.
    :raises NoAddressToMail: when no address is on file, or it is undeliverable.
    :raises TooManyMails: when the office or the address was mailed too many links.
    """
    company = get_client_company(viewer=by, company_uuid=company_uuid, on=brussels_day(now))
    return company_members.send_first_member_link(company_uuid=company.uuid, actor=f"user:{by.uuid}", now=now)


@transaction.atomic
def invite_office_member(
    *, office_uuid: UUID, by: User, address: str, role: MemberRole, language: str, now: datetime
) -> MailedLink:
    """Mail somebody an invitation of an owner; it replaces an earlier one to the same address.

    :raises NotFound: when who invites is no member.
    :raises OwnerOnly: when they are no owner.
    :raises AlreadyMember: when the address is a member's.
    :raises TooManyMails: when the office or the address was mailed too many links.
    """
    return membership.invite(_lock(office_uuid), by=by, address=address, role=role, language=language, now=now)


@transaction.atomic
def join_office(*, link_uuid: UUID, person: User | NewPerson, now: datetime) -> User:
    """Make the reader of a link a member.

    :raises NotFound: when it is no link into an office.
    :raises OfficeNotApproved: when it is for the first member, and the office is no client.
    :raises LinkNotUsable: when it no longer works.
    :raises HasMembers: when it is for the first member, and there is one.
    :raises OtherAddress: when who is signed in has another address than the link.
    :raises PersonExists: when there is a login with the address, and nobody is signed in.
    :raises PasswordRefused: when the password is too easy to guess.
    """
    link = get_link(link_uuid=link_uuid)
    is_first = link.purpose == LinkPurpose.OFFICE_FIRST_MEMBER
    place = _lock_client(link.subject_uuid) if is_first else _lock(link.subject_uuid)
    return membership.join(place, link_uuid=link_uuid, person=person, now=now)


@transaction.atomic
def renew_office_link(*, link_uuid: UUID, now: datetime) -> MailedLink | None:
    """Mail the reader of a link that no longer works a new one, to the same address; None when none may be sent.

    :raises NotFound: when it is no link into an office.
    :raises TooManyMails: when the office or the address was mailed too many links.
    """
    link = get_link(link_uuid=link_uuid)
    office = _lock_office(link.subject_uuid)
    if link.purpose == LinkPurpose.OFFICE_FIRST_MEMBER and office.state != OfficeState.CLIENT:
        return None
    return membership.renew(_membership(office), link_uuid=link_uuid, now=now)


@transaction.atomic
def change_office_role(
    *, office_uuid: UUID, by: User, user_uuid: UUID, role: MemberRole, now: datetime
) -> OfficeMember:
    """Let an owner give a member another role.

    :raises NotFound: when who asks, or the person, is no member.
    :raises OwnerOnly: when who asks is no owner.
    :raises LastOwner: when nobody would be an owner any more.
    """
    place = _lock(office_uuid)
    member: OfficeMember = membership.change_role(place, by=by, user_uuid=user_uuid, role=role, now=now)
    return member


@transaction.atomic
def remove_office_member(*, office_uuid: UUID, by: User, user_uuid: UUID, now: datetime) -> None:
    """Let an owner take a person's access away.

    :raises NotFound: when who asks, or the person, is no member.
    :raises OwnerOnly: when who asks is no owner.
    :raises LastOwner: when nobody would be an owner any more.
    """
    membership.remove(_lock(office_uuid), by=by, user_uuid=user_uuid, now=now)


@transaction.atomic
def withdraw_office_invitation(*, office_uuid: UUID, by: User, link_uuid: UUID, now: datetime) -> None:
    """Let an owner take an invitation back that was not accepted yet.

    :raises NotFound: when who asks is no member, or there is no such open invitation.
    :raises OwnerOnly: when who asks is no owner.
    """
    membership.withdraw(_lock(office_uuid), by=by, link_uuid=link_uuid, now=now)


def mail_member_link(*, link_uuid: UUID, now: datetime) -> bool:
    """Hand over the mail of a link into an office, unless it no longer works; returns whether it was handed over."""
    return membership.mail_link(link_uuid=link_uuid, find_place=_named, now=now)


def _named(office_uuid: UUID) -> Place:
    office = AccountingOffice.objects.get(uuid=office_uuid)
    return Place(kind="office", name=office.name, enterprise_number=office.enterprise_number)


def _lock(office_uuid: UUID) -> Membership:
    return _membership(_lock_office(office_uuid))


def _lock_client(office_uuid: UUID) -> Membership:
    office = _lock_office(office_uuid)
    if office.state != OfficeState.CLIENT:
        raise OfficeNotApproved
    return _membership(office)


def _lock_office(office_uuid: UUID) -> AccountingOffice:
    office = AccountingOffice.objects.select_for_update(of=("self",), no_key=True).filter(uuid=office_uuid).first()
    if office is None:
        raise NotFound
    return office


def _membership(office: AccountingOffice) -> Membership:
    return Membership(
        kind="office",
        subject_uuid=office.uuid,
        language=office.language,
        members=office.members,
        first_link=LinkPurpose.OFFICE_FIRST_MEMBER,
        invitation=LinkPurpose.OFFICE_INVITATION,
        address_on_file=office.email,
        is_mailable=True,
        known_as={"office": str(office.uuid)},
    )
