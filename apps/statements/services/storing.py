"""Storing one statement that was read: in its state, with its findings, movements and event."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.db.models import Q, QuerySet, Value

from apps.companies.models import BankAccount
from apps.companies.selectors import find_account
from apps.core.clock import brussels_day
from apps.events import services as events
from apps.statements import coda
from apps.statements.chains import in_chain
from apps.statements.coda.series import Link, Misfit, judge_step, link_of
from apps.statements.locks import lock_account_unhurried
from apps.statements.models import CodaFile, CodaFinding, Statement
from apps.statements.rules import HOLDING_IDENTITY, Identity, StatementState
from apps.statements.services.ledger import copy_movements

CONFLICT: Final = "statement_conflict"
_SAME, _PREVIOUS, _NEXT = "same", "previous", "next"


@dataclass(frozen=True, slots=True)
class _Around:
    """What is stored beside a statement: the one it repeats, the one that stands, held ones, and its neighbours."""

    repeated: Statement | None
    standing: Statement | None
    held: tuple[Statement, ...]
    previous: Statement | None
    next: Statement | None


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
    keep_findings(coda_file, statement, [*read.findings, *_between(read, state, around, account)])
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
            message=finding.message,
        )
        for finding in findings
    )


def _identity(read: coda.Statement, now: datetime) -> Identity:
    return Identity(
        account=read.iban or read.account_number,
        currency=read.currency,
        number=read.number,
        day=_day(read, now),
        content_hash=read.content_hash,
    )


def _day(read: coda.Statement, now: datetime) -> date:
    """The statement's day; only a held statement can be without one, and then it is the day it came."""
    return read.new_balance_date or read.header.creation_date or brussels_day(now)


def _look_around(read: coda.Statement, identity: Identity, account: BankAccount | None) -> _Around:
    """Find the statements of its identity and its neighbours in the account's chain, with one query."""
    stands = Q(state__in=HOLDING_IDENTITY) | Q(state=StatementState.HELD, replaced_by=None)
    wanted = Statement.objects.filter(stands, identity=identity.text).annotate(role=Value(_SAME))
    if account is not None and not read.header.is_separate_application:
        wanted = wanted.union(_before(account, identity), _after(account, identity), all=True)
    found: dict[str, list[Statement]] = {_SAME: [], _PREVIOUS: [], _NEXT: []}
    for statement in wanted:
        found[statement.role].append(statement)
    same = found[_SAME]
    held = tuple(each for each in same if each.state == StatementState.HELD)
    standing = next((each for each in same if each.state in HOLDING_IDENTITY), None)
    repeated = next((each for each in same if each.content_hash == identity.content_hash), None)
    if repeated in held and standing is None and not read.held:
        # Read better now than then: it replaces itself.
        repeated = None
    return _Around(repeated, standing, held, *(next(iter(found[role]), None) for role in (_PREVIOUS, _NEXT)))


def _before(account: BankAccount, place: Identity) -> QuerySet[Statement]:
    day = place.day
    earlier = in_chain(account).filter(Q(new_balance_on__lt=day) | Q(number__lte=place.number), new_balance_on__lte=day)
    return earlier.annotate(role=Value(_PREVIOUS)).order_by("-new_balance_on", "-number", "-id")[:1]


def _after(account: BankAccount, place: Identity) -> QuerySet[Statement]:
    day = place.day
    later = in_chain(account).filter(Q(new_balance_on__gt=day) | Q(number__gt=place.number), new_balance_on__gte=day)
    return later.annotate(role=Value(_NEXT)).order_by("new_balance_on", "number", "id")[:1]


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
        account_text=read.account[:37],
        iban=read.iban or "",
        currency=read.currency,
        bic=read.header.bic[:11],
        holder_name=read.holder_name[:40],
        number=read.number,
        old_balance=read.old_balance,
        new_balance=read.new_balance,
        old_balance_on=read.old_balance_date,
        new_balance_on=identity.day,
        created_on=read.header.creation_date,
        is_separate_application=read.header.is_separate_application,
        movement_count=sum(1 for movement in read.movements if movement.detail == 0),
        identity=identity.text,
        content_hash=identity.content_hash,
        state=state,
        duplicate_of=around.repeated,
        stored_at=now,
    )


def _replace_held(statement: Statement, around: _Around) -> None:
    """A whole statement replaces the held ones of its identity that came before it."""
    if around.held:
        Statement.objects.filter(pk__in=[each.pk for each in around.held]).update(replaced_by=statement)


def _between(
    read: coda.Statement, state: StatementState, around: _Around, account: BankAccount | None
) -> list[coda.Finding]:
    """Judge a statement against what is stored: true at this moment, and never a reason to hold it by themselves."""
    if around.repeated:
        message = f"Statement {read.number:03d} was there already, with the same content."
        return [coda.Finding("resent_duplicate", coda.Severity.INFORMATION, read.first_line, 1, message)]
    if around.standing:
        message = f"Statement {read.number} of this account was received before, with other content."
        return [coda.Finding(CONFLICT, coda.Severity.FATAL, read.first_line, 1, message)]
    link = link_of(read)
    if account is None or link is None or link.is_part:
        return []
    link = replace(link, is_whole=state == StatementState.IMPORTED)
    return list(_judge_neighbours(link, around, account))


def _judge_neighbours(link: Link, around: _Around, account: BankAccount) -> "chain[coda.Finding]":
    booked_on: date | None = None
    misfits: list[Misfit] = []
    if around.previous:
        previous = stored_link(around.previous)
        booked_on = _booked_until(previous, link, account)
        misfits += judge_step(previous, link, booked_on)
    if around.next:
        following = stored_link(around.next)
        misfits += judge_step(link, following, link.day if link.has_movements else booked_on or link.old_balance_on)
    return chain(replace(misfit.finding, line=link.line) for misfit in misfits)


def _booked_until(previous: Link, link: Link, account: BankAccount) -> date | None:
    """Return the last day with movements before a statement; asked only where the answer matters."""
    if previous.has_movements or link.old_balance_on in {None, previous.day}:
        return previous.day
    booked = in_chain(account).filter(movement_count__gt=0, new_balance_on__lte=previous.day)
    last = booked.order_by("-new_balance_on").values_list("new_balance_on", flat=True).first()
    return last or previous.old_balance_on


def stored_link(statement: Statement) -> Link:
    """Make the link of a stored statement."""
    return Link(
        account=statement.iban,
        currency=statement.currency,
        number=statement.number,
        day=statement.new_balance_on,
        created_on=statement.created_on,
        old_balance=statement.old_balance,
        old_balance_on=statement.old_balance_on,
        new_balance=statement.new_balance,
        has_movements=statement.movement_count > 0,
        is_part=statement.is_separate_application,
        is_whole=statement.state == StatementState.IMPORTED,
        content_hash=statement.content_hash,
        line=statement.first_line,
    )
