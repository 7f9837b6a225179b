"""The mails by which people get access to a place, and those about a company's address on file; tasks send them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.companies.models import Company, ContactChange
from apps.companies.rules import mask_address
from apps.core.clock import BRUSSELS
from apps.core.identifiers import format_enterprise_number
from apps.core.letters import Letter, compose
from apps.users.models import MailedLink
from apps.users.rules import ASKED_BY_READER, FIRST_MEMBER_LINKS, LinkPurpose
from apps.users.selectors import sign_link


@dataclass(frozen=True, slots=True)
class Place:
    """What a link leads into: `company`, `office` or `vendor`, which has no number, and how its people call it."""

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
                "enterprise_number": format_enterprise_number(place.enterprise_number)
                if place.enterprise_number
                else "",
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


def contact_confirmation(change: ContactChange, company: Company) -> EmailMultiAlternatives:
    """Return the mail by whose link the reader of the new address confirms it."""
    link = change.link
    context = {
        "url": f"{settings.BASE_URL}/confirm-address/{sign_link(link)}/",
        "expires_at": link.expires_at.astimezone(BRUSSELS),
    }
    return compose(
        Letter(
            name="contact-confirmation",
            to=link.address,
            language=link.language,
            uuid=link.uuid,
            written_at=link.made_at,
            context=_names_of(company) | context,
            metadata={"link": str(link.uuid)},
        )
    )


def contact_notice(change: ContactChange, company: Company) -> EmailMultiAlternatives:
    """Return the mail that tells the reader of the address until now of the change that was asked."""
    context = {"asked_at": change.asked_at.astimezone(BRUSSELS), "masked_address": mask_address(change.link.address)}
    return compose(
        Letter(
            name="contact-notice",
            to=change.former_address,
            language=company.language,
            uuid=change.uuid,
            written_at=change.asked_at,
            context=_names_of(company) | context,
        )
    )


def _names_of(company: Company) -> dict[str, Any]:
    return {
        "company_name": company.name,
        "enterprise_number": format_enterprise_number(company.enterprise_number),
    }
