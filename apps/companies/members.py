"""Who has access to a company: the first member by the address on file, later ones by invitation."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.companies import membership
from apps.companies.emails import Place
from apps.companies.locks import lock_company
from apps.companies.membership import HasMembers, Membership, NoAddressToMail
from apps.companies.models import Company, CompanyMember
from apps.companies.rules import CONTACT_TRANSITIONS, ContactState, MemberRole
from apps.companies.services import set_contact_state
from apps.users.models import MailedLink, User
from apps.users.rules import LinkPurpose
from apps.users.selectors import get_link
from apps.users.services import NewPerson, TooManyMails


@transaction.atomic
def add_company_member(*, company_uuid: UUID, user: User, role: MemberRole, actor: str, now: datetime) -> CompanyMember:
    """Give a person a role in a company, or change the role they have."""
    member: CompanyMember = membership.add(_lock(company_uuid), user=user, role=role, actor=actor, now=now)
    return member


@transaction.atomic
def send_first_member_link(*, company_uuid: UUID, actor: str, now: datetime) -> MailedLink:
    """Mail the address on file a link by which its reader becomes the company's first member.

    :raises NotFound: when there is no such company.
    :raises HasMembers: when somebody is a member already.
    :raises NoAddressToMail: when no address is on file, or it is undeliverable.
    :raises TooManyMails: when the company or the address was mailed too many links.
    """
    return membership.send_first_link(_lock(company_uuid), actor=actor, now=now)


@transaction.atomic
def enclose_first_member_link(*, company_uuid: UUID, enclosed_in: str, now: datetime) -> MailedLink | None:
    """Make the first member's link for a letter that is mailed to the address on file anyway, such as the token's.

    `enclosed_in` names the letter, which finds the link by it; call this in the transaction that decides on the
    letter, so that it is the same each time. None when there is a member, or too many links were mailed.
    """
    try:
        life = membership.member_link_life()
        return membership.make_first_link(_lock(company_uuid), life=life, actor=enclosed_in, now=now)
    except (HasMembers, NoAddressToMail, TooManyMails):
        return None


@transaction.atomic
def invite_company_member(
    *, company_uuid: UUID, by: User, address: str, role: MemberRole, language: str, now: datetime
) -> MailedLink:
    """Mail somebody an invitation of an owner; it replaces an earlier one to the same address.

    :raises NotFound: when who invites is no member.
    :raises OwnerOnly: when they are no owner.
    :raises AlreadyMember: when the address is a member's.
    :raises TooManyMails: when the company or the address was mailed too many links.
    """
    return membership.invite(_lock(company_uuid), by=by, address=address, role=role, language=language, now=now)


@transaction.atomic
def join_company(*, link_uuid: UUID, person: User | NewPerson, now: datetime) -> User:
    """Make the reader of a link a member. The address on file counts as verified when the link went there.

    :raises NotFound: when it is no link into a company.
    :raises LinkNotUsable: when it no longer works.
    :raises HasMembers: when it is for the first member, and there is one.
    :raises OtherAddress: when who is signed in has another address than the link.
    :raises PersonExists: when there is a login with the address, and nobody is signed in.
    :raises PasswordRefused: when the password is too easy to guess.
    """
    link = get_link(link_uuid=link_uuid)
    place = _lock(link.subject_uuid)
    user = membership.join(place, link_uuid=link_uuid, person=person, now=now)
    if link.address.lower() == place.address_on_file.lower():
        _verify_contact(link.subject_uuid, actor=f"user:{user.uuid}", now=now)
    return user


@transaction.atomic
def renew_company_link(*, link_uuid: UUID, now: datetime) -> MailedLink | None:
    """Mail the reader of a link that no longer works a new one, to the same address; None when none may be sent.

    :raises NotFound: when it is no link into a company.
    :raises TooManyMails: when the company or the address was mailed too many links.
    """
    return membership.renew(_lock(get_link(link_uuid=link_uuid).subject_uuid), link_uuid=link_uuid, now=now)


@transaction.atomic
def change_company_role(
    *, company_uuid: UUID, by: User, user_uuid: UUID, role: MemberRole, now: datetime
) -> CompanyMember:
    """Let an owner give a member another role.

    :raises NotFound: when who asks, or the person, is no member.
    :raises OwnerOnly: when who asks is no owner.
    :raises LastOwner: when nobody would be an owner any more.
    """
    place = _lock(company_uuid)
    member: CompanyMember = membership.change_role(place, by=by, user_uuid=user_uuid, role=role, now=now)
    return member


@transaction.atomic
def remove_company_member(*, company_uuid: UUID, by: User, user_uuid: UUID, now: datetime) -> None:
    """Let an owner take a person's access away.

    :raises NotFound: when who asks, or the person, is no member.
    :raises OwnerOnly: when who asks is no owner.
    :raises LastOwner: when nobody would be an owner any more.
    """
    membership.remove(_lock(company_uuid), by=by, user_uuid=user_uuid, now=now)


@transaction.atomic
def withdraw_company_invitation(*, company_uuid: UUID, by: User, link_uuid: UUID, now: datetime) -> None:
    """Let an owner take an invitation back that was not accepted yet.

    :raises NotFound: when who asks is no member, or there is no such open invitation.
    :raises OwnerOnly: when who asks is no owner.
    """
    membership.withdraw(_lock(company_uuid), by=by, link_uuid=link_uuid, now=now)


def mail_member_link(*, link_uuid: UUID, now: datetime) -> bool:
    """Hand over the mail of a link into a company, unless it no longer works; returns whether it was handed over."""
    return membership.mail_link(link_uuid=link_uuid, find_place=_named, now=now)


def _named(company_uuid: UUID) -> Place:
    company = Company.objects.get(uuid=company_uuid)
    return Place(kind="company", name=company.name, enterprise_number=company.enterprise_number)


def _lock(company_uuid: UUID) -> Membership:
    company = lock_company(company_uuid=company_uuid)
    contact = getattr(company, "contact_email", None)
    return Membership(
        kind="company",
        subject_uuid=company.uuid,
        language=company.language,
        members=company.members,
        first_link=LinkPurpose.COMPANY_FIRST_MEMBER,
        invitation=LinkPurpose.COMPANY_INVITATION,
        address_on_file=contact.address if contact else "",
        is_mailable=contact is not None and contact.is_deliverable,
        company_uuid=company.uuid,
    )


def _verify_contact(company_uuid: UUID, *, actor: str, now: datetime) -> None:
    contact = Company.objects.select_related("contact_email").get(uuid=company_uuid).contact_email
    if ContactState.VERIFIED in CONTACT_TRANSITIONS[ContactState(contact.state)]:
        set_contact_state(company_uuid=company_uuid, state=ContactState.VERIFIED, actor=actor, now=now)
