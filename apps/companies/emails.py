"""The mails by which people get access to a company or an accounting office; a task sends them."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.core.clock import BRUSSELS
from apps.core.identifiers import format_enterprise_number
from apps.core.letters import Letter, compose
from apps.users.models import MailedLink
from apps.users.rules import ASKED_BY_READER, FIRST_MEMBER_LINKS, LinkPurpose
from apps.users.selectors import sign_link


@dataclass(frozen=True, slots=True)
class Place:
    """What a link leads into: `company` or `office`, and how its people call it."""

    kind: str
    name: str
    enterprise_number: str


def member_link_mail(link: MailedLink, place: Place) -> EmailMultiAlternatives:
    """Return the mail that carries a link into a place: the first member's, an invitation, or a renewed one."""
    return compose(
        Letter(
            name=_letter_name(link),
            to=link.address,
            language=link.language,
            uuid=link.uuid,
            written_at=link.made_at,
            context={
                "kind": place.kind,
                "place_name": place.name,
                "enterprise_number": format_enterprise_number(place.enterprise_number),
                "role": link.role,
                "is_first": link.purpose in FIRST_MEMBER_LINKS,
                "expires_at": link.expires_at.astimezone(BRUSSELS),
                "join_url": join_url(link),
            },
            metadata={"link": str(link.uuid)},
        )
    )


def join_url(link: MailedLink) -> str:
    """Return the address of a link into a place."""
    return f"{settings.BASE_URL}/join/{sign_link(link)}/"


def _letter_name(link: MailedLink) -> str:
    if link.made_by == ASKED_BY_READER:
        return "new-member-link"
    return "first-member" if LinkPurpose(link.purpose) in FIRST_MEMBER_LINKS else "invitation"
