"""Importing bank files, end to end, against a bare COPY of the same rows.

End to end is what the web process and the worker do: keep the file, import it statement by statement, and run the
reactions that list it in the feeds (events included). Matching with invoices is measured apart: its work depends on
the invoices, not on the file. The baseline copies the very rows that the import just wrote into a table made
`LIKE … INCLUDING ALL`, with the same durability: all rows of the round in one COPY and one commit. A second, milder
baseline commits once a file, as the import must.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from django.db import connection, transaction

from apps.companies.models import BankAccount
from apps.core import clock
from apps.delivery.models import FeedEntry
from apps.reconciliation.services import match_statement
from apps.statements.models import CodaFile, Movement, Statement
from apps.statements.services.intake import receive_coda_file
from apps.statements.services.ledger import COLUMNS
from bench.coda_files import make_file
from bench.databases import run_as_owner
from bench.filling import fill_movements
from bench.report import Goal, Report
from bench.rounds import Rounds, Stopwatch, interleave
from bench.world import ACTOR, make_accounts, run_reactions

FILES: Final = 200
MOVEMENTS: Final = 100
LARGE: Final = 50_000
MATCHED_FILES: Final = 10
FEW_STORED, MANY_STORED, GROWTH_ROUNDS = 100_000, 5_000_000, 3
# The numbers of the statements that the rounds before took.
ROUNDS_BEFORE: Final = 10
GOAL: Final = Goal("<=", 2.5)
# Measured apart, or part of the pages about an account.
_APART: Final = frozenset({"reconciliation.match_statement", "delivery.examine_account"})
_ONE_COPY: Final = "bench_one_copy"
_COPY_A_FILE: Final = "bench_copy_a_file"


@dataclass(slots=True)
class Batch:
    """Files of one kind: each round imports new ones, then copies the rows that came of them."""

    accounts: Sequence[BankAccount]
    movements: int
    matched: int = 0
    matching_seconds: list[float] = field(default_factory=list)
    _blocks: list[bytes] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return the rows that a round writes."""
        return len(self.accounts) * self.movements

    def time_import(self, number: int) -> float:
        """Import the round's files; what was imported is read back, untimed, for the baselines."""
        files = [
            make_file(account.iban, account.company.enterprise_number, number=number + 1, movements=self.movements)
            for account in self.accounts
        ]
        newest = CodaFile.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with Stopwatch() as watch:
            for content in files:
                receive_coda_file(content=content, name="bench.cod", actor=ACTOR, now=clock.now())
            run_reactions(except_for=_APART)
        statements = list(Statement.objects.filter(coda_file__pk__gt=newest, state="imported").order_by("pk"))
        assert len(statements) == len(files), len(statements)
        assert FeedEntry.objects.filter(statement__in=statements).count() == 2 * len(files), "software and office"
        self._blocks = [_rows_of(statement) for statement in statements]
        self.matching_seconds += [_time_matching(statement) for statement in statements[: self.matched]]
        return watch.seconds

    def time_one_copy(self, _number: int) -> float:
        """Copy the rows of the round at once."""
        return _time_copy(_ONE_COPY, [b"".join(self._blocks)])

    def time_copy_a_file(self, _number: int) -> float:
        """Copy the rows of the round, one file and commit after the other."""
        return _time_copy(_COPY_A_FILE, self._blocks)


def measure(report: Report) -> None:
    """Measure many files of ordinary size, and one large one."""
    movements = Movement._meta.db_table
    for table in (_ONE_COPY, _COPY_A_FILE):
        run_as_owner(f"CREATE TABLE {table} (LIKE {movements} INCLUDING ALL)")
    now = clock.now()
    *accounts, account = make_accounts(now, FILES + 1)
    run_reactions(except_for=frozenset({"tokens.send_token_mail"}))
    many, large = Batch(accounts, MOVEMENTS, matched=MATCHED_FILES), Batch([account], LARGE)
    rounds = interleave(
        {
            "many": many.time_import,
            "many, one copy": many.time_one_copy,
            "many, copy a file": many.time_copy_a_file,
            "large": large.time_import,
            "large, one copy": large.time_one_copy,
        }
    )
    _report(report, rounds, "many", f"{FILES} files of {MOVEMENTS} movements", many)
    report.figure(
        f"import end to end, {FILES} files of {MOVEMENTS} movements, time of a COPY and commit a file",
        rounds.ratio("many", "many, copy a file"),
        "times",
        baseline=f"{many.rows / rounds.median('many, copy a file'):.0f} rows/s",
    )
    _report(report, rounds, "large", f"one file of {LARGE} movements", large)
    speed = MOVEMENTS / median(many.matching_seconds)
    _measure_growth(report, many)
    what = f"matching a statement of {MOVEMENTS} movements, no invoice open"
    report.figure(what, speed, "movements/s", baseline="not in the import above")


def _measure_growth(report: Report, batch: Batch) -> None:
    """Import the same files into a table of a hundred thousand rows and into one of five million."""
    seconds: dict[int, list[float]] = {}
    number = ROUNDS_BEFORE
    for rows in (FEW_STORED, MANY_STORED):
        fill_movements(rows, now=clock.now())
        seconds[rows] = []
        # The first finds nothing in the cache.
        for _ in range(GROWTH_ROUNDS + 1):
            seconds[rows].append(batch.time_import(number))
            number += 1
    few, many = (median(seconds[rows][1:]) / batch.rows for rows in (FEW_STORED, MANY_STORED))
    report.ratio(
        f"import, cost of a movement at {MANY_STORED} vs {FEW_STORED} stored rows",
        many / few,
        Goal("<=", 1.3),
        baseline=f"{few * 1e6:.0f} µs a movement",
    )


def _report(report: Report, rounds: Rounds, step: str, what: str, batch: Batch) -> None:
    baseline = f"{step}, one copy"
    copied = batch.rows / rounds.median(baseline)
    report.figure(f"import end to end, {what}", batch.rows / rounds.median(step), "movements/s")
    report.figure(f"bare COPY of the same rows, {what}", copied, "rows/s")
    report.ratio(
        f"import end to end vs bare COPY, {what}", rounds.ratio(step, baseline), GOAL, baseline=f"{copied:.0f} rows/s"
    )


def _rows_of(statement: Statement) -> bytes:
    """Return a statement's movements as COPY writes them."""
    query = f"SELECT {', '.join(COLUMNS)} FROM {Movement._meta.db_table} WHERE statement_id = %s ORDER BY ordinal"
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY ({query}) TO STDOUT", [statement.pk]) as copy:
        return b"".join(bytes(block) for block in copy)


def _time_copy(table: str, blocks: Sequence[bytes]) -> float:
    command = f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN"
    with Stopwatch() as watch:
        for block in blocks:
            with transaction.atomic(), connection.cursor() as cursor, cursor.cursor.copy(command) as copy:
                copy.write(block)
    return watch.seconds


def _time_matching(statement: Statement) -> float:
    with Stopwatch() as watch:
        match_statement(statement_uuid=statement.uuid, now=clock.now())
    return watch.seconds
