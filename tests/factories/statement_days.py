"""Statements of many days on one account, joined and numbered as a bank does, arriving each on its own morning."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from apps.companies.models import BankAccount
from apps.core.clock import BRUSSELS
from apps.statements.coda.writer import MovementDraft, StatementDraft, write_file
from apps.statements.health.bank_days import bank_days, step_bank_days
from apps.statements.models import Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file

AMOUNT = Decimal("10.00")


def daily_until(last: date, *, count: int = 8) -> list[date]:
    """Return the last so many bank days up to one, oldest first."""
    return list(bank_days(step_bank_days(last, -count + 1), last))


def arrive(
    account: BankAccount,
    days: Iterable[date],
    *,
    first_number: int = 100,
    opening: Decimal = Decimal("1000.00"),
    skipped: Iterable[date] = (),
    arrived_at: datetime | None = None,
) -> list[Statement]:
    """Import a statement for each day; a skipped one has its number and its money, and does not come.

    Each arrives at seven in the morning of the next bank day, or all of them at one instant.
    """
    balance, left_out = opening, set(skipped)
    for number, day in enumerate(days, start=first_number):
        content = write_file([_draft(account, day, number, balance)])
        balance += AMOUNT
        if day not in left_out:
            at = arrived_at or datetime.combine(step_bank_days(day, 1), time(7, 0), BRUSSELS)
            coda_file = receive_coda_file(content=content, name=f"{day}.cod", actor="t", now=at)
            import_coda_file(coda_file_uuid=coda_file.uuid, now=at)
    return list(Statement.objects.filter(iban=account.iban).order_by("new_balance_on"))


def _draft(account: BankAccount, day: date, number: int, balance: Decimal) -> StatementDraft:
    movement = MovementDraft(amount=AMOUNT, entry_date=day, value_date=day, counterparty_name="Klant NV")
    return StatementDraft(
        iban=account.iban,
        bic="GKCCBEBB",
        holder_name="Houder",
        enterprise_number="0123456749",
        number=number,
        creation_date=day + timedelta(days=1),
        old_balance=balance,
        old_balance_date=step_bank_days(day, -1),
        new_balance_date=day,
        movements=(movement,),
    )
