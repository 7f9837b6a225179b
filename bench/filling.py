"""Filling the table of movements to a size in steps of SQL, its indexes made anew at the end.

The rows are of other companies than those that are measured: a thousand accounts, each with statements of a thousand
movements, whose names and communications come from vocabularies as those of real accounts do.
"""

from datetime import datetime
from typing import Final

from django.db import connection

from apps.statements.models import Movement, Statement
from bench.databases import run_as_owner

_ACCOUNTS: Final = 1_000
_A_STATEMENT: Final = 1_000
_STATEMENTS_AT_ONCE: Final = 100
_INDEXES: Final = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'statements_movement'::regclass AND NOT indisunique
"""
_MOVEMENTS: Final = """
INSERT INTO statements_movement (uuid, statement_id, company_id, ordinal, sequence, detail, is_money, amount, currency,
    entry_on, value_on, transaction_code, counterparty_name, counterparty_iban, counterparty_bic,
    structured_communication, communication, customer_reference, bank_reference, return_type)
SELECT gen_random_uuid(), statement.id, account.company_id, n, n, 0, true,
    (CASE WHEN n %% 5 < 3 THEN 1 ELSE -1 END) * (1000 + (n * 7919 + statement.id * 104729) %% 500000) / 100.0, 'EUR',
    statement.new_balance_on, statement.new_balance_on, '00101000',
    CASE WHEN n %% 5 < 3 THEN 'KLANT ' ELSE 'LEVERANCIER ' END || (n * 31 + statement.id) %% 20000,
    CASE WHEN n %% 5 < 3 THEN 'BE71096123456769' ELSE '' END, '',
    CASE WHEN n %% 5 < 3 THEN lpad(((n * 1009 + statement.id * 7) %% 1000000000)::text, 12, '0') ELSE '' END,
    CASE WHEN n %% 5 < 3 THEN '' ELSE 'maandelijkse factuur ' || (n + statement.id) %% 20000 END, '', '', ''
FROM statements_statement AS statement JOIN companies_bankaccount AS account ON account.id = statement.account_id,
    generate_series(1, %s) AS n
WHERE statement.id BETWEEN %s AND %s
"""


def fill_movements(rows: int, *, now: datetime) -> None:
    """Add movements until the table has about so many rows, and leave it as autovacuum would."""
    missing = rows - Movement.objects.count()
    first, last = _add_statements(max(0, missing) // _A_STATEMENT, now)
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        indexes = dict(cursor.fetchall())
    for name in indexes:
        run_as_owner(f"DROP INDEX {name}")
    for start in range(first, last + 1, _STATEMENTS_AT_ONCE):
        run_as_owner(_MOVEMENTS, _A_STATEMENT, start, min(start + _STATEMENTS_AT_ONCE - 1, last))
    run_as_owner("SET maintenance_work_mem = '512MB'")
    for definition in indexes.values():
        run_as_owner(definition)
    run_as_owner("VACUUM ANALYZE statements_movement, statements_statement")


def _add_statements(count: int, now: datetime) -> tuple[int, int]:
    """Add statements of a thousand accounts of their own; returns their first and last id."""
    run_as_owner(
        "INSERT INTO companies_company (uuid, enterprise_number, name, language, is_vat_liable, state, created_at) "
        "SELECT gen_random_uuid(), '1' || lpad(n::text, 9, '0'), 'Zaak ' || n, 'nl', true, 'active', %s "
        "FROM generate_series(1, %s) n ON CONFLICT DO NOTHING",
        now,
        _ACCOUNTS,
    )
    run_as_owner(
        "INSERT INTO companies_bankaccount (uuid, company_id, iban, currency, bic) "
        "SELECT gen_random_uuid(), id, 'BE00' || lpad(id::text, 12, '0'), 'EUR', '' FROM companies_company "
        "WHERE name LIKE 'Zaak %%' ON CONFLICT DO NOTHING"
    )
    before = _newest_statement()
    run_as_owner(
        "INSERT INTO statements_statement (uuid, coda_file_id, position, first_line, last_line, account_id, "
        "account_text, iban, currency, bic, holder_name, number, old_balance, new_balance, old_balance_on, "
        "new_balance_on, movement_count, identity, content_hash, state, stored_at) "
        "SELECT gen_random_uuid(), (SELECT min(id) FROM statements_codafile), 1000000 + %(before)s + n, 1, 1, "
        "account.id, '', account.iban, 'EUR', '', '', n / %(accounts)s + 1, 0, 0, NULL, "
        "DATE '2015-01-01' + (n / %(accounts)s)::int, %(each)s, account.iban || '|' || %(before)s || '|' || n, '', "
        "'imported', %(now)s "
        "FROM generate_series(0, %(count)s - 1) AS n JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place "
        "FROM companies_bankaccount WHERE iban LIKE 'BE00%%') AS account ON account.place = n %% %(accounts)s",
        before=before,
        accounts=_ACCOUNTS,
        each=_A_STATEMENT,
        now=now,
        count=count,
    )
    return before + 1, _newest_statement()


def _newest_statement() -> int:
    return Statement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
