"""The bank file of tomorrow: what follows the last statement of an account, with the oddity that is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from apps.core.money import round_half_up
from apps.sandbox.rules import BankFileKind
from apps.statements.coda.drafts import MovementDraft, StatementDraft, Structured
from apps.statements.coda.writer import write_file
from apps.statements.health.bank_days import step_bank_days

CUSTOMER_IBAN: Final = "BE71096123456769"
_ONE_TOTAL, _ITS_DETAIL = "10150000", "50150000"
_LATE_DAYS: Final = 5
_RATE_OF_DOLLAR: Final = Decimal("1.25")
# Record 8: the new balance, from its 43rd to its 57th column.
_LAST_DIGIT_OF_BALANCE: Final = 56


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a customer has to pay: `amount` in euro; `reference` twelve digits, or empty."""

    number: str
    reference: str
    customer: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account, and where its last statement left it: `day` is its day, `number` its number in that year."""

    iban: str
    bic: str
    holder: str
    enterprise_number: str
    day: date
    number: int
    balance: Decimal


def make_next(account: Account, kind: BankFileKind, dues: Sequence[Due]) -> bytes:
    """Return the file of the bank day after the account's last; the same values give the same bytes.

    A `reversal` takes back what `dues` say was paid. `resent` is no kind of this: the same file comes again.
    """
    steps = {BankFileKind.GAP: 2, BankFileKind.LATE: _LATE_DAYS}.get(kind, 1)
    day = step_bank_days(account.day, steps)
    number = (account.number if day.year == account.day.year else 0) + (2 if kind == BankFileKind.GAP else 1)
    movements = [] if kind == BankFileKind.EMPTY else _movements(kind, dues, day)
    statement = StatementDraft(
        iban=account.iban,
        bic=account.bic,
        holder_name=account.holder[:26],
        enterprise_number=account.enterprise_number,
        number=number,
        creation_date=day if kind == BankFileKind.EMPTY else step_bank_days(day, 1),
        old_balance=account.balance,
        old_balance_date=account.day,
        new_balance_date=day,
        movements=movements,
    )
    content = write_file([statement])
    return _break_balance(content) if kind == BankFileKind.HELD else content


def _movements(kind: BankFileKind, dues: Sequence[Due], day: date) -> list[MovementDraft]:
    shape = _SHAPES.get(kind, _paid)
    payments = [shape(due, day) for due in dues]
    if kind == BankFileKind.BATCH and payments:
        details = [replace(payment, transaction_code=_ITS_DETAIL) for payment in payments]
        total = sum((payment.amount for payment in payments), Decimal(0))
        return [
            MovementDraft(amount=total, entry_date=day, value_date=day, transaction_code=_ONE_TOTAL, details=details)
        ]
    if kind == BankFileKind.STRANGER or not payments:
        return [_from_nobody_known(day)]
    return payments


def _paid(due: Due, day: date) -> MovementDraft:
    return MovementDraft(
        amount=due.amount,
        entry_date=day,
        value_date=day,
        counterparty_name=due.customer[:35],
        counterparty_iban=CUSTOMER_IBAN,
        structured_communication=due.reference,
        communication="" if due.reference else f"FACTUUR {due.number}"[:140],
    )


def _partly(due: Due, day: date) -> MovementDraft:
    return replace(_paid(due, day), amount=round_half_up(due.amount / 2))


def _too_much(due: Due, day: date) -> MovementDraft:
    return replace(_paid(due, day), amount=due.amount + 10)


def _without_reference(due: Due, day: date) -> MovementDraft:
    return replace(_paid(due, day), structured_communication="", communication="BEDANKT EN TOT ZIENS")


def _back(due: Due, day: date) -> MovementDraft:
    return replace(_paid(due, day), amount=-due.amount)


def _in_dollars(due: Due, day: date) -> MovementDraft:
    dollars = round_half_up(due.amount * _RATE_OF_DOLLAR)
    digits = f"{int(dollars * 1000):015d}"
    rate = f"{int(1 / _RATE_OF_DOLLAR * 10**8):012d}"
    payload = f"{digits}{digits}{rate}USD{due.reference:<12}US{int(due.amount * 1000):015d}"
    return replace(_paid(due, day), structured_communication="", communication="", structure=Structured("105", payload))


def _from_nobody_known(day: date) -> MovementDraft:
    return MovementDraft(
        amount=Decimal("99.99"),
        entry_date=day,
        value_date=day,
        counterparty_name="ONBEKENDE BETALER",
        counterparty_iban="BE61310126985517",
        communication="ZIE MAIL",
    )


_SHAPES: Final[dict[BankFileKind, Callable[[Due, date], MovementDraft]]] = {
    BankFileKind.PARTLY_PAID: _partly,
    BankFileKind.OVERPAID: _too_much,
    BankFileKind.WITHOUT_REFERENCE: _without_reference,
    BankFileKind.FOREIGN_CURRENCY: _in_dollars,
    BankFileKind.REVERSAL: _back,
}


def _break_balance(content: bytes) -> bytes:
    """Change the last cent of the new balance, so that the statement's own sums do not hold."""
    lines = content.splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if line.startswith(b"8"))
    line = bytearray(lines[place])
    digit = line[_LAST_DIGIT_OF_BALANCE - 1]
    line[_LAST_DIGIT_OF_BALANCE - 1] = ord("0") + (digit - ord("0") + 1) % 10
    lines[place] = bytes(line)
    return b"".join(lines)
