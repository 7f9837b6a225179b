"""The group `portal`: an office's inbox and clients, a company's invoices and payments, over 100 rows and over 100,000.

Two offices and two companies in one database, one with 100 of each and one with 100,000; each page is asked for as a
browser would, from the sign-in of the session to the last byte of the page, within this process. What a filter or a
search keeps fills a page in both, so that a ratio compares the finding and not the drawing of rows. Some things are
rare (a few dozen rows in either), some common (half of the rows or more).
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices.selectors import list_clients
from apps.core import clock
from apps.delivery.selectors import list_inbox
from apps.invoices.selectors import list_invoices
from apps.portal.lists.keyset import Order, make_cursor
from apps.statements.selectors import list_movements
from bench.databases import fresh_database, name_for
from bench.pages import check, compare
from bench.portal_world import LARGE, SMALL, World, make_world
from bench.report import Goal, Report

GOAL: Final = Goal("<=", 1.3)
_DEEP: Final = {SMALL: SMALL // 2 - 1, LARGE: LARGE // 2}
_INBOX: Final[Mapping[str, str]] = {
    "first page": "?",
    "to book (common)": "?office=unseen",
    "questions (rare)": "?office=questioned",
    "new and open (common)": "?new=yes&payment=open",
    "one client": "?client=K0001",
    "last 30 days": "?received=30-days",
    "highest amount first": "?sort=amount",
    "search for a rare customer": "?q=zeldzaam",
    "search for a common customer": "?q=garage",
    "search for a rare amount": "?q=4711,11",
}
_CLIENTS: Final[Mapping[str, str]] = {
    "first page": "?",
    "connected (common)": "?connection=connected",
    "cannot connect (rare)": "?connection=refused",
    "without an address (rare)": "?address=missing",
    "by client code": "?sort=code",
    "search for a rare name": "?q=zeldzaam",
    "search for a common name": "?q=garage",
}
_INVOICES: Final[Mapping[str, str]] = {
    "first page": "?",
    "refused (rare)": "?state=rejected",
    "still to be paid (common)": "?payment=due",
    "overdue (rare)": "?payment=late",
    "not booked yet (common)": "?office=unseen",
    "last 30 days": "?issued=30-days",
    "highest amount first": "?sort=amount",
    "search for a rare customer": "?q=zeldzaam",
    "search for a common customer": "?q=garage",
    "search for a rare amount": "?q=4711,11",
}
_PAYMENTS: Final[Mapping[str, str]] = {
    "first page": "?",
    "received (common)": "?direction=in",
    "paid out (rare)": "?direction=out",
    "last 30 days": "?booked=30-days",
    "highest amount first": "?sort=amount",
    "search for a rare counterparty": "?q=zeldzaam",
    "search for a common counterparty": "?q=garage",
    "search for a rare account": "?q=BE71+0961+2345+6769",
    "search for a rare amount": "?q=4711,11",
}


@dataclass(frozen=True, slots=True)
class List:
    """A list that is measured: what its pages ask for, its usual order, where it lies and its rows, by size."""

    name: str
    queries: Mapping[str, str]
    order: Order
    paths: Mapping[int, str]
    rows: Mapping[int, QuerySet[Any]]


def measure(report: Report) -> None:
    """Measure every page over both sizes in interleaved rounds."""
    with fresh_database(name_for("portal")):
        world = make_world(clock.now())
        for each in _lists(world):
            pages = {size: _pages(each, size) for size in (SMALL, LARGE)}
            check(world.browser, pages)
            compare(report, each.name, world.browser, pages, GOAL)
            _report_weight(report, each.name, world.browser, pages[LARGE]["first page"])


def _lists(world: World) -> list[List]:
    offices, companies = world.offices.items(), world.companies.items()
    return [
        List(
            "inbox", _INBOX, Order("delivered_at"),
            {size: f"/offices/{office.uuid}/inbox/" for size, office in offices},
            {size: list_inbox(office=office) for size, office in offices},
        ),
        List(
            "clients", _CLIENTS, Order("company_name", is_descending=False),
            {size: f"/offices/{office.uuid}/clients/" for size, office in offices},
            {size: list_clients(office=office, on=clock.today()) for size, office in offices},
        ),
        List(
            "invoices", _INVOICES, Order("issue_date"),
            {size: f"/companies/{company.uuid}/invoices/" for size, company in companies},
            {size: list_invoices(company=company) for size, company in companies},
        ),
        List(
            "payments", _PAYMENTS, Order("entry_on"),
            {size: f"/companies/{company.uuid}/payments/" for size, company in companies},
            {size: list_movements(company=company) for size, company in companies},
        ),
    ]  # fmt: skip


def _pages(each: List, size: int) -> dict[str, str]:
    cursor = make_cursor(each.order, each.order.apply(each.rows[size])[_DEEP[size]])
    queries = {**each.queries, "a page half-way": f"?after={cursor}"}
    return {name: each.paths[size] + query for name, query in queries.items()}


def _report_weight(report: Report, place: str, browser: Client, path: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        content = browser.get(path).content
    report.figure(f"{place}, first page of {LARGE} rows, queries", len(queries), "queries")
    report.figure(
        f"{place}, first page of {LARGE} rows, size",
        len(content) / 1000,
        "kB",
        baseline=f"compressed: {len(gzip.compress(content)) / 1000:.1f} kB",
    )
