"""Warning an address that gets codes by the hundred: one mail a day that says for whom, and what to do."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from apps.events import services as events
from apps.tokens import emails
from apps.tokens.models import AccessToken, AddressWarning
from apps.tokens.selectors import list_mails_to

PERIOD = timedelta(days=1)


def warn_busy_address(*, address: str, company_uuid: UUID, now: datetime) -> AddressWarning | None:
    """Warn an address that has just reached its limit of mails, once a day; returns the warning when it is due.

    Call it in the transaction that records a hand-over. The digest itself is the reaction to the event.
    """
    recent = AccessToken.objects.filter(sent_to__iexact=address, issued_at__gt=now - PERIOD)
    if recent.count() < settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY:
        return None
    if AddressWarning.objects.filter(address__iexact=address, warned_at__gt=now - PERIOD).exists():
        return None
    warning = AddressWarning.objects.create(address=address, warned_at=now)
    events.record(
        "address.limit_reached", subject_uuid=warning.uuid, company_uuid=company_uuid, actor="system", now=now
    )
    return warning


def send_address_warning(*, warning_uuid: UUID) -> None:
    """Hand over the digest. A crash after it repeats the same message, with the same Message-ID."""
    warning = AddressWarning.objects.get(uuid=warning_uuid)
    mails = list_mails_to(address=warning.address, since=warning.warned_at - PERIOD, until=warning.warned_at)
    emails.address_warning_mail(warning, mails).send()
