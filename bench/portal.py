"""The group `portal`: the inbox and the clients of an office, over 100 rows and over 100,000.

Two offices in one database, one with 100 of each and one with 100,000; each page is asked for as a browser would,
from the sign-in of the session to the last byte of the page, within this process. What a filter or a search keeps
fills a page in both, so that a ratio compares the finding and not the drawing of rows. Some things are rare (a
few dozen rows in either), some common (more than half of the rows).
"""

import gzip
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.selectors import list_clients
from apps.core import clock
from apps.delivery.selectors import list_inbox
from apps.portal.lists.keyset import Order, make_cursor
from bench.databases import fresh_database, name_for
from bench.portal_world import LARGE, SMALL, make_world
from bench.report import Goal, Report
from bench.rounds import interleave

GOAL: Final = Goal("<=", 1.3)
_REQUESTS: Final = 5
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


def measure(report: Report) -> None:
    """Measure every page over both sizes in interleaved rounds."""
    with fresh_database(name_for("portal")):
        offices, browser = make_world(clock.now())
        for place, queries in (("inbox", _INBOX), ("clients", _CLIENTS)):
            pages = {size: _pages(place, office, queries) for size, office in offices.items()}
            _check(browser, pages)
            _report(report, place, browser, pages)
            _report_weight(report, place, browser, pages[LARGE]["first page"])


def _pages(place: str, office: AccountingOffice, queries: Mapping[str, str]) -> dict[str, str]:
    path = f"/offices/{office.uuid}/{place}/"
    deep = {"a page half-way": f"?after={_cursor(place, office, _DEEP[_size_of(office)])}"}
    return {name: path + query for name, query in {**queries, **deep}.items()}


def _cursor(place: str, office: AccountingOffice, number: int) -> str:
    if place == "inbox":
        received = Order("delivered_at")
        return make_cursor(received, received.apply(list_inbox(office=office))[number])
    by_name = Order("company_name", is_descending=False)
    return make_cursor(by_name, by_name.apply(list_clients(office=office, on=clock.today()))[number])


def _size_of(office: AccountingOffice) -> int:
    return SMALL if office.name.endswith(str(SMALL)) else LARGE


def _check(browser: Client, pages: Mapping[int, Mapping[str, str]]) -> None:
    """Every page must be full in both, or the ratio would compare how much is drawn."""
    for size, of_size in pages.items():
        for name, path in of_size.items():
            answer = browser.get(path)
            rows = answer.content.decode().count('class="s3')
            assert (answer.status_code, rows) == (200, 50), (size, name, answer.status_code, rows)


def _report(report: Report, place: str, browser: Client, pages: Mapping[int, Mapping[str, str]]) -> None:
    # Both sizes of a page one right after the other: a slow moment touches both.
    steps = {f"{name} {size}": _timed(browser, pages[size][name]) for name in pages[LARGE] for size in (SMALL, LARGE)}
    rounds = interleave(steps)
    for name in pages[LARGE]:
        large, small = f"{name} {LARGE}", f"{name} {SMALL}"
        milliseconds = {size: 1000 * rounds.median(f"{name} {size}") for size in (SMALL, LARGE)}
        report.ratio(
            f"{place}, {name}, {LARGE} rows vs {SMALL}",
            rounds.ratio(large, small),
            GOAL,
            baseline=f"{milliseconds[LARGE]:.0f} ms vs {milliseconds[SMALL]:.0f} ms",
        )


def _timed(browser: Client, path: str) -> Callable[[int], float]:
    def step(_number: int) -> float:
        seconds = []
        for _ in range(_REQUESTS):
            started = time.perf_counter()
            browser.get(path)
            seconds.append(time.perf_counter() - started)
        return median(seconds)

    return step


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
