"""A connection follows its company's client link: suspended when it ends, resumed by itself."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from apps.accounting_offices import services as offices
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.tokens.models import Connection
from apps.tokens.services.connections import follow_client_links
from tests.factories import registry
from tests.factories.wire import Software, make_document

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def connected(now: datetime, office: AccountingOffice) -> registry.Connected:
    return registry.connect(now, registry.make_company(now, office=office), registry.make_software(now))


def state() -> tuple[str, str]:
    row = Connection.objects.get()
    return row.state, row.suspension_code


def test_a_link_that_ends_suspends_and_a_new_one_resumes(
    now: datetime, office: AccountingOffice, connected: registry.Connected
) -> None:
    company = connected.company.uuid
    offices.end_client_link(link_uuid=ClientLink.objects.get().uuid, ends_on=TODAY, actor="t", now=now)
    follow_client_links(company_uuid=company, now=now)
    suspended = state()

    offices.start_client_link(
        company_uuid=company, office_uuid=office.uuid, client_code="", starts_on=TODAY, actor="t", now=now
    )
    follow_client_links(company_uuid=company, now=now)

    assert suspended == ("suspended", "no_accounting_office")
    assert state() == ("active", "")


def test_an_office_that_leaves_suspends_its_clients_and_one_that_returns_resumes_them(
    now: datetime, office: AccountingOffice, connected: registry.Connected, run_reactions: Callable[[], int]
) -> None:
    offices.end_office(office_uuid=office.uuid, actor="staff:1", now=now)
    run_reactions()
    software = Software.of(connected)
    refused = software.upload(make_document(connected.company))
    shown = software.get("connection/").json()
    suspended = state()

    offices.approve_office(office_uuid=office.uuid, actor="staff:1", now=now)
    run_reactions()

    assert suspended == ("suspended", "office_not_client")
    assert (refused.status_code, refused.json()["code"]) == (403, "connection_suspended")
    assert refused.json()["actor"] == "accounting_office"
    assert (shown["state"], shown["refusal"]["code"]) == ("suspended", "office_not_client")
    assert state() == ("active", "")
    after = software.get("connection/").json()
    assert (after["state"], after["refusal"]) == ("active", None)
    assert after["company"]["enterprise_number"] == f"BE{connected.company.enterprise_number}"


def test_a_link_written_to_end_later_suspends_on_its_day(now: datetime, connected: registry.Connected) -> None:
    link = ClientLink.objects.get()
    offices.end_client_link(link_uuid=link.uuid, ends_on=TODAY + timedelta(days=3), actor="t", now=now)

    assert follow_client_links(now=now) == 0
    assert follow_client_links(now=now + timedelta(days=3)) == 1
    assert follow_client_links(now=now + timedelta(days=3)) == 0
    assert state() == ("suspended", "no_accounting_office")


def test_a_revoked_connection_stays_revoked(now: datetime, connected: registry.Connected) -> None:
    from apps.tokens.services.connections import revoke_connection

    revoke_connection(connection_uuid=Connection.objects.get().uuid, actor="staff:1", now=now)
    offices.end_client_link(link_uuid=ClientLink.objects.get().uuid, ends_on=TODAY, actor="t", now=now)

    assert follow_client_links(now=now) == 0
    assert state()[0] == "revoked"
