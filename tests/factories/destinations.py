"""Where documents are taken, confirmed as in life."""

from datetime import datetime
from itertools import count

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.delivery.destinations import add_mail_destination, confirm_address
from apps.delivery.models import Destination
from apps.delivery.rules import Channel
from apps.delivery.servers import Server, add_server
from apps.users.models import MailedLink

_mailboxes, _accounts = count(1), count(1)


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


def make_server(now: datetime, office: AccountingOffice, *, password: str = "") -> Destination:
    """Make a destination on a server whose key nobody looked at yet."""
    server = Server("sftp.example.be", 2222, f"kantoor{next(_accounts)}", "in/boekhouding", password)
    return add_server(office=office, company=None, server=server, actor="t", now=now)
