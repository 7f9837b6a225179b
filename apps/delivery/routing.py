"""Which destinations a document goes to, and why: the office's own, or its client's instead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import Q

from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.selectors import link_in_force
from apps.companies.models import Company
from apps.delivery.archives import safe_name
from apps.delivery.models import Destination
from apps.delivery.rules import OUT_FOLDER, DestinationState

# What comes while a destination is paused waits for it.
COUNTING: Final = (DestinationState.ACTIVE, DestinationState.PAUSED)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a document of a company's of a day goes. Without an office that day it waits, and nothing is sent.

    `replaced` are the office's destinations that a client's own one replaces; `has_no_code` says that the client
    has no code, so that its enterprise number names its folder.
    """

    company: Company
    on: date
    office: AccountingOffice | None
    link: ClientLink | None
    destinations: Sequence[Destination]
    replaced: Sequence[Destination]

    @property
    def folder(self) -> str:
        """Return the folder on a server into which the document goes."""
        code = self.link.client_code if self.link else ""
        return f"{safe_name(code or self.company.enterprise_number)}/{self.on.year:04d}/{OUT_FOLDER}/"

    @property
    def has_no_code(self) -> bool:
        """Tell whether the office has given the client no code."""
        return self.link is not None and not self.link.client_code


def choose_destinations(destinations: Iterable[Destination]) -> tuple[list[Destination], list[Destination]]:
    """Split the destinations of an office and of one client into those that count and those that are replaced.

    A client's own destinations of a channel replace the office's of that channel, and no other.
    """
    found = list(destinations)
    own_channels = {row.channel for row in found if row.company_id is not None}
    replaced = [row for row in found if row.company_id is None and row.channel in own_channels]
    return [row for row in found if row not in replaced], replaced


def find_destinations(*, office: AccountingOffice, company: Company) -> tuple[list[Destination], list[Destination]]:
    """Return where an office wants a client's documents, and what a client's own destination replaces; one query."""
    rows = Destination.objects.filter(Q(company=None) | Q(company=company), office=office, state__in=COUNTING)
    return choose_destinations(rows.order_by("id"))


def find_route(*, company: Company, on: date, office: AccountingOffice) -> Route:
    """Return where the next document of a company, dated on a day, goes, as far as an office may see it.

    Another office's destinations are never told: the route then has no office.
    """
    link = link_in_force(company=company, on=on)
    if link is None or link.office_id != office.pk:
        return Route(company, on, None, None, (), ())
    chosen, replaced = find_destinations(office=office, company=company)
    return Route(company, on, office, link, chosen, replaced)
