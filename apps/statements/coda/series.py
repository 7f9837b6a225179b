"""What must hold between the statements of one account: numbers that continue, balances that join.

A gap or a break holds nothing back: it is a finding on the account. Pure functions over what is known of each
statement, read or stored.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from apps.statements.coda.findings import Finding, make_finding
from apps.statements.coda.statements import Statement

_LARGEST_NUMBER: Final = 999


@dataclass(frozen=True, slots=True)
class Link:
    """One statement as a link of its account's chain.

    `number` is the CODA sequence within the year, 0 when the bank uses none; the paper number is none: banks put the
    day of the year there, or zeros. `day` is that of the new balance, `created_on` the header's: around the turn of
    the year either may tell to which one the number belongs. `is_part` marks a separate application, which has no
    balances; one that is not whole has none to be trusted. `line` is where the statement begins.
    """

    account: str
    currency: str
    number: int
    day: date
    created_on: date | None
    old_balance: Decimal
    old_balance_on: date | None
    new_balance: Decimal
    has_movements: bool
    is_part: bool
    is_whole: bool
    content_hash: str
    line: int = 1

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes it the same statement: account, number and year, or without a number its day and content."""
        if self.number:
            return self.account, self.currency, self.number, self.day.year
        return self.account, self.currency, self.day, self.content_hash

    @property
    def years(self) -> set[int]:
        """The years that its number may belong to."""
        return {self.day.year, (self.created_on or self.day).year}


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong between a statement and those before it; `missing` is the numbers that did not come."""

    link: Link
    finding: Finding
    missing: range = range(0)


def link_of(statement: Statement) -> Link | None:
    """Make a link of a statement that was read; `None` when it has no readable day."""
    day = statement.new_balance_date
    if day is None:
        return None
    return Link(
        account=statement.iban or statement.account_number,
        currency=statement.currency,
        number=statement.number,
        day=day,
        created_on=statement.header.creation_date,
        old_balance=statement.old_balance,
        old_balance_on=statement.old_balance_date,
        new_balance=statement.new_balance,
        has_movements=bool(statement.movements),
        is_part=statement.header.is_separate_application,
        is_whole=not statement.held,
        content_hash=statement.content_hash,
        line=statement.first_line,
    )


def judge_series(links: Iterable[Link]) -> list[Misfit]:
    """Judge the statements of one account and currency, in the order in which they arrived.

    First comes what came twice: `resent_duplicate`, or `statement_conflict` when the content differs; neither takes
    part in the chain. Then, by day and number, `statement_gap` and `balance_chain`.
    """
    first: dict[tuple[object, ...], Link] = {}
    misfits: list[Misfit] = []
    for link in links:
        standing = first.setdefault(link.identity, link)
        if standing is not link:
            misfits.append(_repetition(link, standing))
    chain = sorted((link for link in first.values() if not link.is_part), key=lambda link: (link.day, link.number))
    return misfits + list(_judge_chain(chain))


def _repetition(link: Link, standing: Link) -> Misfit:
    if link.content_hash == standing.content_hash:
        message = f"Statement {link.number:03d} of {link.day} was there already, with the same content."
        return Misfit(link, make_finding("resent_duplicate", link.line, 1, message))
    message = f"Statement {link.number:03d} of {link.day} was there already, with other content."
    return Misfit(link, make_finding("statement_conflict", link.line, 1, message))


def _judge_chain(chain: Sequence[Link]) -> Iterator[Misfit]:
    last_booking_day: date | None = None
    for position, link in enumerate(chain):
        if position:
            yield from judge_step(chain[position - 1], link, last_booking_day)
        if link.has_movements:
            last_booking_day = link.day
        elif last_booking_day is None:
            last_booking_day = link.old_balance_on


def judge_step(previous: Link, link: Link, last_booking_day: date | None) -> Iterator[Misfit]:
    """Judge a statement against the one before it in the chain: `statement_gap` and `balance_chain`.

    The last booking day is that of the last statement with movements before it.
    """
    missing = missing_numbers(previous, link)
    if missing:
        yield Misfit(link, make_finding("statement_gap", link.line, 126, _gap_message(link, missing)), missing)
    problem = _chain_problem(previous, link, last_booking_day, has_gap=bool(missing))
    if problem:
        yield Misfit(link, make_finding("balance_chain", link.line, 43, problem))


def missing_numbers(previous: Link, link: Link) -> range:
    """Return the numbers between two statements that follow each other by day.

    Numbers go up by one and begin again at 001 each year. What the former year lacked at its end nobody can tell.
    Without numbers (000) nothing is missing.
    """
    if not previous.number or not link.number or link.number == previous.number + 1:
        return range(0)
    if link.number > previous.number and previous.years & link.years:
        return range(previous.number + 1, link.number)
    if previous.number == _LARGEST_NUMBER and link.years <= previous.years:
        return range(1, link.number)
    return range(1, link.number) if link.years != previous.years else range(0)


def _gap_message(link: Link, missing: range) -> str:
    which = f"{missing[0]:03d}" if len(missing) == 1 else f"{missing[0]:03d} to {missing[-1]:03d}"
    return f"Before statement {link.number:03d} of {link.day}, {which} did not come."


def _chain_problem(previous: Link, link: Link, last_booking_day: date | None, *, has_gap: bool) -> str:
    """Say how two statements do not join: in the balance, or in the day of the old balance.

    The day of the old balance is that of the last statement with movements. After a gap it says nothing.
    """
    if not (previous.is_whole and link.is_whole):
        return ""
    if link.old_balance != previous.new_balance:
        return f"It begins with {link.old_balance}, the one before ended with {previous.new_balance}."
    days = {previous.day, last_booking_day}
    if has_gap or link.old_balance_on is None or link.old_balance_on in days:
        return ""
    return f"Its old balance is of {link.old_balance_on}, the one before of {previous.day}."
