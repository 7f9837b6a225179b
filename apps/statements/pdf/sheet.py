"""The plain values that a printed statement shows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetMovement:
    """One line of money: `amount` is signed, positive for money received.

    `level` is 0 for what is booked; 1 marks a part of the booked movement before it, and 2 a part of such a part: shown
    indented, not counted in the totals.
    """

    sequence: int
    transaction_code: str
    entry_date: date
    value_date: date | None
    amount: Decimal
    counterparty_name: str = ""
    counterparty_account: str = ""
    counterparty_bic: str = ""
    structured_communication: str = ""
    communication: str = ""
    bank_reference: str = ""
    information: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of a whole statement: how many lines and how many booked movements, and the sums of these, `debit` negative."""

    lines: int
    movements: int
    credit: Decimal
    debit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSheet:
    """One statement of one account; `number` as the bank gives it, amounts in `currency`, messages with line ends.

    `movements` are the first lines, at least as many as are shown; `totals` are of all.
    """

    iban: str
    currency: str
    bic: str
    holder_name: str
    number: str
    old_balance_date: date | None
    old_balance: Decimal
    new_balance_date: date
    new_balance: Decimal
    totals: Totals
    bank_messages: str = ""
    movements: tuple[SheetMovement, ...]
