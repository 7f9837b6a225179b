"""Believable bank statements for the demo: one for each of the last bank days, each continuing the one before."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from apps.core.structured_communication import make_structured_communication
from apps.demo.world import CUSTOMERS, EXPENSES, DemoCompany
from apps.statements.coda.writer import MovementDraft, StatementDraft, write_file

STATEMENTS: Final = 8


def statement_files(company: DemoCompany, *, until: date, payments: Sequence[MovementDraft] = ()) -> list[bytes]:
    """Return the bank's files of a company up to the bank day before `until`; `payments` go into the last one.

    The same company and day give the same bytes.
    """
    dice = random.Random(f"{company.enterprise_number} {until.isoformat()}")  # noqa: S311 # invented figures
    days = list(bank_days_before(until, STATEMENTS + 1))
    balance = Decimal(dice.randrange(2_000_00, 20_000_00)) / 100
    files = []
    for previous, day in pairwise(days):
        movements = [*_movements(dice, day), *(payments if day == days[-1] else ())]
        files.append(write_file([_draft(company, previous, day, balance, movements)]))
        balance += sum((movement.amount for movement in movements), Decimal(0))
    return files


def bank_days_before(day: date, count: int) -> list[date]:
    """Return the last `count` week days before a day, oldest first."""
    days: list[date] = []
    while len(days) < count:
        day -= timedelta(days=1)
        if day.weekday() < 5:
            days.append(day)
    return days[::-1]


def bank_day_number(day: date) -> int:
    """Return how many week days the year counts up to a day: the bank's statement number."""
    first = date(day.year, 1, 1)
    return sum(1 for offset in range((day - first).days + 1) if (first + timedelta(days=offset)).weekday() < 5)


def _draft(
    company: DemoCompany, previous: date, day: date, balance: Decimal, movements: Iterable[MovementDraft]
) -> StatementDraft:
    return StatementDraft(
        iban=company.iban,
        bic=company.bic,
        holder_name=company.name[:26],
        enterprise_number=company.enterprise_number,
        number=bank_day_number(day),
        creation_date=day + timedelta(days=1),
        old_balance=balance,
        old_balance_date=previous,
        new_balance_date=day,
        movements=tuple(movements),
        account_description="Zichtrekening",
    )


def _movements(dice: random.Random, day: date) -> Iterator[MovementDraft]:
    for _ in range(dice.randrange(2, 5)):
        if dice.random() < 0.6:
            name, iban = dice.choice(CUSTOMERS)
            reference = make_structured_communication(dice.randrange(10**9))
            yield MovementDraft(
                amount=Decimal(dice.randrange(80_00, 2_400_00)) / 100, entry_date=day, value_date=day,
                structured_communication=reference, counterparty_name=name, counterparty_iban=iban,
            )  # fmt: skip
        else:
            yield MovementDraft(
                amount=-Decimal(dice.randrange(20_00, 900_00)) / 100, entry_date=day, value_date=day,
                transaction_code="00101000", communication="maandelijkse factuur",
                counterparty_name=dice.choice(EXPENSES),
            )  # fmt: skip
