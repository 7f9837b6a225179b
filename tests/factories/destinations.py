"""Where documents are taken, confirmed as in life."""

from datetime import datetime
from itertools import count

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.delivery.destinations import add_mail_destination, confirm_address
from apps.delivery.models import Destination
from apps.delivery.rules import Channel
from apps.users.models import MailedLink

_mailboxes = count(1)


def make_mailbox(
    now: datetime,
    office: AccountingOffice,
    *,
    company: Company | None = None,
    channel: Channel = Channel.EMAIL,
    address: str = "",
    is_confirmed: bool = True,
) -> Destination:
    """Make a destination by mail; its reader has followed the link unless said otherwise."""
    destination = add_mail_destination(
        office=office,
        company=company,
        channel=channel,
        address=address or f"facturen{next(_mailboxes)}@example.be",
        actor="t",
        now=now,
    )
    if not is_confirmed:
        return destination
    link = MailedLink.objects.get(subject_uuid=destination.uuid, used_at=None)
    return confirm_address(link_uuid=link.uuid, now=now)
