"""Statements that waited for their account: once it is known they are imported, oldest first."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from apps.companies.models import BankAccount
from apps.core.states import check_transition
from apps.events import services as events
from apps.statements.chains import BrokenChain, MissingNumbers, judge_account
from apps.statements.coda.findings import make_finding
from apps.statements.locks import lock_account
from apps.statements.models import Statement
from apps.statements.rules import STATEMENT_TRANSITIONS, StatementState
from apps.statements.services.storing import keep_findings

BATCH: Final = 200


def route_statements(*, account_uuid: UUID, now: datetime) -> int:
    """Import the statements that waited for an account, a batch a transaction; returns how many.

    Held ones are told whose they are. Running it again finds nothing.
    """
    account = BankAccount.objects.select_related("company").get(uuid=account_uuid)
    waiting = Statement.objects.filter(iban=account.iban, currency=account.currency, account=None)
    waiting.filter(state=StatementState.HELD).update(account=account)
    routed = 0
    while batch := _route_batch(account, now):
        routed += batch
    return routed


@transaction.atomic
def _route_batch(account: BankAccount, now: datetime) -> int:
    lock_account(account=account.iban, currency=account.currency)
    unrouted = Statement.objects.filter(iban=account.iban, currency=account.currency, state=StatementState.UNROUTED)
    locked = unrouted.select_related("coda_file").select_for_update(of=("self",))
    batch = list(locked.order_by("new_balance_on", "number", "id")[:BATCH])
    if not batch:
        return 0
    check_transition(STATEMENT_TRANSITIONS, StatementState.UNROUTED, StatementState.IMPORTED)
    ids = [statement.pk for statement in batch]
    # A trigger places their movements.
    Statement.objects.filter(pk__in=ids).update(state=StatementState.IMPORTED, account=account)
    news = [events.News("statement.imported", each.uuid, account.company.uuid) for each in batch]
    events.record_many(news, actor="system", now=now)
    _judge(batch, account)
    return len(batch)


def _judge(batch: list[Statement], account: BankAccount) -> None:
    """Keep what does not follow among the newly imported, as if they had been read now."""
    routed = {statement.uuid: statement for statement in batch}
    missing, broken = judge_account(account)
    found: list[tuple[str, MissingNumbers | BrokenChain]] = [("statement_gap", each) for each in missing]
    found += [("balance_chain", each) for each in broken]
    for code, each in found:
        if statement := routed.get(each.after.uuid):
            finding = make_finding(code, statement.first_line, 1, each.message)
            keep_findings(statement.coda_file, statement, [finding])
