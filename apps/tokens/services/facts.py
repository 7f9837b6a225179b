"""What the checks of a request look at, read from the registry."""

from datetime import datetime, timedelta
from typing import Final

from apps.accounting_offices.rules import OfficeState
from apps.accounting_offices.selectors import office_in_force
from apps.companies.models import Company
from apps.companies.rules import CompanyState
from apps.core.clock import brussels_day
from apps.tokens.models import AccessToken
from apps.tokens.rules import Facts

MAIL_SILENCE: Final = timedelta(minutes=5)


def gather_facts(company: Company | None, now: datetime) -> Facts:
    """Return what the checks look at for a company, or for a number that nobody knows."""
    contact = getattr(company, "contact_email", None) if company else None
    office = office_in_force(company=company, on=brussels_day(now)) if company else None
    return Facts(
        is_company_known=company is not None,
        is_company_active=company is not None and company.state == CompanyState.ACTIVE,
        has_office=office is not None,
        is_office_client=office is not None and office.state == OfficeState.CLIENT,
        has_email=contact is not None,
        is_email_deliverable=contact is not None and contact.is_deliverable,
        is_mail_available=_is_mail_available(now),
    )


def _is_mail_available(now: datetime) -> bool:
    """Not: all hand-overs of the last five minutes failed (product page, check 11)."""
    since = now - MAIL_SILENCE
    if not AccessToken.objects.filter(mail_failed_at__gt=since).exists():
        return True
    return AccessToken.objects.filter(mailed_at__gt=since).exists()
