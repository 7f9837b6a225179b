from datetime import datetime

import pytest
from django.test import Client

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from tests.factories import registry
from tests.portal.world import signed_in


@pytest.fixture
def office(db: None, now: datetime) -> AccountingOffice:
    registry.make_software(now)
    return registry.make_office(now)


@pytest.fixture
def company(office: AccountingOffice, now: datetime) -> Company:
    return registry.make_company(now, office=office)


@pytest.fixture
def accountant(office: AccountingOffice, now: datetime) -> Client:
    return browser_of(office, now)


def browser_of(office: AccountingOffice, now: datetime, *, language: str = "en") -> Client:
    """Return a browser in which a member of an office is signed in."""
    user = registry.make_user(f"member-of-{office.pk}@example.be", language=language)
    registry.make_member(now, user, office=office)
    return signed_in(user)


@pytest.fixture
def owner(company: Company, now: datetime) -> Client:
    return owner_of(company, now)


def owner_of(company: Company, now: datetime, *, language: str = "en") -> Client:
    """Return a browser in which an owner of a company is signed in."""
    user = registry.make_user(f"owner-of-{company.pk}@example.be", language=language)
    registry.make_member(now, user, company=company)
    return signed_in(user)
