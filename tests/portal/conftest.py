from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from apps.accounting_offices.models import AccountingOffice
from tests.conftest import NOW, react
from tests.factories import registry
from tests.portal.world import World, build, signed_in
from tests.support.kept import Keep, Kept


@pytest.fixture(scope="module")
def kept_world(keep: Keep[World]) -> Kept[World]:
    return keep(lambda: build(NOW, react))


@pytest.fixture
def world(kept_world: Kept[World], db: None, settings: Any) -> World:
    return kept_world.give(settings.BLOB_DIR)


@pytest.fixture
def office(db: None, now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def accountant(office: AccountingOffice, now: datetime) -> Client:
    user = registry.make_user("accountant@example.be")
    registry.make_member(now, user, office=office)
    return signed_in(user)
