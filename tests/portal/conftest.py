from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from apps.accounting_offices.models import AccountingOffice
from tests.factories import registry
from tests.portal.world import World, build, signed_in


@pytest.fixture
def world(db: None, now: datetime, run_reactions: Callable[[], int]) -> World:
    return build(now, run_reactions)


@pytest.fixture
def office(db: None, now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def accountant(office: AccountingOffice, now: datetime) -> Client:
    user = registry.make_user("accountant@example.be")
    registry.make_member(now, user, office=office)
    return signed_in(user)
