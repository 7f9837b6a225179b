"""Receiving a bank's file and importing it statement by statement.

Each statement is one transaction of its own: whatever kills the import, what was stored stays stored, and running
it again goes on with the next statement.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction

from apps.blobs.selectors import read_bytes
from apps.blobs.services import store_bytes
from apps.companies.models import BankAccount
from apps.companies.selectors import find_account
from apps.core import locks
from apps.core.clock import brussels_day
from apps.core.errors import NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.statements import coda
from apps.statements.models import CodaFile, CodaFinding, Statement
from apps.statements.rules import (
    CODA_FILE_TRANSITIONS,
    HOLDING_IDENTITY,
    CodaFileState,
    Identity,
    StatementState,
    file_state,
)
from apps.statements.services.ledger import copy_movements

CONFLICT: Final = "statement_conflict"


def receive_coda_file(*, content: bytes, name: str, actor: str, now: datetime) -> CodaFile:
    """Keep a bank's file, its bytes on disk first; the worker imports it, unless the caller does so first."""
    blob = store_bytes(content, now=now)
    with transaction.atomic():
        coda_file = CodaFile.objects.create(blob=blob, name=name[-255:], state=CodaFileState.RECEIVED, received_at=now)
        events.record("coda_file.received", subject_uuid=coda_file.uuid, actor=actor, now=now)
    return coda_file


def import_coda_file(*, coda_file_uuid: UUID, now: datetime) -> CodaFile:
    """Import a received file; one that is finished already is returned as it is.

    :raises NotFound: when there is no such file.
    """
    coda_file = CodaFile.objects.select_related("blob").filter(uuid=coda_file_uuid).first()
    if coda_file is None:
        raise NotFound
    if coda_file.state != CodaFileState.RECEIVED:
        return coda_file
    reader = coda.read_coda(read_bytes(coda_file.blob))
    states = [_store_statement(coda_file, position, read, now) for position, read in enumerate(reader, start=1)]
    state = file_state(states, is_quarantined=reader.quarantined)
    return _finish(coda_file, state, reader.findings, now)


@transaction.atomic
def _finish(coda_file: CodaFile, state: CodaFileState, findings: list[coda.Finding], now: datetime) -> CodaFile:
    locked = CodaFile.objects.select_for_update(of=("self",), no_key=True).get(pk=coda_file.pk)
    if locked.state != CodaFileState.RECEIVED:
        return locked
    check_transition(CODA_FILE_TRANSITIONS, CodaFileState(locked.state), state)
    _keep_findings(locked, None, findings)
    locked.state, locked.finished_at = state, now
    locked.save(update_fields=["state", "finished_at"])
    events.record(f"coda_file.{state.value}", subject_uuid=locked.uuid, actor="system", now=now)
    return locked


@transaction.atomic
def _store_statement(coda_file: CodaFile, position: int, read: coda.Statement, now: datetime) -> StatementState:
    """Store one statement with its findings, movements and event; one stored earlier is left as it is."""
    identity = _identity(read, now)
    _lock_account(identity)
    stored = Statement.objects.filter(coda_file=coda_file, position=position).first()
    if stored:
        return StatementState(stored.state)
    standing = Statement.objects.filter(identity=identity.text, state__in=HOLDING_IDENTITY).first()
    account = find_account(iban=identity.account, currency=identity.currency)
    state = _state(read, identity, standing, account)
    statement = _insert_statement(coda_file, position, read, identity, state, account, now)
    _keep_findings(coda_file, statement, [*read.findings, *_conflict(read, state, standing)])
    if state in HOLDING_IDENTITY:
        copy_movements(statement, read.movements)
        _replace_held(statement)
    events.record(
        f"statement.{state.value}",
        subject_uuid=statement.uuid,
        company_uuid=account.company.uuid if account else None,
        actor="system",
        now=now,
    )
    return state


def _identity(read: coda.Statement, now: datetime) -> Identity:
    return Identity(
        account=read.iban or read.account_number,
        currency=read.currency,
        number=read.number,
        day=_day(read, now),
        content_hash=read.content_hash,
    )


def _lock_account(identity: Identity) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
            [locks.ACCOUNTS, f"{identity.account}|{identity.currency}"],
        )


def _state(
    read: coda.Statement, identity: Identity, standing: Statement | None, account: BankAccount | None
) -> StatementState:
    if standing and standing.content_hash == identity.content_hash:
        return StatementState.DUPLICATE
    if read.held or standing:
        return StatementState.HELD
    return StatementState.IMPORTED if account else StatementState.UNROUTED


def _conflict(read: coda.Statement, state: StatementState, standing: Statement | None) -> list[coda.Finding]:
    if state is not StatementState.HELD or standing is None:
        return []
    message = f"Statement {read.number} of this account was received before, with other content."
    return [coda.Finding(CONFLICT, coda.Severity.FATAL, read.first_line, 1, message)]


def _insert_statement(
    coda_file: CodaFile,
    position: int,
    read: coda.Statement,
    identity: Identity,
    state: StatementState,
    account: BankAccount | None,
    now: datetime,
) -> Statement:
    return Statement.objects.create(
        uuid=uuid4(),
        coda_file=coda_file,
        position=position,
        first_line=read.first_line,
        last_line=read.last_line,
        account=account,
        account_text=read.account[:37],
        iban=read.iban or "",
        currency=read.currency,
        bic=read.header.bic[:11],
        holder_name=read.holder_name[:40],
        number=read.number,
        old_balance=read.old_balance,
        new_balance=read.new_balance,
        old_balance_on=read.old_balance_date,
        new_balance_on=_day(read, now),
        created_on=read.header.creation_date,
        is_separate_application=read.header.is_separate_application,
        movement_count=sum(1 for movement in read.movements if movement.detail == 0),
        identity=identity.text,
        content_hash=identity.content_hash,
        state=state,
        stored_at=now,
    )


def _day(read: coda.Statement, now: datetime) -> date:
    """The statement's day; only a held statement can be without one, and then it is the day it came."""
    return read.new_balance_date or read.header.creation_date or brussels_day(now)


def _replace_held(statement: Statement) -> None:
    """A whole statement replaces the held ones of its identity that came before it."""
    held = Statement.objects.filter(identity=statement.identity, state=StatementState.HELD, replaced_by=None)
    held.update(replaced_by=statement)


def _keep_findings(coda_file: CodaFile, statement: Statement | None, findings: list[coda.Finding]) -> None:
    CodaFinding.objects.bulk_create(
        CodaFinding(
            coda_file=coda_file,
            statement=statement,
            code=finding.code,
            severity=finding.severity,
            line=finding.line,
            column=finding.column,
            message=finding.message,
        )
        for finding in findings
    )
