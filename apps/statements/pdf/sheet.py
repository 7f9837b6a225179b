"""The plain values that a printed statement shows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMovement:
    """One line of money: `amount` is signed, positive for money received.

    `is_detail` marks a part of the globalised movement before it: shown indented, not counted in the totals.
    """

    entry_date: date
    value_date: date | None
    counterparty_name: str
    counterparty_iban: str
    communication: str
    amount: Decimal
    is_detail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSheet:
    """One statement of one account; `number` as the bank gives it, amounts in `currency`."""

    iban: str
    currency: str
    bic: str | None
    holder_name: str
    number: str
    old_balance_date: date | None
    old_balance: Decimal
    new_balance_date: date
    new_balance: Decimal
    movements: tuple[SheetMovement, ...]
