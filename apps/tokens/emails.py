"""The mails of the token lifecycle; each function returns a message, a task sends it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from apps.companies.emails import join_url
from apps.companies.models import Company
from apps.core.clock import BRUSSELS
from apps.core.identifiers import format_enterprise_number
from apps.core.letters import Letter, compose
from apps.tokens import secrets
from apps.tokens.checklist import list_checks
from apps.tokens.guidance import list_steps
from apps.tokens.links import sign_withdrawal
from apps.tokens.models import AccessToken, AddressWarning, ConnectionEnquiry, VendorApplication
from apps.tokens.rules import Check, MailsTo
from apps.users.rules import LinkPurpose
from apps.users.selectors import find_link_made_by


def enquiry_answer(
    enquiry: ConnectionEnquiry, company: Company, *, made: Sequence[tuple[Check, bool]]
) -> EmailMultiAlternatives:
    """Return the mail that answers "Can my company connect?", in the company's language."""
    with translation.override(company.language):
        checks = list_checks(made, number=company.enterprise_number)[: len(Check) - 1]
    link = enquiry.link
    return compose(
        Letter(
            name="enquiry",
            to=company.contact_email.address,
            language=company.language,
            uuid=enquiry.uuid,
            written_at=enquiry.asked_at,
            context={
                "company_name": company.name,
                "enterprise_number": format_enterprise_number(company.enterprise_number),
                "software_name": enquiry.software.name if enquiry.software else "",
                "asked_at": enquiry.asked_at.astimezone(BRUSSELS),
                "checks": checks,
                "failed": next((line for line in checks if line.is_failed), None),
                "join_url": join_url(link) if link else "",
                "join_until": link.expires_at.astimezone(BRUSSELS) if link else None,
            },
            metadata={"link": str(link.uuid)} if link else {},
        )
    )


def token_mail(token: AccessToken) -> EmailMultiAlternatives:
    """Return the mail that carries a token, in the company's language; the same bytes' worth each time."""
    company, software = token.company, token.software
    first_member = find_link_made_by(
        made_by=token.letter, purpose=LinkPurpose.COMPANY_FIRST_MEMBER, subject_uuid=company.uuid
    )
    with translation.override(company.language):
        steps = list_steps(slug=software.slug, software_name=software.name, site_name=settings.SITE_NAME)
    return compose(
        Letter(
            name="token",
            to=token.sent_to,
            language=company.language,
            uuid=token.uuid,
            written_at=token.issued_at,
            context={
                "token": secrets.derive_token(token.uuid, key=settings.TOKEN_KEY),
                "company_name": company.name,
                "enterprise_number": format_enterprise_number(company.enterprise_number),
                "software_name": software.name,
                "purpose": token.request.purpose,
                "overlap_hours": settings.CREDENTIAL_OVERLAP_HOURS,
                "steps": steps,
                "issued_at": token.issued_at.astimezone(BRUSSELS),
                "expires_at": token.expires_at.astimezone(BRUSSELS),
                "join_url": join_url(first_member) if first_member else "",
                "withdraw_url": f"{settings.BASE_URL}/requests/{sign_withdrawal(token.request.uuid)}/withdraw/",
            },
            metadata={"token": str(token.uuid)},
        )
    )


def address_warning_mail(warning: AddressWarning, mails: MailsTo) -> EmailMultiAlternatives:
    """Return the digest for an address that got so many codes that no more are sent today."""
    return compose(
        Letter(
            name="address-warning",
            to=warning.address,
            language=mails.language,
            uuid=warning.uuid,
            written_at=warning.warned_at,
            context={
                "count": mails.count,
                "companies": [(name, format_enterprise_number(number), n) for number, name, n in mails.companies],
                "more_companies": mails.more_companies,
                "again_at": (mails.oldest_at + timedelta(days=1)).astimezone(BRUSSELS),
            },
        )
    )


def vendor_receipt(application: VendorApplication) -> EmailMultiAlternatives:
    """Return the mail that says that a maker's application arrived.

    Anybody can have it sent to any address, so it holds no text that its sender wrote.
    """
    return compose(
        Letter(
            name="vendor-receipt",
            to=application.email,
            language=application.language,
            uuid=application.uuid,
            written_at=application.applied_at,
            context={"applied_at": application.applied_at.astimezone(BRUSSELS), "sandbox_url": settings.OTHER_BASE_URL},
        )
    )


def vendor_refusal(application: VendorApplication, *, decided_at: datetime) -> EmailMultiAlternatives:
    """Return the mail that says why a maker's application was refused."""
    return compose(
        Letter(
            name="vendor-refused",
            to=application.email,
            language=application.language,
            # The receipt has the application's own.
            uuid=uuid5(application.uuid, application.state),
            written_at=decided_at,
            context={
                "applied_at": application.applied_at.astimezone(BRUSSELS),
                "software_name": application.software_name,
                "reason": application.reason,
            },
        )
    )
