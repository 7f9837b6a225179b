"""Keeping what was found of every account: when something happened to it, when it becomes late, and every hour."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from apps.accounting_offices.models import Mandate
from apps.companies.models import BankAccount
from apps.delivery.account_facts import Examined, examine_accounts
from apps.delivery.models import AccountHealth
from apps.statements.health.diagnosis import Urgency, next_look
from apps.statements.models import Statement
from apps.statements.recent import newest_finding

BATCH: Final = 500
SWEEP_SIZE: Final = 2_000
_FOUND: Final = (
    "bank", "rhythm", "code", "urgency", "since", "last_on", "last_arrived_at", "expected_at", "late_at", "finding_on",
    "examined_at", "look_at",
)  # fmt: skip


def examine_subjects(*, subject_uuids: Sequence[UUID], now: datetime) -> int:
    """Examine the accounts of some statements and mandates; returns how many accounts."""
    ids = set(Statement.objects.filter(uuid__in=subject_uuids).values_list("account", flat=True))
    ids |= set(Mandate.objects.filter(uuid__in=subject_uuids).values_list("bank_account", flat=True))
    return examine_and_keep(account_ids=ids - {None}, now=now)


def sweep(*, now: datetime) -> int:
    """Examine the accounts whose time has come, and those that were never examined; returns how many."""
    due = AccountHealth.objects.filter(look_at__lte=now).order_by("look_at")
    new = BankAccount.objects.filter(health=None).order_by("pk")
    ids = {*due.values_list("account", flat=True)[:SWEEP_SIZE], *new.values_list("pk", flat=True)[:SWEEP_SIZE]}
    return examine_and_keep(account_ids=ids, now=now)


def examine_and_keep(*, account_ids: Collection[int], now: datetime) -> int:
    """Examine some accounts and keep what was found, a batch a transaction; returns how many."""
    ids = sorted(account_ids)
    for start in range(0, len(ids), BATCH):
        accounts = BankAccount.objects.filter(pk__in=ids[start : start + BATCH])
        found = examine_accounts(accounts, now=now)
        # In one order, so that two that examine the same accounts wait for each other and do not deadlock.
        rows = [_row(found[pk], now) for pk in sorted(found)]
        AccountHealth.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["account"], update_fields=list(_FOUND)
        )
    return len(ids)


def _row(examined: Examined, now: datetime) -> AccountHealth:
    health = examined.health
    finding_on = newest_finding(examined.statements)
    urgency = health.diagnosis.urgency
    if finding_on and urgency is Urgency.FINE:
        urgency = Urgency.WATCH
    return AccountHealth(
        account=examined.account,
        bank=examined.bank.key,
        rhythm=health.rhythm.kind,
        code=health.diagnosis.code,
        urgency=urgency,
        since=health.diagnosis.since,
        last_on=health.last.day if health.last else None,
        last_arrived_at=health.last.arrived_at if health.last else None,
        expected_at=health.expected.arrives_at if health.expected else None,
        late_at=health.expected.late_at if health.expected else None,
        finding_on=finding_on,
        examined_at=now,
        look_at=next_look(health, now=now),
    )
