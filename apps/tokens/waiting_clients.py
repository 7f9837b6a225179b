"""The clients of an accounting office whose connection waits for something that the office can do."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Min, Q

from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.rules import LinkState
from apps.companies.rules import DELIVERABLE
from apps.tokens.models import ConnectionRequest
from apps.tokens.rules import Check, RequestState

# What keeps a client of today from connecting, and what keeps one whose link is claimed or starts later.
_OF_CLIENTS: Final = (Check.EMAIL_KNOWN, Check.EMAIL_DELIVERABLE, Check.COMPANY_ACTIVE)
_OF_CLIENTS_TO_BE: Final = (Check.OFFICE_LINKED, Check.OFFICE_IS_CLIENT)


@dataclass(frozen=True, slots=True)
class WaitingClient:
    """A client that asked to be connected and was refused: by which software, why, since when."""

    uuid: UUID
    name: str
    enterprise_number: str
    softwares: list[str]
    code: str
    since: datetime

    @property
    def has_failing_address(self) -> bool:
        """Tell whether mail to its address on file comes back."""
        return self.code == Check.EMAIL_DELIVERABLE


def list_waiting_clients(*, office: AccountingOffice, on: date, at_most: int) -> list[WaitingClient]:
    """Return the clients that wait for this office, those that wait longest first; one query.

    One whose address was filled in or works again is left out at once: the worker frees it a moment later.
    """
    links = ClientLink.objects.filter(office=office)
    is_planned = Q(state=LinkState.CLAIMED) | Q(state=LinkState.CURRENT, starts_on__gt=on)
    waiting = ConnectionRequest.objects.filter(
        Q(company__in=links.holding(on).values("company"), refusal_code__in=_OF_CLIENTS)
        | Q(company__in=links.filter(is_planned).values("company"), refusal_code__in=_OF_CLIENTS_TO_BE),
        state=RequestState.WAITING,
    ).exclude(
        Q(refusal_code=Check.EMAIL_KNOWN, company__contact_email__isnull=False)
        | Q(refusal_code=Check.EMAIL_DELIVERABLE, company__contact_email__state__in=DELIVERABLE)
    )
    rows = (
        waiting.values_list("company__uuid", "company__name", "company__enterprise_number", "refusal_code")
        .annotate(since=Min("state_at"), softwares=ArrayAgg("software__name", order_by="software__name"))
        .order_by("since", "company__name")[:at_most]
    )
    return [
        WaitingClient(uuid, name, number, softwares, code, since) for uuid, name, number, code, since, softwares in rows
    ]
