"""The mails about a company's address on file; each function returns a message, a service hands it over."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.companies.models import Company, ContactChange
from apps.companies.rules import mask_address
from apps.core.clock import BRUSSELS
from apps.core.identifiers import format_enterprise_number
from apps.core.letters import Letter, compose
from apps.users.selectors import sign_link


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
            context=_of(company) | context,
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
            context=_of(company) | context,
        )
    )


def _of(company: Company) -> dict[str, Any]:
    return {
        "company_name": company.name,
        "enterprise_number": format_enterprise_number(company.enterprise_number),
    }
