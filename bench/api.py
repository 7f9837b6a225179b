"""The group `api`: calls on the real web server, each beside a call that only checks the login.

Two servers run, on a table of a thousand and on one of five million feed entries; only the one that is being asked has
work. The client is a process of its own with four kept connections, on the same machine.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from bench.databases import copied_database, fresh_database, name_for
from bench.feeds import LARGE_TABLE, SMALL_TABLE, FeedWorld, Reader, fill_table, make_feeds
from bench.report import Goal, Report
from bench.rounds import MANY, Rounds, interleave
from bench.uploads import write_upload
from bench.web import Load, Server, serving

REQUESTS: Final = {"light": 600, "feed": 40, "download": 100, "exchange": 40, "upload": 60}
QUERIES_GOAL: Final = Goal("<=", 2)
GROWTH_GOAL: Final = Goal("<=", 1.3)
POLL_GOAL: Final = Goal(">=", 0.5)
_TRANSACTION: Final = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(slots=True)
class Call:
    """One kind of call: a load a round, and the latencies of all rounds."""

    server: Server
    loads: Callable[[int], Load]
    latencies: list[float] = field(default_factory=list)

    def run(self, number: int) -> float:
        """Put the round's load on the server; returns the seconds a request."""
        load = self.loads(number)
        answered = self.server.answer(load)
        self.latencies += answered.latencies
        return answered.seconds / load.requests


def measure(report: Report) -> None:
    """Make the two tables, run the two servers, measure."""
    now, small, large = clock.now(), name_for("api_small"), name_for("api")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, fresh_database(large):
        world = make_feeds(now, tokens=REQUESTS["exchange"] * MANY)
        with copied_database(small, large):
            fill_table(now, world)
            _measure_queries(report, world.idle)
            log = Path(folder) / "web.log"
            with serving(small, log) as small_server, serving(large, log) as large_server:
                calls = _calls(world, small_server, large_server, Path(folder))
                _warm_up(calls)
                rounds = interleave({name: call.run for name, call in calls.items()})
    _report(report, calls, rounds)


def _calls(world: FeedWorld, small: Server, large: Server, folder: Path) -> dict[str, Call]:
    idle, reader, cods = world.idle.headers, world.reader.headers, world.cod_paths
    poll, downloads, exchanges = world.idle.feed_path, REQUESTS["download"], REQUESTS["exchange"]
    document, pdf = write_upload(world.company, folder)

    def first_downloads(number: int) -> Load:
        return Load(headers=reader, paths=cods[number * downloads :][:downloads], requests=downloads)

    def exchange(number: int) -> Load:
        paths = world.exchange_paths[number * exchanges :][:exchanges]
        return Load(headers=world.exchanger, paths=paths, requests=exchanges)

    def uploads(number: int) -> Load:
        count = REQUESTS["upload"]
        return Load(
            headers=idle,
            paths=["/v2/sales-invoices/upload/"],
            requests=count,
            document=str(document),
            pdf=str(pdf),
            first=number * count + 1,
        )

    return {
        "do-nothing": Call(large, _same(idle, world.nothing_path, REQUESTS["light"])),
        "poll with nothing new": Call(large, _same(idle, poll, REQUESTS["light"])),
        f"poll with nothing new, {SMALL_TABLE} entries": Call(small, _same(idle, poll, REQUESTS["light"])),
        "read of a 500-entry feed": Call(large, _same(reader, world.reader.feed_path, REQUESTS["feed"])),
        "first download of a cod": Call(large, first_downloads),
        "later download of a cod": Call(large, first_downloads),
        "exchange of a token": Call(large, exchange),
        "upload of 60 kB UBL and 120 kB PDF": Call(large, uploads),
    }


def _same(headers: dict[str, str], path: str, requests: int) -> Callable[[int], Load]:
    return lambda _number: Load(headers=headers, paths=[path], requests=requests)


def _warm_up(calls: Mapping[str, Call]) -> None:
    """Let every worker connect to its database and every login be used once, unmeasured."""
    for name in calls:
        if name.startswith(("do-nothing", "poll", "read")):
            calls[name].run(0)
            calls[name].latencies.clear()


def _measure_queries(report: Report, idle: Reader) -> None:
    """Count what a poll costs the database, in this process, once its login has been used before."""
    client = Client(headers={"host": "127.0.0.1", **idle.headers})
    assert client.get(idle.feed_path).json()["feed_entries"] == []
    with CaptureQueriesContext(connection) as captured:
        assert client.get(idle.feed_path).status_code == 200
    queries = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(_TRANSACTION)]
    report.figure("poll queries", len(queries), "queries", baseline="what the code sends", goal=QUERIES_GOAL)


def _report(report: Report, calls: Mapping[str, Call], rounds: Rounds) -> None:
    nothing = f"do-nothing: {1 / rounds.median('do-nothing'):.0f} requests/s"
    for name, call in calls.items():
        milliseconds = [1000 * latency for latency in call.latencies]
        beside = "" if name == "do-nothing" else nothing
        report.figure(f"{name}, throughput", 1 / rounds.median(name), "requests/s", baseline=beside)
        report.figure(f"{name}, p50", median(milliseconds), "ms")
        report.figure(f"{name}, p99", quantiles(milliseconds, n=100)[98], "ms")
        if name != "do-nothing":
            report.figure(
                f"{name}, time beside do-nothing", rounds.ratio(name, "do-nothing"), "times", baseline=nothing
            )
    small = f"poll with nothing new, {SMALL_TABLE} entries"
    report.ratio(
        f"poll time at {LARGE_TABLE} vs {SMALL_TABLE} entries",
        rounds.ratio("poll with nothing new", small),
        GROWTH_GOAL,
        baseline=f"{1000 * rounds.median(small):.2f} ms a request",
    )
    report.ratio(
        "poll vs do-nothing throughput",
        rounds.ratio("do-nothing", "poll with nothing new"),
        POLL_GOAL,
        baseline=nothing,
    )


assert REQUESTS["download"] * MANY <= 500, "a first download needs an entry that nobody took before"
