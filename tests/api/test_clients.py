"""What an accounting office's own software may know: the office, and its clients."""

from datetime import date, datetime
from typing import Any

import pytest

from apps.accounting_offices.models import AccountingOffice
from apps.companies import services as companies
from apps.companies.models import Company
from apps.tokens.services.office_access import give_office_credentials
from tests.factories import registry
from tests.factories.wire import Software

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


@pytest.fixture
def client_company(now: datetime, office: AccountingOffice) -> Company:
    return registry.make_company(now, office=office)


def reader_of(office: AccountingOffice, now: datetime) -> Software:
    pair = give_office_credentials(office_uuid=office.uuid, password=None, actor="test", now=now)
    reader = Software("", *pair)
    reader.headers.pop("X-Software-Company")
    return reader


def test_an_office_reads_itself_and_its_clients(
    now: datetime, office: AccountingOffice, client_company: Company, django_assert_num_queries: Any
) -> None:
    account = registry.make_account(now, client_company)
    for _ in range(3):
        registry.make_account(now, registry.make_company(now, office=office))
    registry.make_company(now, office=registry.make_office(now, name="Ander"))
    reader = reader_of(office, now)
    fiduciaries = reader.get("fiduciaries/").json()

    with django_assert_num_queries(4):
        clients = reader.get("clients").json()

    assert [row["id"] for row in fiduciaries] == [str(office.uuid)]
    assert reader.get(f"fiduciaries/{office.uuid}/").json() == fiduciaries[0]
    assert len(clients) == 4
    assert clients[0] == reader.get(f"clients/{client_company.uuid}/").json()
    feed = reader.get("delivery/pod-client/").json()["feed_clients"][0]
    assert (clients[0]["id"], clients[0]["client_code"]) == (feed["client_id"], feed["client_code"])
    assert clients[0]["legal_entity"]["enterprise_num"] == f"BE{client_company.enterprise_number}"
    assert clients[0]["coda_mandates"][0]["validity_start"] == "2020-01-01"
    assert clients[0]["coda_mandates"][0]["state_modified_at"] == "2026-11-25T09:30:00"
    assert clients[0]["bank_accounts"][0]["iban"] == account.iban


def test_a_client_is_found_by_any_spelling_of_its_number_and_by_a_former_one(
    now: datetime, office: AccountingOffice, client_company: Company
) -> None:
    number, reader = client_company.enterprise_number, reader_of(office, now)
    other = registry.make_company(now, office=registry.make_office(now, name="Ander"))
    spelled = f"BE {number[:4]}.{number[4:7]}.{number[7:]}"

    assert [row["id"] for row in reader.get(f"clients/?vat={spelled}").json()] == [str(client_company.uuid)]
    assert reader.get(f"clients/?vat={other.enterprise_number}").json() == []
    assert reader.get("clients/?vat=0123456748").json()["code"] == "vat_invalid"
    companies.correct_company_number(
        company_uuid=client_company.uuid, enterprise_number=registry.enterprise_number(),
        valid_from=date(2026, 1, 1), actor="test", now=now,
    )  # fmt: skip
    assert [row["id"] for row in reader.get(f"clients/?vat={number}").json()] == [str(client_company.uuid)]


def test_others_find_nothing(now: datetime, office: AccountingOffice, client_company: Company) -> None:
    software = Software.of(registry.connect(now, client_company, registry.make_software(now)))
    stranger = reader_of(registry.make_office(now, name="Ander"), now)

    answers = [software.get(path) for path in ("fiduciaries/", "clients/", f"clients/{client_company.uuid}/")]
    answers += [stranger.get(f"clients/{client_company.uuid}/"), stranger.get(f"fiduciaries/{office.uuid}")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 5
    assert stranger.get("clients/").json() == []
