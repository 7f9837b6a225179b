"""The mails about an office's application; each function returns a message, a service hands it over."""

from datetime import datetime
from typing import Any
from uuid import uuid5

from django.core.mail import EmailMultiAlternatives

from apps.accounting_offices.models import OfficeApplication
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


def _of(application: OfficeApplication) -> dict[str, Any]:
    return {
        "enterprise_number": format_enterprise_number(application.enterprise_number),
        "applied_at": application.applied_at.astimezone(BRUSSELS),
    }
