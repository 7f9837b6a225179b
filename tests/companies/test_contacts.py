"""The address on file."""

from datetime import datetime, timedelta

import pytest

from apps.companies.rules import ContactState
from apps.companies.services import put_contact_on_file, set_contact_state
from apps.events.models import Event
from tests.factories import registry

pytestmark = pytest.mark.django_db
LATER = timedelta(days=1)


def test_the_same_address_again_keeps_its_verification(now: datetime) -> None:
    company = registry.make_company(now, email="zaak@example.be")
    set_contact_state(company_uuid=company.uuid, state=ContactState.VERIFIED, actor="t", now=now)
    before = Event.objects.count()

    contact = put_contact_on_file(company_uuid=company.uuid, address=" zaak@example.be", actor="t", now=now + LATER)

    assert (contact.state, contact.verified_at, Event.objects.count()) == ("verified", now, before)


def test_the_same_address_again_is_a_way_to_say_that_it_works_again(now: datetime) -> None:
    company = registry.make_company(now, email="zaak@example.be")
    set_contact_state(company_uuid=company.uuid, state=ContactState.BOUNCED, actor="t", now=now)

    contact = put_contact_on_file(company_uuid=company.uuid, address="zaak@example.be", actor="t", now=now + LATER)

    assert (contact.state, contact.undeliverable_at) == ("on_file", None)


def test_another_address_takes_the_place_of_a_verified_one_unverified(now: datetime) -> None:
    company = registry.make_company(now, email="zaak@example.be")
    set_contact_state(company_uuid=company.uuid, state=ContactState.VERIFIED, actor="t", now=now)

    contact = put_contact_on_file(company_uuid=company.uuid, address="nieuw@example.be", actor="t", now=now + LATER)

    assert (contact.address, contact.state, contact.verified_at) == ("nieuw@example.be", "on_file", None)
