"""An office with a connected client, whose invoices go somewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.companies.models import Company
from apps.delivery.models import Destination
from apps.delivery.pushing import push
from apps.invoices.models import Invoice
from tests.conftest import NOW, react
from tests.factories import registry
from tests.factories.registry import Connected
from tests.factories.wire import Software, make_document


@dataclass
class Firm:
    """An office, its client `K100`, and what is done in their names."""

    office: AccountingOffice
    company: Company
    software: Software
    now: datetime
    run_reactions: Callable[[], int]

    def send_invoice(self, number: str = "2026-0117", **facts: Any) -> Invoice:
        """Upload an invoice, or a correction of it, and let it be judged and delivered."""
        answer = self.software.upload(make_document(self.company, number=number, **facts))
        assert answer.status_code == 201, answer.content
        self.run_reactions()
        return Invoice.objects.get(company=self.company, number=number)

    def push(self, destination: Destination, *, after: timedelta = timedelta(seconds=30)) -> int:
        """Do what a worker does at a destination, so long after now."""
        return push(destination_id=destination.pk, read_clock=lambda: self.now + after)


@pytest.fixture
def firm(db: None, now: datetime, tasks: None) -> Firm:
    return firm_of(*make_office_and_client(now))


def make_office_and_client(now: datetime) -> tuple[AccountingOffice, Connected]:
    """Make an office and its connected client."""
    office = registry.make_office(now)
    company = registry.make_company(now, office=office)
    ClientLink.objects.filter(company=company).update(client_code="K100", starts_on=date(2020, 1, 1))
    connected = registry.connect(now, company, registry.make_software(now))
    react()
    return office, connected


def firm_of(office: AccountingOffice, client: Connected) -> Firm:
    """Return what is done in their names."""
    return Firm(office, client.company, Software.of(client), NOW, react)
