"""Storing one statement that was read: in its state, with its findings, movements and event."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import uuid4

from django.db import connection, transaction

from apps.companies.models import BankAccount
from apps.companies.selectors import find_account
from apps.core.clock import brussels_day
from apps.events import services as events
from apps.statements import coda
from apps.statements.chains import in_chain
from apps.statements.coda.findings import make_finding
from apps.statements.coda.series import Link, Misfit, judge_step
from apps.statements.locks import lock_account_unhurried
from apps.statements.models import CodaFile, CodaFinding, Statement
from apps.statements.rules import HOLDING_IDENTITY, Identity, StatementState, storable
from apps.statements.services.ledger import copy_movements

_SAME, _PREVIOUS, _NEXT = "same", "previous", "next"


# What is stored of the identity; then the nearest before and after in the account's chain (see `chains.in_chain`).
_COLUMNS: Final = (
    "id, state, content_hash, number, new_balance_on, created_on, old_balance, old_balance_on, new_balance, "
    "movement_count"
)
_OF_IDENTITY: Final = f"""
SELECT '{_SAME}', {_COLUMNS} FROM statements_statement
WHERE identity = %(identity)s AND (state IN ('imported', 'unrouted') OR state = 'held' AND replaced_by_id IS NULL)
"""  # noqa: S608 # constants
_IN_CHAIN: Final = """
account_id = %(account)s AND NOT is_separate_application
AND (state = 'imported' OR state = 'held' AND replaced_by_id IS NULL AND NOT EXISTS (
    SELECT FROM statements_statement AS first WHERE first.identity = each.identity AND first.state = 'imported'))
"""
_WITH_NEIGHBOURS: Final = f"""
{_OF_IDENTITY} UNION ALL (
    SELECT '{_PREVIOUS}', {_COLUMNS} FROM statements_statement AS each WHERE {_IN_CHAIN}
    AND new_balance_on <= %(day)s AND (new_balance_on < %(day)s OR number <= %(number)s)
    ORDER BY new_balance_on DESC, number DESC, id DESC LIMIT 1
) UNION ALL (
    SELECT '{_NEXT}', {_COLUMNS} FROM statements_statement AS each WHERE {_IN_CHAIN}
    AND new_balance_on >= %(day)s AND (new_balance_on > %(day)s OR number > %(number)s)
    ORDER BY new_balance_on, number, id LIMIT 1
)
"""  # noqa: S608 # constants


class _Stored(NamedTuple):
    """What is asked of a statement that is stored."""

    id: int
    state: str
    content_hash: str
    number: int
    day: date
    created_on: date | None
    old_balance: Decimal
    old_balance_on: date | None
    new_balance: Decimal
    movement_count: int


@dataclass(frozen=True, slots=True)
class _Around:
    """What is stored beside a statement: the one it repeats, the one that stands, held ones, and its neighbours."""

    repeated: _Stored | None
    standing: _Stored | None
    held: tuple[_Stored, ...]
    previous: _Stored | None
    next: _Stored | None


@transaction.atomic
def store_statement(*, coda_file: CodaFile, position: int, read: coda.Statement, now: datetime) -> StatementState:
    """Store one statement with its findings, movements and event; the caller knows that it is not stored yet.

    The commit does not wait for the disk: the one of the whole file does, and before that the file counts as received
    and is imported again.
    """
    identity = _identity(read, now)
    lock_account_unhurried(account=identity.account, currency=identity.currency)
    account = find_account(iban=identity.account, currency=identity.currency)
    around = _look_around(read, identity, account)
    state = _state(read, around, account)
    statement = _insert_statement(coda_file, position, read, identity, state, account, around, now)
    keep_findings(coda_file, statement, [*read.findings, *_between(read, identity, state, around, account)])
    if state in HOLDING_IDENTITY:
        copy_movements(statement, read.movements)
        _replace_held(statement, around)
    events.record(
        f"statement.{state.value}",
        subject_uuid=statement.uuid,
        company_uuid=account.company.uuid if account else None,
        actor="system",
        now=now,
    )
    return state


def keep_findings(coda_file: CodaFile, statement: Statement | None, findings: list[coda.Finding]) -> None:
    """Keep what was found, in one statement of SQL."""
    CodaFinding.objects.bulk_create(
        CodaFinding(
            coda_file=coda_file,
            statement=statement,
            code=finding.code,
            severity=finding.severity,
            line=finding.line,
            column=finding.column,
            message=storable(finding.message),
        )
        for finding in findings
    )


def _messages(read: coda.Statement) -> list[str]:
    """What the bank tells about the statement, and about no movement of it that is there."""
    return [*(message.strip() for message in read.free_messages), *(each.words for each in read.unattached_information)]


def _identity(read: coda.Statement, now: datetime) -> Identity:
    return Identity(
        account=storable(read.iban or read.account_number),
        currency=storable(read.currency),
        number=read.number,
        day=_day(read, now),
        content_hash=read.content_hash,
    )


def _day(read: coda.Statement, now: datetime) -> date:
    """The statement's day; only a held statement can be without one, and then it is the day it came."""
    return read.new_balance_date or read.header.creation_date or brussels_day(now)


def _look_around(read: coda.Statement, identity: Identity, account: BankAccount | None) -> _Around:
    """Find the statements of its identity and its neighbours in the account's chain, with one query."""
    is_linked = account is not None and not read.header.is_separate_application
    asked: dict[str, str | date | int | None] = {
        "identity": identity.text,
        "day": identity.day,
        "number": identity.number,
    }
    found: dict[str, list[_Stored]] = {_SAME: [], _PREVIOUS: [], _NEXT: []}
    with connection.cursor() as cursor:
        cursor.execute(
            _WITH_NEIGHBOURS if is_linked else _OF_IDENTITY, {**asked, "account": account.pk if account else None}
        )
        for role, *facts in cursor.fetchall():
            found[role].append(_Stored(*facts))
    same = found[_SAME]
    held = tuple(each for each in same if each.state == StatementState.HELD)
    standing = next((each for each in same if each.state in HOLDING_IDENTITY), None)
    repeated = next((each for each in same if each.content_hash == identity.content_hash), None)
    if repeated in held and standing is None and not read.held:
        # Read better now than then: it replaces itself.
        repeated = None
    return _Around(repeated, standing, held, *(next(iter(found[role]), None) for role in (_PREVIOUS, _NEXT)))


def _state(read: coda.Statement, around: _Around, account: BankAccount | None) -> StatementState:
    if around.repeated:
        return StatementState.DUPLICATE
    if read.held or around.standing:
        return StatementState.HELD
    return StatementState.IMPORTED if account else StatementState.UNROUTED


def _insert_statement(
    coda_file: CodaFile,
    position: int,
    read: coda.Statement,
    identity: Identity,
    state: StatementState,
    account: BankAccount | None,
    around: _Around,
    now: datetime,
) -> Statement:
    return Statement.objects.create(
        uuid=uuid4(),
        coda_file=coda_file,
        position=position,
        first_line=read.first_line,
        last_line=read.last_line,
        account=account,
        account_text=storable(read.account[:37]),
        iban=storable(read.iban or ""),
        currency=identity.currency,
        bic=storable(read.header.bic[:11]),
        holder_name=storable(read.holder_name[:40]),
        number=read.number,
        old_balance=read.old_balance,
        new_balance=read.new_balance,
        old_balance_on=read.old_balance_date,
        new_balance_on=identity.day,
        created_on=read.header.creation_date,
        is_separate_application=read.header.is_separate_application,
        movement_count=sum(1 for movement in read.movements if movement.is_booked),
        bank_messages=storable("\n\n".join(filter(None, _messages(read)))),
        identity=identity.text,
        content_hash=identity.content_hash,
        state=state,
        duplicate_of_id=around.repeated.id if around.repeated else None,
        stored_at=now,
    )


def _replace_held(statement: Statement, around: _Around) -> None:
    """A whole statement replaces the held ones of its identity that came before it."""
    if around.held:
        Statement.objects.filter(pk__in=[each.id for each in around.held]).update(replaced_by=statement)


def _between(
    read: coda.Statement, identity: Identity, state: StatementState, around: _Around, account: BankAccount | None
) -> list[coda.Finding]:
    """Judge a statement against what is stored: true at this moment, and never a reason to hold it by themselves."""
    if around.repeated:
        message = f"Statement {read.number:03d} was there already, with the same content."
        return [make_finding("resent_duplicate", read.first_line, 1, message)]
    if around.standing:
        message = f"Statement {read.number} of this account was received before, with other content."
        return [make_finding("statement_conflict", read.first_line, 1, message)]
    if account is None or read.new_balance_date is None or read.header.is_separate_application:
        return []
    return _judge_neighbours(_read_link(read, identity, state), around, account)


def _judge_neighbours(link: Link, around: _Around, account: BankAccount) -> list[coda.Finding]:
    booked_on: date | None = None
    misfits: list[Misfit] = []
    if around.previous:
        previous = _stored_link(around.previous, link)
        booked_on = _booked_until(previous, link, account)
        misfits += judge_step(previous, link, booked_on)
    if around.next:
        until = link.day if link.has_movements else booked_on or link.old_balance_on
        misfits += judge_step(link, _stored_link(around.next, link), until)
    return [replace(misfit.finding, line=link.line) for misfit in misfits]


def _booked_until(previous: Link, link: Link, account: BankAccount) -> date | None:
    """Return the last day with movements before a statement; asked only where the answer matters."""
    if previous.has_movements or link.old_balance_on in {None, previous.day}:
        return previous.day
    booked = in_chain(account).filter(movement_count__gt=0, new_balance_on__lte=previous.day)
    last = booked.order_by("-new_balance_on").values_list("new_balance_on", flat=True).first()
    return last or previous.old_balance_on


def _read_link(read: coda.Statement, identity: Identity, state: StatementState) -> Link:
    return Link(
        account=identity.account,
        currency=identity.currency,
        number=identity.number,
        day=identity.day,
        created_on=read.header.creation_date,
        old_balance=read.old_balance,
        old_balance_on=read.old_balance_date,
        new_balance=read.new_balance,
        has_movements=bool(read.movements),
        is_part=False,
        is_whole=state == StatementState.IMPORTED,
        content_hash=identity.content_hash,
        line=read.first_line,
    )


def _stored_link(stored: _Stored, link: Link) -> Link:
    """Make the link of a neighbour, which is of the same account."""
    return replace(
        link,
        number=stored.number,
        day=stored.day,
        created_on=stored.created_on,
        old_balance=stored.old_balance,
        old_balance_on=stored.old_balance_on,
        new_balance=stored.new_balance,
        has_movements=stored.movement_count > 0,
        is_whole=stored.state == StatementState.IMPORTED,
        content_hash=stored.content_hash,
    )
