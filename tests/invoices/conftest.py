"""A client of an office whose software sends invoices."""

from datetime import datetime

import pytest

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from tests.factories import registry
from tests.factories.wire import Software


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def company(now: datetime, office: AccountingOffice) -> Company:
    return registry.make_company(now, office=office)


@pytest.fixture
def software(now: datetime, company: Company) -> Software:
    return Software.of(registry.connect(now, company, registry.make_software(now)))
