"""The group `search`: a page of what a search found among 10,000 invoices and among 1,000,000.

Two offices and two companies in one database, each office with the invoices of one of the companies: the search is
asked for in the office's inbox and in the company's own list. What it finds fills a page in both sizes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import connections
from django.test import Client

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core import clock
from apps.invoices.models import Invoice
from bench.databases import fresh_database, name_for, run_as_owner
from bench.pages import check, compare
from bench.report import Goal, Report
from bench.rounds import Stopwatch
from tests.factories import registry

SMALL: Final = 10_000
LARGE: Final = 1_000_000
GOAL: Final = Goal("<=", 1.5)
# So many rows are rare in either size.
_RARE: Final = 100
_SEARCHES: Final[Mapping[str, str]] = {
    "no search": "?",
    "a rare word": "?q=dakgoten",
    "the beginning of a rare word": "?q=dakgo",
    "a word of half of them": "?q=herstelling",
    "a word of all and a rare one": "?q=klant+dakgoten",
    "two words, each in one of two": "?q=herstelling+montage",
    "the beginning of a number": "?q=F-00001",
    "a rare customer": "?q=zeldzaam",
    "an amount": "?q=4711,11",
}
_PERIODS: Final = {"inbox": "&received=30-days", "invoices": "&issued=30-days"}
_INVOICES: Final = """
INSERT INTO invoices_invoice
    (uuid, company_id, software_id, document_type, number, issue_date, issue_year, due_date, currency, net_amount,
     vat_amount, total_amount, payable_amount, customer_name, customer_number, structured_communication, version,
     state, received_at, accepted_at, payment_state, office_state, changed_at, office_id, delivered_at, words)
SELECT gen_random_uuid(), %(company)s, %(software)s, 'invoice', 'F-' || lpad(n::text, 7, '0'), at::date,
    extract(year FROM at::date), at::date + 30, 'EUR', total, 0, total, total, 'Klant ' || customer, '', '', 1,
    'accepted', at, at, 'open', 'unseen', at, %(office)s, at,
    array_to_tsvector(ARRAY[
        'f', lpad(n::text, 7, '0'), 'klant', lower(customer), 'materiaal', 'werf', 'btw', 'euro', 'levering',
        CASE n %% 2 WHEN 0 THEN 'herstelling' ELSE 'onderhoud' END,
        CASE hashint4(n) & 1 WHEN 0 THEN 'montage' ELSE 'afbraak' END,
        CASE n %% %(every)s WHEN 0 THEN 'dakgoten' ELSE 'w' || (hashint4(n + 1) & 1023) END,
        'w' || (hashint4(n + 2) & 8191), 'w' || (hashint4(n + 3) & 8191), 'w' || (hashint4(n + 4) & 65535),
        'ref' || n
    ])
FROM generate_series(0, %(last)s) AS n
CROSS JOIN LATERAL (SELECT
    %(now)s::timestamptz - n * interval '20 seconds' AS at,
    CASE WHEN n %% %(every)s = 0 THEN 4711.11 ELSE 10 + n %% 4000 END AS total,
    CASE WHEN n %% %(every)s = 0 THEN 'Zeldzaam' ELSE substr(md5(n::text), 1, 6) END AS customer
) AS made
"""


def measure(report: Report) -> None:
    """Measure the searches of both lists over both sizes in interleaved rounds."""
    with fresh_database(name_for("search")):
        with Stopwatch() as watch:
            browser, offices, companies = _make_world(clock.now())
        report.figure(f"building {SMALL + LARGE} invoices and their indexes", watch.seconds, "s")
        paths = {
            "inbox": {size: f"/offices/{office.uuid}/inbox/" for size, office in offices.items()},
            "invoices": {size: f"/companies/{company.uuid}/invoices/" for size, company in companies.items()},
        }
        for place, by_size in paths.items():
            searches = {**_SEARCHES, "a word of half, last 30 days": f"?q=herstelling{_PERIODS[place]}"}
            pages = {size: {name: path + query for name, query in searches.items()} for size, path in by_size.items()}
            check(browser, pages)
            compare(report, place, browser, pages, GOAL)


def _make_world(now: datetime) -> tuple[Client, Mapping[int, AccountingOffice], Mapping[int, Company]]:
    user = registry.make_user("accountant@example.be")
    software_id = registry.make_software(now).software.pk
    offices = {size: registry.make_office(now, name=f"Kantoor {size}") for size in (SMALL, LARGE)}
    companies = {
        size: registry.make_company(now, name=f"Zaak {size}", office=office) for size, office in offices.items()
    }
    indexes = _drop_indexes()
    for size, office in offices.items():
        registry.make_member(now, user, office=office)
        registry.make_member(now, user, company=companies[size])
        run_as_owner(
            _INVOICES, company=companies[size].pk, software=software_id, office=office.pk, now=now, last=size - 1,
            every=size // _RARE,
        )  # fmt: skip
    _make_indexes(indexes)
    for size, office in offices.items():
        assert Invoice.objects.filter(office=office, company=companies[size]).count() == size
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(user)
    return browser, offices, companies


def _drop_indexes() -> list[str]:
    """Drop what can be built faster once the rows are there; returns the statements that do."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'invoices_invoice' "
            "AND indexdef NOT LIKE 'CREATE UNIQUE%'"
        )
        indexes = list(cursor.fetchall())
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in indexes]


def _make_indexes(definitions: list[str]) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for definition in definitions:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE invoices_invoice")
