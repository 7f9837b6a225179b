"""The group `registry`: an accounting office's whole list of clients, imported; and what a login costs to check.

An import is what the command does: keep the file, read it, write it batch after batch, a commit each; no worker runs.
Each round takes a new office and new numbers in the one database, beside the clients that the rounds before have
left: an office joins a registry that holds others, and a time that grows with the tables shows from round to round. A
fresh database for each round would measure the start from empty tables over and over.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from apps.accounting_offices.imports import BATCH, create_client_import, run_client_import
from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core import clock
from apps.tokens import secrets
from apps.tokens.models import ConnectionRequest, Software
from apps.tokens.rules import RequestState
from apps.tokens.services.requests import request_connection
from bench.databases import fresh_database, name_for
from bench.report import Goal, Report
from bench.rounds import Rounds, Stopwatch, interleave
from bench.world import ACTOR, run_reactions
from tests.factories import registry

LINES: Final = 20_000
AWAITED_LINES: Final = 2_000
CHECKS: Final = 200_000
GOAL: Final = Goal("<=", 1.3)
_HEADER: Final = "ondernemingsnummer;naam;e-mail;taal;klantcode;vanaf"
_MAILS: Final = frozenset({"tokens.send_token_mail"})


@dataclass(slots=True)
class Batches:
    """The clock of an import, which is read as a run begins and before each batch; it notes when."""

    instants: list[float] = field(default_factory=list)

    def read_clock(self) -> datetime:
        """Return the time, and note it."""
        self.instants.append(time.perf_counter())
        return clock.now()

    def halves(self) -> tuple[float, float]:
        """Return the seconds of the first and of the second half of the batches."""
        _start, *begun, finished = self.instants
        return begun[len(begun) // 2] - begun[0], finished - begun[len(begun) // 2]


@dataclass(slots=True)
class Imports:
    """The imports of one kind of list: each round's whole time, and the halves of its batches."""

    report: dict[str, int]
    first_halves: list[float] = field(default_factory=list)
    second_halves: list[float] = field(default_factory=list)

    @property
    def halves(self) -> Rounds:
        """Return the halves as steps of the rounds."""
        return Rounds({"first": self.first_halves, "second": self.second_halves})

    def time(self, office: AccountingOffice, content: bytes) -> float:
        """Import a list for real; what became of its lines must be what the kind of list says."""
        batches = Batches()
        with Stopwatch() as watch:
            job = create_client_import(
                office_uuid=office.uuid, content=content, mapping={}, is_dry_run=False, actor=ACTOR, now=clock.now()
            )
            done = run_client_import(job_uuid=job.uuid, read_clock=batches.read_clock)
        assert (done.state, done.report, done.problem_count) == ("done", self.report, 0), done.report
        first, second = batches.halves()
        self.first_halves.append(first)
        self.second_halves.append(second)
        return watch.seconds


@dataclass(slots=True)
class Registry:
    """A registry that grows: an office with a list a round, and one whose clients are waited for."""

    software: Software
    new: Imports = field(default_factory=lambda: Imports({"created": LINES}))
    again: Imports = field(default_factory=lambda: Imports({"unchanged": LINES}))
    awaited: Imports = field(default_factory=lambda: Imports({"created": AWAITED_LINES}))
    _office: AccountingOffice = field(init=False)
    _content: bytes = b""

    def time_new(self, _number: int) -> float:
        """Import a new office's list of companies that nobody knows."""
        self._office, self._content = registry.make_office(clock.now()), _list_of(_numbers(LINES))
        return self.new.time(self._office, self._content)

    def time_reactions(self, _number: int) -> float:
        """Do what the worker owes that import: look, once a batch, for who waits for the office's clients."""
        return _time_reactions()

    def time_again(self, _number: int) -> float:
        """Import the very same list again."""
        return self.again.time(self._office, self._content)

    def time_awaited(self, _number: int) -> float:
        """Import a list of which a request for a connection waits for every second company."""
        now, numbers = clock.now(), _numbers(AWAITED_LINES)
        for number in numbers[::2]:
            request_connection(software=self.software, vat=number, actor=ACTOR, now=now)
        assert _waiting() == AWAITED_LINES // 2
        office = registry.make_office(now)
        run_reactions(except_for=_MAILS)
        return self.awaited.time(office, _list_of(numbers))

    def time_freeing(self, _number: int) -> float:
        """Free the requests that waited, their mails apart."""
        assert _waiting() == AWAITED_LINES // 2
        seconds = _time_reactions()
        assert _waiting() == 0
        return seconds


def measure(report: Report) -> None:
    """Measure imports in one database that grows, then the check of a password."""
    with fresh_database(name_for("registry")):
        world = Registry(registry.make_software(clock.now()).software)
        rounds = interleave(
            {
                "new": world.time_new,
                "new, reactions": world.time_reactions,
                "again": world.time_again,
                "awaited": world.time_awaited,
                "awaited, reactions": world.time_freeing,
            }
        )
        clients = Company.objects.count()
    _report_import(report, rounds, "new", f"{LINES} new clients", world.new)
    _report_growth(report, rounds, clients)
    _report_import(report, rounds, "again", f"the same {LINES} again, all unchanged", world.again)
    _report_import(report, rounds, "awaited", f"{AWAITED_LINES} new clients, half of them waited for", world.awaited)
    _report_reactions(report, rounds)
    _measure_password(report)


def _report_import(report: Report, rounds: Rounds, step: str, what: str, imports: Imports) -> None:
    lines, halves = sum(imports.report.values()), imports.halves
    report.figure(f"import of {what}", lines / rounds.median(step), "lines/s")
    report.ratio(
        f"second half of the batches vs first, {what}",
        halves.ratio("second", "first"),
        GOAL,
        baseline=f"{1000 * halves.median('first') * BATCH * 2 / lines:.0f} ms a batch of {BATCH}",
    )


def _report_growth(report: Report, rounds: Rounds, clients: int) -> None:
    first, *_others, last = rounds.seconds["new"]
    report.figure(
        f"import of {LINES} new clients, time of the last round beside the first",
        last / first,
        "times",
        baseline=f"first: {first:.1f} s from empty tables; at the end {clients} companies",
    )


def _report_reactions(report: Report, rounds: Rounds) -> None:
    report.figure(
        f"reactions to the import of {LINES} new clients, nobody waiting",
        rounds.median("new, reactions"),
        "s",
        baseline=f"import: {rounds.median('new'):.1f} s",
    )
    freed = AWAITED_LINES // 2
    report.figure(
        f"reactions that free the {freed} requests waiting, without mails",
        freed / rounds.median("awaited, reactions"),
        "requests/s",
    )


def _measure_password(report: Report) -> None:
    """Measure the processor's time for the password of one login, beside a call that does nothing."""
    password = secrets.make_password()
    digest = secrets.password_digest(password)
    rounds = interleave(
        {
            "password": lambda _: _cpu_seconds(lambda: secrets.is_password(password, digest)),
            "nothing": lambda _: _cpu_seconds(lambda: True),
        }
    )
    each = 1e6 / CHECKS
    report.figure(
        "password of one login, processor time without its query",
        each * rounds.median("password"),
        "µs",
        baseline=f"call that does nothing: {each * rounds.median('nothing'):.2f} µs",
    )


def _cpu_seconds(check: Callable[[], bool]) -> float:
    started = time.process_time()
    for _ in range(CHECKS):
        assert check()
    return time.process_time() - started


def _time_reactions() -> float:
    with Stopwatch() as watch:
        run_reactions(except_for=_MAILS)
    return watch.seconds


def _waiting() -> int:
    return ConnectionRequest.objects.filter(state=RequestState.WAITING).count()


def _numbers(count: int) -> list[str]:
    return [registry.enterprise_number() for _ in range(count)]


def _list_of(numbers: Sequence[str]) -> bytes:
    """Write a list as an office exports it; every client has a name, an address and a code of its own."""
    lines = (f"{number};Zaak {number};zaak-{number}@example.be;nl;K{number};01/01/2026" for number in numbers)
    return "\r\n".join([_HEADER, *lines]).encode()
