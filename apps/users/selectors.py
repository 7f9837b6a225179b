"""Who is signed in, and what a mailed link says.

A link is `…/<signed>/`: the signature over the row's id is the secret, so that nothing in the table opens anything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from apps.core.errors import NotFound
from apps.users.models import MailedLink, User
from apps.users.rules import LinkPurpose, LinkStanding, link_standing

_LINKS: Final = Signer(salt="mailed-link", sep=".")


@dataclass(frozen=True, slots=True)
class LinkReading:
    """A link that its reader followed, and how it stands."""

    link: MailedLink
    standing: LinkStanding


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person."""

    name: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What a person can prove themselves with, besides their password."""

    app_since: datetime | None = None
    passkeys: tuple[Passkey, ...] = ()
    codes_left: int | None = None

    @property
    def is_set_up(self) -> bool:
        """Tell whether sign-in asks for it; recovery codes alone are none."""
        return self.app_since is not None or bool(self.passkeys)


def second_factor_of(person: User) -> SecondFactor:
    """Return the second factor of a person; one query."""
    rows = list(Authenticator.objects.filter(user_id=person.pk).order_by("id"))
    of_type = {row.type: row for row in rows}
    app, codes = of_type.get(Authenticator.Type.TOTP), of_type.get(Authenticator.Type.RECOVERY_CODES)
    return SecondFactor(
        app_since=app.created_at if app else None,
        passkeys=tuple(
            Passkey(row.wrap().name, row.created_at) for row in rows if row.type == Authenticator.Type.WEBAUTHN
        ),
        codes_left=len(codes.wrap().get_unused_codes()) if codes else None,
    )


def viewer_of(request: HttpRequest) -> User:
    """Return the person behind a request that `login_required` let through.

    :raises TypeError: when nobody is signed in, which is a view without its guard.
    """
    if not isinstance(request.user, User):
        raise TypeError("This view needs login_required.")
    return request.user


def person_or_none(user: object) -> User | None:
    """Return the person that a template's `user` is, or nothing for an anonymous visitor."""
    return user if isinstance(user, User) else None


def sign_link(link: MailedLink) -> str:
    """Return the text that stands in the link's address."""
    return _LINKS.sign(str(link.uuid))


def read_link(*, signed: str, now: datetime) -> LinkReading:
    """Return the link that a text names. Looking changes nothing: mail scanners look too.

    :raises NotFound: when the text was not signed here.
    """
    try:
        link_uuid = UUID(_LINKS.unsign(signed))
    except (BadSignature, ValueError) as error:
        raise NotFound from error
    link = MailedLink.objects.filter(uuid=link_uuid).first()
    if link is None:
        raise NotFound
    return LinkReading(link, standing_of(link, now=now))


def standing_of(link: MailedLink, *, now: datetime) -> LinkStanding:
    """Return how a link stands at an instant."""
    return link_standing(
        used_at=link.used_at,
        replaced_at=link.replaced_at,
        withdrawn_at=link.withdrawn_at,
        expires_at=link.expires_at,
        now=now,
    )


def get_link(*, link_uuid: UUID) -> MailedLink:
    """Return a link by its id, for what happens behind the scenes.

    :raises NotFound: when there is none.
    """
    link = MailedLink.objects.filter(uuid=link_uuid).first()
    if link is None:
        raise NotFound
    return link


def find_open_link(*, purpose: str, subject_uuid: UUID, address: str) -> MailedLink | None:
    """Return the link of that purpose and subject with which its address has done nothing yet, expired or not."""
    return list_open_links(purpose=purpose, subject_uuid=subject_uuid).filter(address__iexact=address).first()


def list_open_links(*, purpose: str, subject_uuid: UUID) -> QuerySet[MailedLink]:
    """Return the links of that purpose and subject with which nothing was done yet, oldest first."""
    return MailedLink.objects.open().filter(purpose=purpose, subject_uuid=subject_uuid).order_by("made_at", "id")


def find_link_made_by(*, made_by: str, purpose: LinkPurpose, subject_uuid: UUID) -> MailedLink | None:
    """Return the link that a letter made for itself, however it stands by now; a repeated letter has the same one."""
    links = MailedLink.objects.filter(subject_uuid=subject_uuid, purpose=purpose, made_by=made_by)
    return links.order_by("-made_at", "-id").first()


def find_person(*, address: str) -> User | None:
    """Return the person whose address this is: the one they sign in with, or another that they confirmed."""
    confirmed = EmailAddress.objects.filter(email__iexact=address, verified=True).values("user_id")
    return User.objects.filter(Q(email=address.lower()) | Q(pk__in=confirmed)).order_by("id").first()


def has_address(*, person: User, address: str) -> bool:
    """Tell whether an address is a person's own."""
    if person.email == address.lower():
        return True
    return bool(EmailAddress.objects.filter(user=person, email__iexact=address, verified=True).exists())


def list_addresses(*, person: User | None) -> set[str]:
    """Return a person's own addresses in small letters; none of nobody's."""
    if person is None:
        return set()
    confirmed = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return {person.email.lower(), *(address.lower() for address in confirmed)}
