"""What staff decide about a held statement: release it, choose it over the one that stands, or set it aside.

What was read in it was never copied; its movements are read again from the bank's own bytes.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.blobs.selectors import open_bytes
from apps.companies.locks import lock_live_company
from apps.companies.selectors import find_account
from apps.core.errors import DomainError, NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.statements import coda
from apps.statements.locks import lock_account
from apps.statements.models import CodaFinding, Movement, Statement
from apps.statements.rules import HOLDING_IDENTITY, STATEMENT_TRANSITIONS, StatementState, is_reason
from apps.statements.services.ledger import copy_movements

# Parts of a statement itself; whatever else points to it came out of it and was used.
_PARTS: Final = (Statement, Movement, CodaFinding)


class ReasonMissing(DomainError):
    """A word or two is no reason."""

    code = "reason_missing"
    sentence = _("Give the reason in a few words: whoever looks at this statement later reads it.")


class StatementReplaced(DomainError):
    """Another statement took its place already."""

    code = "statement_replaced"
    sentence = _("This statement was replaced by another one of the same number.")


class IdentityTaken(DomainError):
    """Another statement of the same identity stands."""

    code = "identity_taken"
    sentence = _("Another statement of the same account, number and year stands. Choose between the two.")


class NothingStands(DomainError):
    """There is no other statement of the same identity to choose over, or to set aside for."""

    code = "nothing_stands"
    sentence = _("No other statement of the same account, number and year stands.")


class FirstInUse(DomainError):
    """Something came out of the statement that stands: a feed lists it, or its money was matched."""

    code = "first_in_use"
    sentence = _(
        "The first statement has left already: it is in a feed, was downloaded, or its money was matched. It stays. "
        "Ask the bank for a correction."
    )


def release_statement(*, statement_uuid: UUID, reason: str, actor: str, now: datetime) -> Statement:
    """Let a held statement count although it contradicts itself; its findings stay.

    :raises NotFound: when there is no such statement.
    :raises ReasonMissing: without a reason of a few words.
    :raises StatementReplaced: when another one took its place.
    :raises IdentityTaken: when another one of its identity stands.
    :raises IllegalTransition: when it is not held.
    """
    read = _read_again(statement_uuid, reason)
    with transaction.atomic():
        statement = _lock_held(statement_uuid)
        if _find_standing(statement):
            raise IdentityTaken
        _let_count(statement, read, reason, "statement.released", actor=actor, now=now)
    return statement


def choose_statement(*, statement_uuid: UUID, reason: str, actor: str, now: datetime) -> Statement:
    """Let a held statement count in place of the first of its identity, of which nothing has come out yet.

    The first is held from then on, and names the chosen one; its movements stay with it and count no more.

    :raises NotFound: when there is no such statement.
    :raises ReasonMissing: without a reason of a few words.
    :raises StatementReplaced: when another one took its place.
    :raises NothingStands: when there is no first.
    :raises FirstInUse: when a feed lists the first, it was downloaded, or its money was matched.
    :raises IllegalTransition: when it is not held.
    """
    read = _read_again(statement_uuid, reason)
    with transaction.atomic():
        # Whoever lists the first in a feed holds its company.
        _lock_company_of(statement_uuid)
        statement = _lock_held(statement_uuid)
        first = _find_standing(statement, is_locked=True)
        if first is None:
            raise NothingStands
        if _is_used(first):
            raise FirstInUse
        check_transition(STATEMENT_TRANSITIONS, StatementState(first.state), StatementState.HELD)
        first.state, first.replaced_by = StatementState.HELD, statement
        first.save(update_fields=["state", "replaced_by"])
        _record("statement.replaced", first, actor=actor, now=now)
        _let_count(statement, read, reason, "statement.chosen", actor=actor, now=now)
    return statement


@transaction.atomic
def set_statement_aside(*, statement_uuid: UUID, reason: str, actor: str, now: datetime) -> Statement:
    """Decide that the first of an identity stays, and that a held one is done with: replaced by the first.

    :raises NotFound: when there is no such statement.
    :raises ReasonMissing: without a reason of a few words.
    :raises StatementReplaced: when another one took its place.
    :raises NothingStands: when there is no first.
    :raises IllegalTransition: when it is not held.
    """
    _check_reason(reason)
    statement = _lock_held(statement_uuid)
    first = _find_standing(statement)
    if first is None:
        raise NothingStands
    statement.replaced_by = first
    statement.decided_at, statement.decided_by, statement.decision_reason = now, actor, reason
    statement.save(update_fields=["replaced_by", "decided_at", "decided_by", "decision_reason"])
    _record("statement.set_aside", statement, actor=actor, now=now)
    return statement


def _check_reason(reason: str) -> None:
    if not is_reason(reason):
        raise ReasonMissing


def _read_again(statement_uuid: UUID, reason: str) -> coda.Statement:
    """Read a statement from the file that brought it, before anything is locked."""
    _check_reason(reason)
    statement = Statement.objects.select_related("coda_file__blob").filter(uuid=statement_uuid).first()
    if statement is None:
        raise NotFound
    with open_bytes(statement.coda_file.blob) as stream:
        for position, read in enumerate(coda.read_coda(stream), start=1):
            if position == statement.position:
                return read
    raise RuntimeError(f"Statement {statement.uuid} is not in its file any more.")


def _lock_company_of(statement_uuid: UUID) -> None:
    statement = Statement.objects.select_related("account").get(uuid=statement_uuid)
    if statement.account is not None:
        lock_live_company(company_id=statement.account.company_id)


def _lock_held(statement_uuid: UUID) -> Statement:
    """Lock a statement behind its account, and see that it is held and in nobody's shadow."""
    found = Statement.objects.filter(uuid=statement_uuid).values_list("identity", "currency").first()
    if found is None:
        raise NotFound
    lock_account(account=found[0].partition("|")[0], currency=found[1])
    statement = Statement.objects.select_for_update(of=("self",)).select_related("coda_file").get(uuid=statement_uuid)
    check_transition(STATEMENT_TRANSITIONS, StatementState(statement.state), StatementState.UNROUTED)
    if statement.replaced_by_id is not None:
        raise StatementReplaced
    return statement


def _find_standing(statement: Statement, *, is_locked: bool = False) -> Statement | None:
    standing = Statement.objects.filter(identity=statement.identity, state__in=HOLDING_IDENTITY)
    # Also against whoever adds a row that points to it.
    return (standing.select_for_update(of=("self",)) if is_locked else standing).first()


def _is_used(statement: Statement) -> bool:
    """Tell whether anything points to a statement or its movements that is not a part of it.

    The apps above this one are not known here; their keys are.
    """
    movements = statement.movements.select_for_update(of=("self",), no_key=False).order_by("pk")
    rows = {Statement: [statement.pk], Movement: list(movements.values_list("pk", flat=True))}
    return any(
        relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": ids}).exists()
        for model, ids in rows.items()
        for relation in model._meta.related_objects
        if relation.related_model not in _PARTS
    )


def _let_count(
    statement: Statement, read: coda.Statement, reason: str, news: str, *, actor: str, now: datetime
) -> None:
    """Move a held statement to where its account says, with its movements."""
    account_text = statement.identity.partition("|")[0]
    account = find_account(iban=account_text, currency=statement.currency)
    state = StatementState.IMPORTED if account else StatementState.UNROUTED
    check_transition(STATEMENT_TRANSITIONS, StatementState(statement.state), state)
    statement.state, statement.account = state, account
    statement.decided_at, statement.decided_by, statement.decision_reason = now, actor, reason
    statement.save(update_fields=["state", "account", "decided_at", "decided_by", "decision_reason"])
    copy_movements(statement, read.movements)
    _record(news, statement, actor=actor, now=now)
    _record(f"statement.{state.value}", statement, actor=actor, now=now)


def _record(name: str, statement: Statement, *, actor: str, now: datetime) -> None:
    company_uuid = statement.account.company.uuid if statement.account else None
    events.record(name, subject_uuid=statement.uuid, company_uuid=company_uuid, actor=actor, now=now)
