"""The group `reconciliation`: payments against open invoices, against the same rows written by bare SQL.

Each round takes two copies of one database. In one the worker's own call matches statement
after statement, fifty at a time, in one process. In the other bare SQL writes the same result in one transaction:
allocations with their keys, one event each, the state of each invoice, and what stays loose; for the first world found
by a join on the reference, for the second from a list of what the matching gave. Triggers and indexes are the same.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Final
from uuid import UUID

from django.db import connection, connections, transaction

from apps.core import clock
from apps.invoices.models import Invoice
from apps.reconciliation.matching.cases import make_cases
from apps.reconciliation.matching.scoring import score
from apps.reconciliation.models import Allocation
from apps.reconciliation.services import match_statements
from apps.statements.models import Statement
from apps.statements.services.intake import receive_coda_file
from bench.databases import connect_to, copied_database, fresh_database, name_for, run_as_owner
from bench.filling import fill_movements
from bench.report import Goal, Report
from bench.rounds import Stopwatch, interleave
from bench.world import ACTOR
from tests.factories import registry

# Companies, and payments of each: what ten minutes allow of both.
CLEAN, MIXED, GROWING = (1_000, 100), (200, 100), (1_000, 1)
AT_ONCE: Final = 50
CASES, SEEDS = 20_000, (1, 2, 3)
FEW_STORED, MANY_STORED, ONES = 10_000, 2_000_000, 300
CLEAN_GOAL, MIXED_GOAL, GROWTH_GOAL = Goal("<=", 1.3), Goal("<=", 2.0), Goal("<=", 1.3)

_COMPANIES: Final = """
INSERT INTO companies_company (uuid, enterprise_number, name, language, is_vat_liable, state, created_at)
SELECT gen_random_uuid(), '1' || lpad(n::text, 9, '0'), 'Zaak ' || n, 'nl', true, 'active', %(now)s
FROM generate_series(1, %(companies)s) n;
INSERT INTO companies_bankaccount (uuid, company_id, iban, currency, bic)
SELECT gen_random_uuid(), id, 'BE00' || lpad(id::text, 12, '0'), 'EUR', '' FROM companies_company
WHERE name LIKE 'Zaak %%';
INSERT INTO statements_statement (uuid, coda_file_id, position, first_line, last_line, account_id, account_text, iban,
    currency, bic, holder_name, number, old_balance, new_balance, old_balance_on, new_balance_on, movement_count,
    identity, content_hash, state, stored_at)
SELECT gen_random_uuid(), (SELECT min(id) FROM statements_codafile), 500000 + account.id, 1, 1, account.id, '',
    account.iban, 'EUR', '', '', 1, 0, 0, NULL, DATE '2026-11-24', %(count)s, account.iban || '|2026|1', '',
    'imported', %(now)s
FROM companies_bankaccount account WHERE iban LIKE 'BE00%%';
"""
# A base of eight digits, so that the ten are below 10¹⁰; the last two are its remainder, 97 for none.
_REFERENCE: Final = """
CREATE FUNCTION bench_reference(base bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT lpad(base::text, 10, '0') || lpad((CASE base %% 97 WHEN 0 THEN 97 ELSE base %% 97 END)::text, 2, '0') $$
"""
_INVOICES: Final = """
INSERT INTO invoices_invoice (uuid, company_id, software_id, document_type, number, issue_date, issue_year, due_date,
    currency, net_amount, vat_amount, total_amount, payable_amount, customer_name, customer_number,
    structured_communication, version, state, received_at, accepted_at, payment_state, office_state, changed_at)
SELECT gen_random_uuid(), company.id, %(software)s, 'invoice', 'F-2026-' || lpad(n::text, 5, '0'), DATE '2026-10-01',
    2026, DATE '2026-10-31', 'EUR', total, 0, total, total, 'Klant ' || n %% 50, 'BE' || lpad((n %% 50)::text, 10, '0'),
    bench_reference(company.id * 1000 + n), 1, 'accepted', %(now)s, %(now)s, 'open', 'unseen', %(now)s
FROM companies_company company, generate_series(1, %(count)s) n,
    LATERAL (SELECT (1000 + (n * 7919 + company.id * 104729) %% 500000) / 100.0 + n AS total) made
WHERE company.name LIKE 'Zaak %%'
"""
# What a payment of each kind says, by its place among a hundred; the mix is that of the labelled cases.
_MOVEMENTS: Final = """
INSERT INTO statements_movement (uuid, statement_id, company_id, ordinal, sequence, detail, is_money, amount, currency,
    entry_on, value_on, transaction_code, counterparty_name, counterparty_iban, counterparty_bic,
    structured_communication, communication, customer_reference, bank_reference, return_type)
SELECT gen_random_uuid(), statement.id, company.id, n, n, 0, true,
    CASE said.kind WHEN 'instalment' THEN round(invoice.total_amount / 2, 2)
        WHEN 'several' THEN invoice.total_amount + next.total_amount WHEN 'none' THEN 0.01 + n
        ELSE invoice.total_amount END,
    'EUR', DATE '2026-11-24', DATE '2026-11-24', '00101000', invoice.customer_name,
    'BE71' || lpad((CASE said.kind WHEN 'third' THEN 900000 ELSE 0 END + n %% 50)::text, 12, '0'), '',
    CASE WHEN said.kind IN ('clean', 'instalment') THEN invoice.structured_communication ELSE '' END,
    CASE said.kind WHEN 'text' THEN 'betaling ' || invoice.structured_communication || ' met dank'
        WHEN 'slip' THEN 'mededeling ' || overlay(invoice.structured_communication PLACING
            ((substr(invoice.structured_communication, 5, 1)::int + 1) %% 10)::text FROM 5 FOR 1)
        WHEN 'several' THEN 'facturen ' || invoice.number || ' en ' || next.number
        WHEN 'third' THEN 'factuur ' || invoice.number WHEN 'none' THEN 'huur november' ELSE '' END,
    '', '', ''
FROM statements_statement statement
JOIN companies_bankaccount account ON account.id = statement.account_id
JOIN companies_company company ON company.id = account.company_id AND company.name LIKE 'Zaak %%'
CROSS JOIN generate_series(1, %(count)s) n
CROSS JOIN LATERAL (SELECT CASE WHEN NOT %(is_mixed)s OR n %% 100 < 45 THEN 'clean' WHEN n %% 100 < 60 THEN 'text'
    WHEN n %% 100 < 70 THEN 'slip' WHEN n %% 100 < 80 THEN 'instalment' WHEN n %% 100 < 88 THEN 'several'
    WHEN n %% 100 < 95 THEN 'third' ELSE 'none' END AS kind) said
JOIN invoices_invoice invoice ON invoice.company_id = company.id AND invoice.number = 'F-2026-' || lpad(n::text, 5, '0')
LEFT JOIN invoices_invoice next ON next.company_id = company.id
    AND next.number = 'F-2026-' || lpad((n + %(count)s)::text, 5, '0')
"""
_BY_REFERENCE: Final = """
CREATE TEMPORARY TABLE given ON COMMIT DROP AS
SELECT movement.id AS movement_id, invoice.id AS invoice_id, invoice.uuid AS invoice_uuid, company.uuid AS company_uuid,
    movement.amount, 'structured_communication' AS rule, invoice.structured_communication AS evidence, 'paid' AS state
FROM statements_movement movement
JOIN invoices_invoice invoice ON invoice.company_id = movement.company_id AND invoice.payment_state = 'open'
    AND invoice.structured_communication = movement.structured_communication
JOIN companies_company company ON company.id = invoice.company_id
"""
_FROM_A_LIST: Final = """
CREATE TEMPORARY TABLE given ON COMMIT DROP AS
SELECT movement_id, invoice_id, invoice.uuid AS invoice_uuid, company.uuid AS company_uuid, amount, rule, evidence,
    bench_given.state
FROM bench_given JOIN invoices_invoice invoice ON invoice.id = invoice_id
JOIN companies_company company ON company.id = invoice.company_id
"""
_WRITE: Final = """
INSERT INTO reconciliation_allocation (uuid, movement_id, invoice_id, amount, rule, evidence, actor, created_at)
SELECT gen_random_uuid(), movement_id, invoice_id, amount, rule, evidence, 'system', now() FROM given;
UPDATE invoices_invoice SET payment_state = given.state FROM given WHERE id = given.invoice_id;
INSERT INTO events_event (uuid, name, subject_uuid, company_uuid, actor, at, payload)
SELECT gen_random_uuid(), 'invoice.payment_changed', invoice_uuid, company_uuid, 'system', now(),
    jsonb_build_object('from', 'open', 'to', state) FROM given;
INSERT INTO reconciliation_loosemoney (movement_id, company_id, amount, entry_on, names)
SELECT id, company_id, amount, entry_on, '{}' FROM statements_movement movement
WHERE company_id IS NOT NULL AND NOT EXISTS (SELECT FROM given WHERE given.movement_id = movement.id);
"""


@dataclass(slots=True)
class World:
    """A database of companies whose payments wait, and what its matching gave."""

    template: str
    find: str
    payments: int
    given: list[tuple[str, ...]] = field(default_factory=list)
    loose: int = 0

    def time_matching(self, number: int) -> float:
        """Match every statement in a copy, as the worker does."""
        with _copy(self.template, f"matched_{number}"):
            uuids = list(Statement.objects.filter(number=1).order_by("pk").values_list("uuid", flat=True))
            with Stopwatch() as watch:
                for start in range(0, len(uuids), AT_ONCE):
                    match_statements(statement_uuids=uuids[start : start + AT_ONCE], now=clock.now())
            rows = Allocation.objects.order_by("pk").values_list(
                "movement", "invoice", "amount", "rule", "evidence", "invoice__payment_state"
            )
            if not self.given and self.find is _FROM_A_LIST:
                self.given = [tuple(map(str, row)) for row in rows]
            self.loose = self.payments - rows.values("movement").distinct().count()
        return watch.seconds

    def time_sql(self, number: int) -> float:
        """Write the same result in another copy."""
        with _copy(self.template, f"written_{number}"):
            if self.find is _FROM_A_LIST:
                _write_list(self.given)
            with Stopwatch() as watch, transaction.atomic(), connection.cursor() as cursor:
                for statement in (self.find, _WRITE):
                    cursor.execute(statement)
            assert Invoice.objects.exclude(payment_state="open").exists()
        return watch.seconds


def measure(report: Report) -> None:
    """Measure how good the rules are, then both worlds, then one payment among few and among many."""
    for seed in SEEDS:
        _measure_quality(report, seed)
    for name, find, size, goal in (
        ("the first rule alone", _BY_REFERENCE, CLEAN, CLEAN_GOAL),
        ("all rules, the mix of the labelled cases", _FROM_A_LIST, MIXED, MIXED_GOAL),
    ):
        template = name_for(f"reconciliation{size[0]}")
        with fresh_database(template):
            _fill(*size, is_mixed=size == MIXED)
            world = World(template, find, payments=size[0] * size[1])
            rounds = interleave({"matching": world.time_matching, "bare SQL": world.time_sql})
        speed = world.payments / rounds.median("matching")
        report.figure(f"matching {world.payments} payments, {name}", speed, "payments/s")
        report.figure(f"of them left loose, {name}", world.loose, "payments")
        written = f"{world.payments / rounds.median('bare SQL'):.0f} payments/s"
        report.ratio(f"matching vs bare SQL, {name}", rounds.ratio("matching", "bare SQL"), goal, baseline=written)
    _measure_growth(report)


def _measure_quality(report: Report, seed: int) -> None:
    """Score labelled cases: five shares, each with its goal."""
    scored = score(make_cases(seed=seed, count=CASES))
    for name, share, goal in (
        ("right, of what is automatic", scored.precision, Goal(">=", 100)),
        ("automatic and right, of what the data determine", scored.recall, Goal(">=", 90)),
        ("truth in three suggestions, of what they do not", scored.found_by_suggestion, Goal(">=", 98)),
        ("suggested, of what is no invoice's", scored.false_suggestions, Goal("<=", 5)),
        ("right by one open invoice of that amount", scored.naive_recall, Goal("<=", 60)),
    ):
        report.figure(f"{name}, {CASES} labelled cases, seed {seed}", 100 * (share or 0), "%", goal=goal)


def _fill(companies: int, count: int, *, is_mixed: bool) -> None:
    now = clock.now()
    software = registry.make_software(now).software.pk
    # Statements are of a file; any is enough.
    receive_coda_file(content=b"bench", name="bench.cod", actor=ACTOR, now=now)
    for statement in _COMPANIES.split(";")[:-1]:
        run_as_owner(statement, now=now, companies=companies, count=count)
    run_as_owner(_REFERENCE)
    run_as_owner(_INVOICES, software=software, now=now, count=2 * count if is_mixed else count)
    run_as_owner(_MOVEMENTS, count=count, is_mixed=is_mixed)
    run_as_owner("VACUUM ANALYZE")


def _measure_growth(report: Report) -> None:
    """Match statements of one payment each beside few and beside many stored movements of others."""
    seconds: dict[int, float] = {}
    with fresh_database(name_for("reconciliation_growth")):
        _fill(*GROWING, is_mixed=False)
        uuids: list[UUID] = list(Statement.objects.filter(number=1).order_by("pk").values_list("uuid", flat=True))
        for rows in (FEW_STORED, MANY_STORED):
            fill_movements(rows, now=clock.now())
            these, uuids = uuids[:ONES], uuids[ONES:]
            seconds[rows] = median(_time_one(uuid) for uuid in these)
    few, many = seconds[FEW_STORED], seconds[MANY_STORED]
    report.ratio(
        f"matching one new payment, {MANY_STORED} vs {FEW_STORED} stored movements",
        many / few,
        GROWTH_GOAL,
        baseline=f"{few * 1000:.1f} ms",
    )


def _time_one(uuid: UUID) -> float:
    with Stopwatch() as watch:
        assert match_statements(statement_uuids=[uuid], now=clock.now()) == 1
    return watch.seconds


def _write_list(given: Sequence[tuple[str, ...]]) -> None:
    run_as_owner(
        "CREATE TABLE bench_given (movement_id bigint, invoice_id bigint, amount numeric, rule text, evidence text, "
        "state text)"
    )
    with connections["owner"].cursor() as cursor, cursor.cursor.copy("COPY bench_given FROM STDIN") as copy:
        for row in given:
            copy.write_row(row)
    run_as_owner("ANALYZE bench_given")


@contextmanager
def _copy(template: str, name: str) -> Iterator[None]:
    """Connect this process to a copy of a database."""
    with copied_database(f"{template}_{name}", template):
        connect_to(f"{template}_{name}")
        try:
            yield
        finally:
            connections.close_all()
            connect_to(template)
