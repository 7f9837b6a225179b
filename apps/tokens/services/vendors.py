"""Who has access for a maker of software: the first member by a link from staff, later ones by invitation."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.companies import membership
from apps.companies.emails import Place
from apps.companies.membership import Membership
from apps.companies.rules import MemberRole
from apps.core.errors import NotFound
from apps.events import services as events
from apps.tokens.models import Vendor, VendorMember
from apps.users.models import MailedLink, User
from apps.users.rules import LinkPurpose
from apps.users.selectors import get_link
from apps.users.services import NewPerson


@transaction.atomic
def add_vendor_member(*, vendor_uuid: UUID, user: User, role: MemberRole, actor: str, now: datetime) -> VendorMember:
    """Give a person a role at a maker of software, or change the role they have."""
    member: VendorMember = membership.add(_lock(vendor_uuid), user=user, role=role, actor=actor, now=now)
    return member


@transaction.atomic
def set_vendor_contact(*, vendor_uuid: UUID, email: str, language: str, actor: str, now: datetime) -> Vendor:
    """Put on file where, and in which language, a maker of software is written to.

    :raises NotFound: when there is no such maker.
    """
    vendor = Vendor.objects.select_for_update(of=("self",), no_key=True).filter(uuid=vendor_uuid).first()
    if vendor is None:
        raise NotFound
    vendor.email, vendor.language = email, language
    vendor.save(update_fields=["email", "language"])
    events.record("vendor.contact_changed", subject_uuid=vendor.uuid, actor=actor, now=now)
    return vendor


@transaction.atomic
def send_first_vendor_link(*, vendor_uuid: UUID, actor: str, now: datetime) -> MailedLink:
    """Mail the maker's address a link by which its reader becomes the first member.

    :raises NotFound: when there is no such maker.
    :raises HasMembers: when somebody is a member already.
    :raises NoAddressToMail: when no address is on file.
    :raises TooManyMails: when the maker or the address was mailed too many links.
    """
    return membership.send_first_link(_lock(vendor_uuid), actor=actor, now=now)


@transaction.atomic
def make_first_vendor_link(*, vendor_uuid: UUID, actor: str, now: datetime) -> MailedLink:
    """Make the same link for the page of whoever registers in the sandbox, which mails nobody.

    :raises NotFound: when there is no such maker.
    :raises HasMembers: when somebody is a member already.
    :raises TooManyMails: when too many links were made for it.
    """
    life = membership.member_link_life()
    return membership.make_first_link(_lock(vendor_uuid), life=life, actor=actor, now=now)


@transaction.atomic
def invite_vendor_member(
    *, vendor_uuid: UUID, by: User, address: str, role: MemberRole, language: str, now: datetime
) -> MailedLink:
    """Mail somebody an invitation of an owner; it replaces an earlier one to the same address.

    :raises NotFound: when who invites is no member.
    :raises OwnerOnly: when they are no owner.
    :raises AlreadyMember: when the address is a member's.
    :raises TooManyMails: when the maker or the address was mailed too many links.
    """
    return membership.invite(_lock(vendor_uuid), by=by, address=address, role=role, language=language, now=now)


@transaction.atomic
def join_vendor(*, link_uuid: UUID, person: User | NewPerson, now: datetime) -> User:
    """Make the reader of a link a member. Raises as `membership.join`."""
    link = get_link(link_uuid=link_uuid)
    return membership.join(_lock(link.subject_uuid), link_uuid=link_uuid, person=person, now=now)


@transaction.atomic
def renew_vendor_link(*, link_uuid: UUID, now: datetime) -> MailedLink | None:
    """Mail the reader of a link that no longer works a new one, to the same address; None when none may be sent.

    :raises NotFound: when it is no link to a maker of software.
    :raises TooManyMails: when the maker or the address was mailed too many links.
    """
    return membership.renew(_lock(get_link(link_uuid=link_uuid).subject_uuid), link_uuid=link_uuid, now=now)


@transaction.atomic
def change_vendor_role(
    *, vendor_uuid: UUID, by: User, user_uuid: UUID, role: MemberRole, now: datetime
) -> VendorMember:
    """Let an owner give a member another role. Raises as `membership.change_role`."""
    place = _lock(vendor_uuid)
    member: VendorMember = membership.change_role(place, by=by, user_uuid=user_uuid, role=role, now=now)
    return member


@transaction.atomic
def remove_vendor_member(*, vendor_uuid: UUID, by: User, user_uuid: UUID, now: datetime) -> None:
    """Let an owner take a person's access away. Raises as `membership.remove`."""
    membership.remove(_lock(vendor_uuid), by=by, user_uuid=user_uuid, now=now)


@transaction.atomic
def withdraw_vendor_invitation(*, vendor_uuid: UUID, by: User, link_uuid: UUID, now: datetime) -> None:
    """Let an owner take an invitation back that was not accepted yet. Raises as `membership.withdraw`."""
    membership.withdraw(_lock(vendor_uuid), by=by, link_uuid=link_uuid, now=now)


def mail_vendor_link(*, link_uuid: UUID, now: datetime) -> bool:
    """Hand over the mail of a link to a maker of software, unless it no longer works; returns whether it was."""
    return membership.mail_link(link_uuid=link_uuid, find_place=_named, now=now)


def _named(vendor_uuid: UUID) -> Place:
    return Place(kind="vendor", name=Vendor.objects.get(uuid=vendor_uuid).name, enterprise_number="")


def _lock(vendor_uuid: UUID) -> Membership:
    vendor = Vendor.objects.select_for_update(of=("self",), no_key=True).filter(uuid=vendor_uuid).first()
    if vendor is None:
        raise NotFound
    return Membership(
        kind="vendor",
        subject_uuid=vendor.uuid,
        language=vendor.language,
        members=vendor.members,
        first_link=LinkPurpose.VENDOR_FIRST_MEMBER,
        invitation=LinkPurpose.VENDOR_INVITATION,
        address_on_file=vendor.email,
        is_mailable=bool(vendor.email),
        known_as={"vendor": str(vendor.uuid)},
    )
