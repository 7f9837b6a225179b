"""The chain of an account as it stands now: which numbers did not come, and which balances do not join.

Computed from the stored statements each time, so a late statement that fills a gap makes the account whole by itself.
Findings on a statement, by contrast, tell what was true when it was read. One query looks at all statements of an
account and hands over only those that do not follow simply on the one before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, RowRange, Window
from django.db.models.functions import Coalesce, FirstValue, Lag

from apps.companies.models import BankAccount
from apps.statements.coda.series import Link, Misfit, judge_step
from apps.statements.models import Statement
from apps.statements.rules import StatementState

# In the chain stands what was imported, and what is held and was neither replaced nor came beside a good one.
_HELD: Final = Q(state=StatementState.HELD, replaced_by=None)
_FORMER: Final = ("uuid", "number", "new_balance_on", "created_on", "new_balance", "state")


@dataclass(frozen=True, slots=True)
class ChainPlace:
    """A stored statement of the chain."""

    uuid: UUID
    number: int
    day: date


@dataclass(frozen=True, slots=True)
class MissingNumbers:
    """Numbers from `first` to `last`, both included, that did not come between two statements."""

    first: int
    last: int
    before: ChainPlace
    after: ChainPlace
    message: str

    @property
    def count(self) -> int:
        """Return how many statements did not come."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """Two statements that do not join: amounts in the account's currency, `expected` is how the former ended.

    Where both are the same, it is the day of the old balance that does not fit.
    """

    expected: Decimal
    found: Decimal
    before: ChainPlace
    after: ChainPlace
    message: str


@dataclass(frozen=True, slots=True)
class _Step:
    misfits: tuple[Misfit, ...]
    before: ChainPlace
    after: ChainPlace
    expected: Decimal
    found: Decimal


def judge_account(account: BankAccount) -> tuple[tuple[MissingNumbers, ...], tuple[BrokenChain, ...]]:
    """Return what is missing now between the statements of an account, and where its balances do not join.

    Both oldest first. A held statement's balances are not asked.
    """
    steps = list(_steps(account))
    missing = tuple(
        MissingNumbers(misfit.missing[0], misfit.missing[-1], step.before, step.after, misfit.finding.message)
        for step in steps
        for misfit in step.misfits
        if misfit.missing
    )
    broken = tuple(
        BrokenChain(step.expected, step.found, step.before, step.after, misfit.finding.message)
        for step in steps
        for misfit in step.misfits
        if misfit.finding.code == "balance_chain"
    )
    return missing, broken


def missing_numbers(account: BankAccount) -> tuple[MissingNumbers, ...]:
    """Return what is missing now between the statements of an account, oldest first."""
    return judge_account(account)[0]


def broken_chains(account: BankAccount) -> tuple[BrokenChain, ...]:
    """Return where the balances of an account do not join now, oldest first."""
    return judge_account(account)[1]


def in_chain(account: BankAccount) -> QuerySet[Statement]:
    """Return the statements that form the chain of an account, in no order."""
    standing = Statement.objects.filter(identity=OuterRef("identity"), state=StatementState.IMPORTED)
    return Statement.objects.filter(
        Q(state=StatementState.IMPORTED) | (_HELD & ~Exists(standing)), account=account, is_separate_application=False
    )


def _steps(account: BankAccount) -> Iterator[_Step]:
    for row in _irregular(account):
        previous, link = _former_link(row), _link(row)
        misfits = tuple(judge_step(previous, link, row["last_booking_on"]))
        if misfits:
            before = ChainPlace(row["former_uuid"], row["former_number"], row["former_new_balance_on"])
            after = ChainPlace(row["uuid"], row["number"], row["new_balance_on"])
            yield _Step(misfits, before, after, row["former_new_balance"], row["old_balance"])


def _irregular(account: BankAccount) -> Iterator[dict[str, Any]]:
    """Keep the statements that the rule must look at: all but those that plainly follow the one before."""
    order = [F("new_balance_on").asc(), F("number").asc(), F("id").asc()]
    former: dict[str, Any] = {f"former_{name}": Window(Lag(name), order_by=order) for name in _FORMER}
    # Of what stands before this statement; with nothing booked there, the day that the first one begins with.
    earlier = RowRange(start=None, end=-1)
    booked = Coalesce(
        Window(Max("new_balance_on", filter=Q(movement_count__gt=0)), order_by=order, frame=earlier),
        Window(FirstValue("old_balance_on"), order_by=order),
    )
    plainly_follows = (
        Q(number=F("former_number") + 1)
        & Q(old_balance=F("former_new_balance"))
        & (Q(old_balance_on=F("former_new_balance_on")) | Q(old_balance_on=None))
    )
    chain = in_chain(account).annotate(**former, last_booking_on=booked)
    odd = chain.filter(~plainly_follows, former_uuid__isnull=False).order_by("new_balance_on", "number", "id")
    return cast("Iterator[dict[str, Any]]", odd.values().iterator())


def _link(row: dict[str, Any]) -> Link:
    return Link(
        account=row["iban"],
        currency=row["currency"],
        number=row["number"],
        day=row["new_balance_on"],
        created_on=row["created_on"],
        old_balance=row["old_balance"],
        old_balance_on=row["old_balance_on"],
        new_balance=row["new_balance"],
        has_movements=row["movement_count"] > 0,
        is_part=False,
        is_whole=row["state"] == StatementState.IMPORTED,
        content_hash=row["content_hash"],
        line=row["first_line"],
    )


def _former_link(row: dict[str, Any]) -> Link:
    """Make the link of the statement before: what the rule asks of it."""
    former = {name: row[f"former_{name}"] for name in _FORMER}
    unasked = {"old_balance": former["new_balance"], "old_balance_on": None, "movement_count": 0}
    unasked |= {"content_hash": "", "first_line": 1, "iban": row["iban"], "currency": row["currency"]}
    return _link(former | unasked)
