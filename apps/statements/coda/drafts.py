"""What is to be written: statements and movements as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class UnwritableDraft(ValueError):
    """A draft holds a value that the format has no room for."""


class Structured(NamedTuple):
    """A structured communication: three digits and what follows them, laid out as `layouts.LAYOUTS` says."""

    type: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementDraft:
    """A movement to be written; `amount` is signed, credit positive, with at most three decimals.

    Give a free `communication`, a canonical `structured_communication` (twelve digits, or `RF…`) or, for any other
    type, a `structure`. `details` make it a globalised movement: `transaction_code` then begins with 1, 2 or 3,
    those of the details with 5, 6 or 8, and with 7 where a detail has details of its own, which begin with 9. The
    counterparty's account may also be no IBAN.
    """

    amount: Decimal
    entry_date: date
    value_date: date | None = None
    transaction_code: str = "00150000"
    communication: str = ""
    structured_communication: str = ""
    structure: Structured | None = None
    counterparty_name: str = ""
    counterparty_iban: str = ""
    counterparty_bic: str = ""
    customer_reference: str = ""
    bank_reference: str = ""
    r_transaction: str = ""
    reason_code: str = ""
    information: Sequence[str | Structured] = ()
    details: Sequence["MovementDraft"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDraft:
    """A statement to be written; the new balance follows from the old one and the movements.

    Without movements and messages it is written without record 8, as banks do: its day is then
    `creation_date`. `iban` may be an account of another structure: 0 twelve Belgian digits, 1 a foreign number;
    otherwise the structure follows from the country. A `separate_application` other than zeros has zeros for
    balances. Version 1 is for old Belgian accounts: give their IBAN.
    """

    iban: str
    bic: str
    holder_name: str
    enterprise_number: str
    number: int
    creation_date: date
    old_balance: Decimal
    old_balance_date: date
    new_balance_date: date
    currency: str = "EUR"
    movements: Sequence[MovementDraft] = ()
    free_messages: Sequence[str] = ()
    account_description: str = ""
    file_reference: str = ""
    paper_number: int = 0
    is_resent: bool = False
    account_structure: str = ""
    separate_application: str = "00000"
    version: str = "2"
