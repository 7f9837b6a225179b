"""What companies and offices share about their members: who joins by which link, and that an owner always stays.

Every function expects the row of the company or office to be locked, in the transaction of what it writes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.companies.emails import Place, member_link_mail
from apps.companies.rules import MemberRole, mask_address
from apps.core.errors import DomainError, NotFound
from apps.events import services as events
from apps.users.models import MailedLink, User
from apps.users.rules import ASKED_BY_READER, FIRST_MEMBER_LINKS, LinkPurpose, LinkStanding
from apps.users.selectors import find_open_link, find_person, get_link, has_address, list_open_links, standing_of
from apps.users.services import LinkNotUsable, NewPerson, make_link, make_person, use_link, withdraw_link


class HasMembers(DomainError):
    """Somebody has access already, so nobody becomes the first member any more."""

    code = "has_members"
    sentence = _("Somebody has access already. Ask them for an invitation.")


class NoAddressToMail(DomainError):
    """There is no address on file to which a link may go, or it is undeliverable."""

    code = "no_address_to_mail"
    sentence = _("There is no e-mail address on file that works.")


class AlreadyMember(DomainError):
    """The person is a member already."""

    code = "already_member"
    sentence = _("This person has access already.")


class OtherAddress(DomainError):
    """The link was mailed to another address than those of the person who is signed in."""

    code = "other_address"
    sentence = _("This link is for %(address)s. Sign in with that address.")


class OwnerOnly(DomainError):
    """Only an owner gives and takes access."""

    code = "owner_only"
    sentence = _("Only an owner can change who has access.")


class LastOwner(DomainError):
    """The last owner stays: somebody must be able to give access."""

    code = "last_owner"
    sentence = _("This is the only owner. Make somebody else an owner first.")


@dataclass(frozen=True, slots=True)
class Membership:
    """The members of one company or office, whose row is locked.

    `address_on_file` is the only address from which the first member comes; `known_as` goes into every event.
    """

    kind: str
    subject_uuid: UUID
    language: str
    members: Any
    first_link: LinkPurpose
    invitation: LinkPurpose
    address_on_file: str
    is_mailable: bool
    company_uuid: UUID | None = None
    known_as: dict[str, str] = field(default_factory=dict)

    def record(self, event: str, *, subject_uuid: UUID, actor: str, now: datetime, **payload: str) -> None:
        """Record one event of the members; ids and codes only."""
        events.record(
            f"{self.kind}_{event}",
            subject_uuid=subject_uuid,
            company_uuid=self.company_uuid,
            actor=actor,
            now=now,
            payload={**self.known_as, **payload},
        )


def add(place: Membership, *, user: User, role: MemberRole, actor: str, now: datetime) -> Any:
    """Give a person a role, or change the role they have; returns the member's row."""
    member, created = place.members.get_or_create(user=user, defaults={"role": role, "since": now})
    if not created and member.role == role:
        return member
    member.role = role
    member.save(update_fields=["role"])
    place.record("member.added", subject_uuid=user.uuid, actor=actor, now=now, role=role.value)
    return member


def make_first_link(place: Membership, *, life: timedelta, actor: str, now: datetime) -> MailedLink:
    """Make the link by which the reader of the address on file becomes the first member.

    :raises HasMembers: when somebody is a member already.
    :raises NoAddressToMail: when no address on file may be mailed.
    :raises TooManyMails: when the place or the address was mailed too many links.
    """
    if place.members.exists():
        raise HasMembers
    if not place.is_mailable:
        raise NoAddressToMail
    return _make(
        place,
        place.first_link,
        address=place.address_on_file,
        role=MemberRole.OWNER,
        language=place.language,
        life=life,
        actor=actor,
        now=now,
    )


def member_link_life() -> timedelta:
    """Return how long a link into a place works."""
    return timedelta(days=settings.MEMBER_LINK_LIFE_DAYS)


def send_first_link(place: Membership, *, actor: str, now: datetime) -> MailedLink:
    """Have the first member's link mailed; the mail is the reaction to its event. Raises as `make_first_link`."""
    link = make_first_link(place, life=member_link_life(), actor=actor, now=now)
    place.record("member_link.made", subject_uuid=link.uuid, actor=actor, now=now)
    return link


def invite(place: Membership, *, by: User, address: str, role: MemberRole, language: str, now: datetime) -> MailedLink:
    """Have an invitation mailed; it replaces an earlier one to the same address.

    :raises NotFound: when who invites is no member.
    :raises OwnerOnly: when they are no owner.
    :raises AlreadyMember: when the address is a member's.
    :raises TooManyMails: when the place or the address was mailed too many links.
    """
    _check_owner(place, by)
    person = find_person(address=address)
    if person and place.members.filter(user=person).exists():
        raise AlreadyMember
    actor = f"user:{by.uuid}"
    link = _make(
        place,
        place.invitation,
        address=address,
        role=role,
        language=language,
        life=member_link_life(),
        actor=actor,
        now=now,
    )
    place.record("member.invited", subject_uuid=link.uuid, actor=actor, now=now, role=role.value)
    return link


def join(place: Membership, *, link_uuid: UUID, person: User | NewPerson, now: datetime) -> User:
    """Let the reader of a link in, with a new login or the one that they signed in with; the link is then used.

    :raises NotFound: when it is no link of this place.
    :raises LinkNotUsable: when it no longer works, or the address on file is another one by now.
    :raises HasMembers: when it is for the first member, and there is one.
    :raises OtherAddress: when who is signed in has another address than the link.
    :raises PersonExists: when there is a login with the address, and nobody is signed in.
    :raises PasswordRefused: when the password is too easy to guess.
    """
    purpose = LinkPurpose(get_link(link_uuid=link_uuid).purpose)
    if purpose not in {place.first_link, place.invitation}:
        raise NotFound
    link = use_link(link_uuid=link_uuid, purpose=purpose, now=now)
    if purpose in FIRST_MEMBER_LINKS:
        _check_first(place, link)
    if isinstance(person, NewPerson):
        person = make_person(address=link.address, person=person)
    elif not has_address(person=person, address=link.address):
        raise OtherAddress(address=mask_address(link.address))
    # An invitation of before never lowers a role that was given since.
    if not place.members.filter(user=person).exists():
        add(place, user=person, role=MemberRole(link.role), actor=f"user:{person.uuid}", now=now)
    return person


def renew(place: Membership, *, link_uuid: UUID, now: datetime) -> MailedLink | None:
    """Mail the reader of a link that no longer works a new one, to the same address; None when none may be sent.

    The first member's goes only to the address on file today; an invitation is renewed, as it was given last, until
    it is used or withdrawn, so that who was removed does not come back by an old link.

    :raises TooManyMails: when the place or the address was mailed too many links.
    """
    link = get_link(link_uuid=link_uuid)
    if link.purpose == place.first_link:
        is_on_file = link.address.lower() == place.address_on_file.lower()
        if place.members.exists() or not is_on_file or not place.is_mailable:
            return None
        return send_first_link(place, actor=ASKED_BY_READER, now=now)
    standing = find_open_link(purpose=place.invitation, subject_uuid=place.subject_uuid, address=link.address)
    if standing is None:
        return None
    new = _make(
        place,
        place.invitation,
        address=standing.address,
        role=MemberRole(standing.role),
        language=standing.language,
        life=member_link_life(),
        actor=ASKED_BY_READER,
        now=now,
    )
    place.record("member.invited", subject_uuid=new.uuid, actor=ASKED_BY_READER, now=now, role=new.role)
    return new


def change_role(place: Membership, *, by: User, user_uuid: UUID, role: MemberRole, now: datetime) -> Any:
    """Give a member another role; saying the same again changes nothing.

    :raises NotFound: when who asks, or the person, is no member.
    :raises OwnerOnly: when who asks is no owner.
    :raises LastOwner: when nobody would be an owner any more.
    """
    member = _member_to_change(place, by, user_uuid)
    if member.role == role:
        return member
    _check_owner_stays(place, member)
    member.role = role
    member.save(update_fields=["role"])
    place.record("member.role_changed", subject_uuid=user_uuid, actor=f"user:{by.uuid}", now=now, role=role.value)
    return member


def remove(place: Membership, *, by: User, user_uuid: UUID, now: datetime) -> None:
    """Take a person's access away, and every open invitation to their address with it.

    :raises NotFound: when who asks, or the person, is no member.
    :raises OwnerOnly: when who asks is no owner.
    :raises LastOwner: when nobody would be an owner any more.
    """
    member = _member_to_change(place, by, user_uuid)
    _check_owner_stays(place, member)
    for link in list_open_links(purpose=place.invitation, subject_uuid=place.subject_uuid):
        if has_address(person=member.user, address=link.address):
            withdraw(place, by=by, link_uuid=link.uuid, now=now)
    member.delete()
    place.record("member.removed", subject_uuid=user_uuid, actor=f"user:{by.uuid}", now=now)


def withdraw(place: Membership, *, by: User, link_uuid: UUID, now: datetime) -> None:
    """Take an invitation back that was not accepted yet.

    :raises NotFound: when who asks is no member, or there is no such open invitation.
    :raises OwnerOnly: when who asks is no owner.
    """
    _check_owner(place, by)
    withdraw_link(link_uuid=link_uuid, purpose=place.invitation, subject_uuid=place.subject_uuid, now=now)
    place.record("invitation.withdrawn", subject_uuid=link_uuid, actor=f"user:{by.uuid}", now=now)


def mail_link(*, link_uuid: UUID, find_place: Callable[[UUID], Place], now: datetime) -> bool:
    """Hand over the mail of a link, unless it no longer works; returns whether it was handed over.

    Repeated after a crash, it is the same message. No lock is needed.
    """
    link = get_link(link_uuid=link_uuid)
    if standing_of(link, now=now) is not LinkStanding.USABLE:
        return False
    member_link_mail(link, find_place(link.subject_uuid)).send()
    return True


def _make(
    place: Membership,
    purpose: LinkPurpose,
    *,
    address: str,
    role: MemberRole,
    language: str,
    life: timedelta,
    actor: str,
    now: datetime,
) -> MailedLink:
    return make_link(
        purpose=purpose,
        subject_uuid=place.subject_uuid,
        address=address,
        language=language,
        role=role.value,
        life=life,
        actor=actor,
        now=now,
    )


def _check_first(place: Membership, link: MailedLink) -> None:
    if place.members.exists():
        raise HasMembers
    if link.address.lower() != place.address_on_file.lower():
        raise LinkNotUsable(standing=LinkStanding.REPLACED.value)


def _check_owner(place: Membership, person: User) -> None:
    member = place.members.filter(user=person).first()
    if member is None:
        raise NotFound
    if member.role != MemberRole.OWNER:
        raise OwnerOnly


def _member_to_change(place: Membership, by: User, user_uuid: UUID) -> Any:
    _check_owner(place, by)
    member = place.members.select_related("user").filter(user__uuid=user_uuid).first()
    if member is None:
        raise NotFound
    return member


def _check_owner_stays(place: Membership, member: Any) -> None:
    if not place.members.exclude(pk=member.pk).filter(role=MemberRole.OWNER).exists():
        raise LastOwner
