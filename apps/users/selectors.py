"""Who is signed in, and what a mailed link says.

A link is `…/<signed>/`: the signature over the row's id is the secret, so that nothing in the table opens anything.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

from apps.core.errors import NotFound
from apps.users.models import MailedLink, User
from apps.users.rules import LinkStanding, link_standing

_LINKS: Final = Signer(salt="mailed-link", sep=".")


@dataclass(frozen=True, slots=True)
class LinkReading:
    """A link that its reader followed, and how it stands."""

    link: MailedLink
    standing: LinkStanding


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
    return link_standing(used_at=link.used_at, replaced_at=link.replaced_at, expires_at=link.expires_at, now=now)
