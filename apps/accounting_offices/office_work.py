"""What waits for an accounting office among its clients: addresses, and how many there are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.companies.models import Company
from apps.companies.rules import DELIVERABLE


@dataclass(frozen=True, slots=True)
class ClientCounts:
    """How many clients an office has on a day, how many without an address on file, how many whose address fails."""

    clients: int
    without_address: int
    undeliverable: int


def count_clients(*, office: AccountingOffice, on: date) -> ClientCounts:
    """Count an office's clients of a day, and those that no mail can reach; one query."""
    has_address = Q(company__contact_email__isnull=False)
    counts = (
        ClientLink.objects.holding(on)
        .filter(office=office)
        .aggregate(
            clients=Count("pk"),
            without_address=Count("pk", filter=~has_address),
            undeliverable=Count("pk", filter=has_address & ~Q(company__contact_email__state__in=DELIVERABLE)),
        )
    )
    return ClientCounts(**counts)


def list_undeliverable(*, office: AccountingOffice, on: date, but: Collection[UUID] = ()) -> QuerySet[Company]:
    """Return the office's clients of a day whose address on file mail does not reach, the newest failure first.

    `but` are left out.
    """
    clients = ClientLink.objects.holding(on).filter(office=office).values("company")
    failing = Company.objects.filter(pk__in=clients, contact_email__isnull=False)
    failing = (
        failing.exclude(uuid__in=but).exclude(contact_email__state__in=DELIVERABLE).select_related("contact_email")
    )
    return failing.order_by("-contact_email__undeliverable_at", "-id")
