"""The mails about an office's application and its claims; each function returns a message, a service hands it over."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from apps.accounting_offices.models import AccountingOffice, ClientLink, OfficeApplication
from apps.accounting_offices.rules import ApplicationState
from apps.core.clock import BRUSSELS
from apps.core.identifiers import format_enterprise_number
from apps.core.letters import Letter, compose


def application_receipt(application: OfficeApplication) -> EmailMultiAlternatives:
    """Return the mail that says that an application arrived; it tells nothing of what is known of the office.

    Anybody can have it sent to any address, so it holds no text that its sender wrote.
    """
    return compose(
        Letter(
            name="application-receipt",
            to=application.email,
            language=application.language,
            uuid=application.uuid,
            written_at=application.applied_at,
            context=_of(application),
        )
    )


def application_decision(application: OfficeApplication, *, decided_at: datetime) -> EmailMultiAlternatives:
    """Return the mail that says that an office is a client, or why its application was declined."""
    is_approved = application.state == ApplicationState.APPROVED
    return compose(
        Letter(
            name="application-approved" if is_approved else "application-declined",
            to=application.email,
            language=application.language,
            # The receipt has the application's own.
            uuid=uuid5(application.uuid, application.state),
            written_at=decided_at,
            context=_of(application) | {"office_name": application.name, "reason": application.reason},
        )
    )


def claims_notice(present: AccountingOffice, claims: Sequence[ClientLink], *, listed: int) -> EmailMultiAlternatives:
    """Return the mail that tells an office that another one asks to take over some of its clients."""
    first = claims[0]
    return compose(
        Letter(
            name="claims",
            to=present.email,
            language=present.language,
            uuid=uuid5(first.uuid, "claims"),
            written_at=first.claimed_at,
            context={
                "count": len(claims),
                "office_name": first.office.name,
                "companies": [_company_of(claim) | {"claimed_from": claim.claimed_from} for claim in claims[:listed]],
                "more_companies": max(0, len(claims) - listed),
                "clients_url": _clients_url(present),
            },
        )
    )


def transfer_confirmed(link: ClientLink, *, written_at: datetime) -> EmailMultiAlternatives:
    """Return the mail that tells a claiming office from which day it keeps a company's books."""
    return _of_claim(link, "transfer-confirmed", link.office.email, link.office.language, written_at)


def claim_refused(link: ClientLink, *, written_at: datetime) -> EmailMultiAlternatives:
    """Return the mail that tells a claiming office that its claim was refused, and why."""
    return _of_claim(link, "claim-refused", link.office.email, link.office.language, written_at)


def office_changes(link: ClientLink, address: str, *, written_at: datetime) -> EmailMultiAlternatives:
    """Return the mail that tells a company which office keeps its books from which day."""
    return _of_claim(link, "office-changes", address, link.company.language, written_at)


def _of_claim(link: ClientLink, name: str, to: str, language: str, written_at: datetime) -> EmailMultiAlternatives:
    return compose(
        Letter(
            name=name,
            to=to,
            language=language,
            uuid=uuid5(link.uuid, name),
            written_at=written_at,
            context=_company_of(link)
            | {
                "office_name": link.office.name,
                "starts_on": link.starts_on,
                "refusal": link.refusal,
                "clients_url": _clients_url(link.office),
            },
        )
    )


def _company_of(link: ClientLink) -> dict[str, Any]:
    number = format_enterprise_number(link.company.enterprise_number)
    return {"company_name": link.company.name, "enterprise_number": number}


def _clients_url(office: AccountingOffice) -> str:
    return f"{settings.BASE_URL}/offices/{office.uuid}/clients/"


def _of(application: OfficeApplication) -> dict[str, Any]:
    return {
        "enterprise_number": format_enterprise_number(application.enterprise_number),
        "applied_at": application.applied_at.astimezone(BRUSSELS),
    }
