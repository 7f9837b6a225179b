"""Two accounting offices, one with 100 clients and invoices and one with 100,000; two companies, one with 100 invoices
and movements and one with 100,000; and somebody who is in all four.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.test import Client

from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.companies.models import Company
from apps.invoices.models import Invoice
from apps.statements.models import Movement
from bench.databases import run_as_owner
from tests.factories import registry
from tests.factories.movements import book, draft

SMALL: Final = 100
LARGE: Final = 100_000
# So many rows are rare in either office: a page of them, and no more.
_RARE: Final = 50
_CLIENTS_WITH_INVOICES: Final = 400
_NAMES: Final = "(ARRAY['Garage', 'Garage', 'Garage', 'Bakkerij', 'Studio'])[1 + n %% 5]"

_COMPANIES: Final = f"""
INSERT INTO companies_company (uuid, enterprise_number, name, language, is_vat_liable, state, created_at)
SELECT gen_random_uuid(), '1' || lpad((%s + n)::text, 9, '0'),
    substr(md5(n::text), 1, 8) || ' ' || {_NAMES} || CASE WHEN n %% %s = 0 THEN ' Zeldzaam' ELSE '' END,
    'nl', true, 'active', %s
FROM generate_series(0, %s) n
"""
_ADDRESSES: Final = """
INSERT INTO companies_contactemail (uuid, company_id, address, state, on_file_at)
SELECT gen_random_uuid(), id, 'zaak' || id || '@example.be', 'on_file', %s
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM companies_company WHERE enterprise_number LIKE %s) c
WHERE n %% %s <> 0
"""
_CONNECTIONS: Final = """
INSERT INTO tokens_connection (uuid, company_id, software_id, state, activated_at, suspension_code)
SELECT gen_random_uuid(), id, %s, 'active', %s, ''
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM companies_company WHERE enterprise_number LIKE %s) c
WHERE n %% 2 = 0 OR n %% 10 < 6
"""
_REQUESTS: Final = """
INSERT INTO tokens_connectionrequest
    (uuid, software_id, enterprise_number, company_id, state, purpose, refusal_code, requested_at, state_at,
     expires_at, closing_message)
SELECT gen_random_uuid(), %s, enterprise_number, id, 'waiting', 'connect', 'email_unknown', %s, %s, %s, ''
FROM (SELECT id, enterprise_number, row_number() OVER (ORDER BY id) - 1 AS n FROM companies_company
      WHERE enterprise_number LIKE %s) c
WHERE n %% %s = 1
"""
_LINKS: Final = """
INSERT INTO accounting_offices_clientlink
    (uuid, company_id, office_id, client_code, state, claimed_at, starts_on, objection, refusal)
SELECT gen_random_uuid(), id, %s, 'K' || lpad(n::text, 4, '0'), 'current', %s, '2020-01-01', '', ''
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM companies_company WHERE enterprise_number LIKE %s) c
"""
_INVOICES: Final = f"""
INSERT INTO invoices_invoice
    (uuid, company_id, software_id, document_type, number, issue_date, issue_year, due_date, currency, net_amount,
     vat_amount, total_amount, payable_amount, customer_name, customer_number, structured_communication, version,
     state, received_at, accepted_at, rejected_at, payment_state, office_state, changed_at)
SELECT gen_random_uuid(), company.id, %(software)s, 'invoice', 'F-' || lpad(n::text, 6, '0'), received.at::date,
    extract(year FROM received.at::date), received.at::date + CASE WHEN n %% %(every)s = 0 THEN -1 ELSE 30 END,
    'EUR', total.total, 0, total.total, total.total,
    {_NAMES} || ' klant ' || CASE WHEN n %% %(every)s = 0 THEN 'Zeldzaam' ELSE substr(md5(n::text), 1, 6) END,
    '', '', 1, state.state, received.at, CASE state.state WHEN 'accepted' THEN received.at END,
    CASE state.state WHEN 'rejected' THEN received.at END,
    CASE WHEN n %% 5 < 4 OR n %% %(every)s = 0 OR state.state = 'rejected' THEN 'open' ELSE 'paid' END,
    CASE WHEN n %% %(every)s = 1 THEN 'questioned' WHEN n %% 10 = 9 THEN 'booked' ELSE 'unseen' END, received.at
FROM generate_series(0, %(last)s) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM companies_company
      WHERE enterprise_number LIKE %(ours)s) AS company
    ON company.number = CASE WHEN n %% 10 < 6 AND %(clients)s = 100 THEN 1 ELSE n %% %(clients)s END
CROSS JOIN LATERAL (SELECT %(now)s::timestamptz - n * interval '20 seconds' AS at) AS received
CROSS JOIN LATERAL (SELECT CASE WHEN n %% %(every)s = 0 THEN 4711.11 ELSE 10 + n %% 4000 END AS total) AS total
CROSS JOIN LATERAL (SELECT CASE WHEN %(refuses)s AND n %% %(every)s = 1 THEN 'rejected' ELSE 'accepted' END AS state)
    AS state
"""
_MOVEMENTS: Final = f"""
INSERT INTO statements_movement
    (uuid, statement_id, ordinal, sequence, detail, is_money, amount, currency, entry_on, value_on, transaction_code,
     counterparty_name, counterparty_iban, counterparty_bic, structured_communication, communication,
     customer_reference, bank_reference, return_type)
SELECT gen_random_uuid(), %(statement_id)s, 1000 + n, 1 + n, 0, true,
    CASE n %% %(every)s WHEN 0 THEN 4711.11 WHEN 1 THEN -10 - n %% 4000 ELSE 10 + n %% 4000 END, 'EUR',
    (%(now)s::timestamptz - n * interval '20 seconds')::date, NULL, '00150000',
    {_NAMES} || ' klant ' || CASE WHEN n %% %(every)s = 0 THEN 'Zeldzaam' ELSE substr(md5(n::text), 1, 6) END,
    CASE WHEN n %% %(every)s = 0 THEN 'BE71096123456769' ELSE 'BE' || lpad((n * 7919)::text, 14, '2') END, '', '',
    'Betaling factuur F-' || lpad(n::text, 6, '0') || ' klant ' || substr(md5((n + 1)::text), 1, 8) || ' met dank',
    '', '', ''
FROM generate_series(0, %(last)s) n
"""
_DELIVERIES: Final = """
INSERT INTO delivery_delivery (invoice_id, office_id, channel, state, state_at, delivered_at, fetched_at)
SELECT id, %s, 'inbox', CASE WHEN id %% 10 < 8 THEN 'delivered' ELSE 'fetched' END, received_at, received_at,
    CASE WHEN id %% 10 < 8 THEN NULL ELSE received_at END
FROM invoices_invoice WHERE office_id IS NULL AND state = 'accepted' ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class World:
    """The offices and the companies by size, and a browser in which a member of all of them is signed in."""

    offices: Mapping[int, AccountingOffice]
    companies: Mapping[int, Company]
    browser: Client


def make_world(now: datetime) -> World:
    """Make a world and check that it is as large as it says."""
    software_id = registry.make_software(now).software.pk
    user = registry.make_user("accountant@example.be")
    offices = {size: registry.make_office(now, name=f"Kantoor {size}") for size in (SMALL, LARGE)}
    elsewhere = registry.make_office(now, name="Ander kantoor")
    companies = {size: registry.make_company(now, name=f"Zaak {size}", office=elsewhere) for size in (SMALL, LARGE)}
    for size, office in offices.items():
        registry.make_member(now, user, office=office)
        _fill_office(office, size, software_id, now)
    for size, company in companies.items():
        registry.make_member(now, user, company=company)
        _fill_company(company, elsewhere, size, software_id, now)
    run_as_owner("VACUUM ANALYZE")
    for size in (SMALL, LARGE):
        assert ClientLink.objects.filter(office=offices[size]).count() == size
        assert Invoice.objects.filter(office=offices[size]).count() == size
        assert Invoice.objects.filter(company=companies[size]).count() == size
        assert Movement.objects.filter(company=companies[size]).count() == size
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    return World(offices, companies, browser)


def _fill_office(office: AccountingOffice, size: int, software_id: int, now: datetime) -> None:
    every = size // _RARE
    first = 100_000_000 if size == SMALL else 200_000_000
    ours = f"1{str(first)[0]}%"
    run_as_owner(_COMPANIES, first, every, now, size - 1)
    run_as_owner(_ADDRESSES, now, ours, every)
    run_as_owner(_CONNECTIONS, software_id, now, ours)
    run_as_owner(_REQUESTS, software_id, now, now, now + timedelta(days=90), ours, every)
    run_as_owner(_LINKS, office.pk, now, ours)
    clients = min(size, _CLIENTS_WITH_INVOICES)
    _add_invoices(office, ours, size, software_id, now, clients=clients, refuses=False)


def _fill_company(company: Company, office: AccountingOffice, size: int, software_id: int, now: datetime) -> None:
    _add_invoices(office, company.enterprise_number, size, software_id, now, clients=1, refuses=True)
    account = registry.make_account(now, company)
    (only,) = book(now, account, draft("1.00"))
    run_as_owner("DELETE FROM statements_movement WHERE id = %s", only.pk)
    run_as_owner(_MOVEMENTS, statement_id=only.statement_id, every=size // _RARE, last=size - 1, now=now)


def _add_invoices(
    office: AccountingOffice, ours: str, size: int, software_id: int, now: datetime, *, clients: int, refuses: bool
) -> None:
    run_as_owner(
        _INVOICES, software=software_id, every=size // _RARE, last=size - 1, ours=ours, clients=clients, now=now,
        refuses=refuses,
    )  # fmt: skip
    run_as_owner(_DELIVERIES, office.pk)
