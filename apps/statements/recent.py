"""What the newest statements of many accounts say, with one query for all of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from apps.companies.models import BankAccount
from apps.statements.coda.series import Link, judge_series
from apps.statements.health.rhythm import LOOKED_AT, Came
from apps.statements.models import Statement
from apps.statements.rules import StatementState

_NEWEST: Final = """
SELECT newest.* FROM unnest(%s::bigint[]) AS wanted(id) CROSS JOIN LATERAL (
    SELECT account_id, uuid, number, new_balance_on, created_on, old_balance_on, old_balance, new_balance,
        movement_count, stored_at
    FROM statements_statement WHERE account_id = wanted.id AND state = %s AND NOT is_separate_application
    ORDER BY new_balance_on DESC, id DESC LIMIT %s
) AS newest
"""


@dataclass(frozen=True, slots=True)
class RecentStatement:
    """A good statement of an account; balances are the bank's own, in the account's currency."""

    uuid: UUID
    number: int
    day: date
    created_on: date | None
    old_balance_on: date | None
    old_balance: Decimal
    new_balance: Decimal
    movements: int
    arrived_at: datetime

    @property
    def came(self) -> Came:
        """Return what a rhythm is learned from."""
        return Came(self.day, self.arrived_at)


def recent_statements(*, account_ids: Collection[int], at_most: int = LOOKED_AT) -> dict[int, list[RecentStatement]]:
    """Return the newest imported statements of each account, oldest first; absent where there are none."""
    found: dict[int, list[RecentStatement]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [sorted(account_ids), StatementState.IMPORTED.value, at_most])
        for account_id, *facts in cursor.fetchall():
            found.setdefault(account_id, []).append(RecentStatement(*facts))
    return {account_id: rows[::-1] for account_id, rows in found.items()}


def newest_finding(statements: Sequence[RecentStatement]) -> date | None:
    """Return the day of the newest statement that does not follow the one before: a number missing, a chain broken."""
    return max((misfit.link.day for misfit in judge_series(map(_link, statements))), default=None)


def _link(statement: RecentStatement) -> Link:
    return Link(
        account="",
        currency="",
        number=statement.number,
        day=statement.day,
        created_on=statement.created_on,
        old_balance=statement.old_balance,
        old_balance_on=statement.old_balance_on,
        new_balance=statement.new_balance,
        has_movements=statement.movements > 0,
        is_part=False,
        is_whole=True,
        content_hash=str(statement.uuid),
    )


def waiting_statements(*, accounts: Collection[BankAccount]) -> Mapping[int, list[Statement]]:
    """Return the statements of each account that came and are held or unrouted, oldest day first.

    One that is held beside a good one of the same identity keeps nothing back, and is left out.
    """
    ids = {(account.iban, account.currency): account.pk for account in accounts}
    standing = Statement.objects.filter(identity=OuterRef("identity"), state=StatementState.IMPORTED)
    waiting = Statement.objects.filter(
        ~Exists(standing),
        iban__in={iban for iban, _currency in ids},
        state__in=[StatementState.HELD, StatementState.UNROUTED],
        replaced_by=None,
    )
    found: dict[int, list[Statement]] = {}
    for statement in waiting.order_by("new_balance_on", "id"):
        account_id = ids.get((statement.iban, statement.currency))
        if account_id is not None:
            found.setdefault(account_id, []).append(statement)
    return found
