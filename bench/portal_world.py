"""Two accounting offices, one with 100 clients and invoices and one with 100,000, and somebody who is in both."""

from datetime import datetime, timedelta
from typing import Final

from django.test import Client

from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.invoices.models import Invoice
from bench.databases import run_as_owner
from tests.factories import registry

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
     state, received_at, accepted_at, payment_state, office_state, changed_at)
SELECT gen_random_uuid(), company.id, %s, 'invoice', 'F-' || lpad(n::text, 6, '0'), '2026-01-02', 2026, '2026-02-02',
    'EUR', total.total, 0, total.total, total.total,
    {_NAMES} || ' klant ' || CASE WHEN n %% %s = 0 THEN 'Zeldzaam' ELSE substr(md5(n::text), 1, 6) END,
    '', '', 1, 'accepted', %s::timestamptz - n * interval '20 seconds', %s,
    CASE WHEN n %% 5 < 4 THEN 'open' ELSE 'paid' END,
    CASE WHEN n %% %s = 1 THEN 'questioned' WHEN n %% 10 = 9 THEN 'booked' ELSE 'unseen' END, %s
FROM generate_series(0, %s) n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM companies_company WHERE enterprise_number LIKE %s)
    AS company ON company.number = CASE WHEN n %% 10 < 6 AND %s = 100 THEN 1 ELSE n %% %s END
CROSS JOIN LATERAL (SELECT CASE WHEN n %% %s = 0 THEN 4711.11 ELSE 10 + n %% 4000 END AS total) AS total
"""
_DELIVERIES: Final = """
INSERT INTO delivery_delivery (invoice_id, office_id, channel, state, state_at, delivered_at, fetched_at)
SELECT id, %s, 'inbox', CASE WHEN id %% 10 < 8 THEN 'delivered' ELSE 'fetched' END, received_at, received_at,
    CASE WHEN id %% 10 < 8 THEN NULL ELSE received_at END
FROM invoices_invoice WHERE office_id IS NULL ORDER BY id
"""


def make_world(now: datetime) -> tuple[dict[int, AccountingOffice], Client]:
    """Make the offices by size, and a browser in which a member of both is signed in."""
    software_id = registry.make_software(now).software.pk
    user = registry.make_user("accountant@example.be")
    offices = {}
    for size in (SMALL, LARGE):
        offices[size] = office = registry.make_office(now, name=f"Kantoor {size}")
        registry.make_member(now, user, office=office)
        _fill(office, size, software_id, now)
    run_as_owner("VACUUM ANALYZE")
    for size, office in offices.items():
        assert ClientLink.objects.filter(office=office).count() == size
        assert Invoice.objects.filter(office=office).count() == size
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    return offices, browser


def _fill(office: AccountingOffice, size: int, software_id: int, now: datetime) -> None:
    every = _every(size)
    first = 100_000_000 if size == SMALL else 200_000_000
    ours = f"1{str(first)[0]}%"
    run_as_owner(_COMPANIES, first, every, now, size - 1)
    run_as_owner(_ADDRESSES, now, ours, every)
    run_as_owner(_CONNECTIONS, software_id, now, ours)
    run_as_owner(_REQUESTS, software_id, now, now, now + timedelta(days=90), ours, every)
    run_as_owner(_LINKS, office.pk, now, ours)
    clients = min(size, _CLIENTS_WITH_INVOICES)
    run_as_owner(
        _INVOICES, software_id, every, now, now, every, now, size - 1, ours, size, clients, every
    )  # fmt: skip
    run_as_owner(_DELIVERIES, office.pk)


def _every(size: int) -> int:
    return size // _RARE
