"""A logical statement: one account, its balances and its movements."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from typing import Final, NamedTuple

from apps.statements.coda.fields import Account, parse_digits, to_decimal
from apps.statements.coda.findings import Finding, Severity
from apps.statements.coda.movements import Information, Movement
from apps.statements.coda.physical_lines import as_record, is_blank

_DUPLICATE: Final = "D"
# Whole records of which nothing is left out and nothing filled up: nearly all of them.
_PLAIN_RECORDS: Final = re.compile(r"(?:[1-8][^\r\n\x00\x1a]{127}\r?\n)+")


class Header(NamedTuple):
    """Record 0. Everything but the version is informative: routing goes by account and currency."""

    version: str
    creation_date: date | None
    bank_id: str
    application_code: str
    duplicate_flag: str
    file_reference: str
    addressee: str
    bic: str
    enterprise_number: str
    separate_application: str
    transaction_reference: str
    related_reference: str

    @property
    def is_resent(self) -> bool:
        """Whether the bank says that it sends this statement again."""
        return self.duplicate_flag == _DUPLICATE

    @property
    def is_separate_application(self) -> bool:
        """Whether the file gives part of the transactions only, such as card payments, and no balances."""
        return self.separate_application.strip("0 ") != ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One logical statement, with everything it contradicts itself in.

    Balances are signed, in the account's currency, with three decimals; a debit balance is negative; the two
    totals are those of record 9 and have no sign. `number` is the CODA sequence within the year, 0 when the
    bank uses none. An empty statement without record 8 keeps its old balance, on the day of the header.
    `movements` holds every record 2.1 in file order, details included, but those whose amount or entry date
    cannot be read (a finding says so). `first_line` and `last_line` are physical lines of the file, from 1,
    both included; `raw_text` is those lines as they are, with their ends, and the blank ones before them, in
    pieces of one or more lines.
    """

    header: Header
    own_account: Account
    opening: str
    trailer: str
    old_balance: Decimal
    old_balance_date: date | None
    new_balance: Decimal
    new_balance_date: date | None
    movements: list[Movement]
    free_messages: list[str]
    unattached_information: list[Information]
    findings: list[Finding]
    first_line: int
    last_line: int
    raw_text: list[str]

    @property
    def account(self) -> str:
        """The account field of record 1 (or else 8) as written, currency included, trimmed."""
        return self.own_account.raw

    @property
    def account_number(self) -> str:
        """The account's number, of whatever kind, without its currency."""
        return self.own_account.number

    @property
    def iban(self) -> str | None:
        """The IBAN, right or wrong check digits; an old Belgian number becomes its IBAN."""
        return self.own_account.iban

    @property
    def currency(self) -> str:
        """Three letters."""
        return self.own_account.currency

    @property
    def account_structure(self) -> str:
        """`0` Belgian account number, `1` foreign, `2` Belgian IBAN, `3` foreign IBAN, or empty."""
        return self.opening[1:2].strip()

    @property
    def holder_name(self) -> str:
        """As record 1 gives it, at most 26 characters."""
        return self.opening[64:90].strip()

    @property
    def account_description(self) -> str:
        """What the bank calls this kind of account."""
        return self.opening[90:125].strip()

    @property
    def number(self) -> int:
        """The CODA sequence within the year; 0 when the bank uses none."""
        return parse_digits(self.opening[125:128]) or 0

    @property
    def paper_number(self) -> int:
        """The number of the paper statement, or the day of the year; 0 when the bank uses none."""
        return parse_digits(self.opening[2:5]) or 0

    @property
    def debit_total(self) -> Decimal:
        """What record 9 says; no sign."""
        return to_decimal(parse_digits(self.trailer[22:37]) or 0)

    @property
    def credit_total(self) -> Decimal:
        """What record 9 says; no sign."""
        return to_decimal(parse_digits(self.trailer[37:52]) or 0)

    @property
    def content_hash(self) -> str:
        """SHA-256 of the records, in hexadecimal: the same when the statement comes in again.

        Left out are the duplicate flag of the header and the last digit of the trailer, which tells only
        whether another statement follows in that file.
        """
        digest = sha256()
        for piece in self.raw_text:
            if _PLAIN_RECORDS.fullmatch(piece):
                digest.update(piece.replace("\r\n", "\n").encode())
            else:
                _digest_lines(piece, digest.update)
        return digest.hexdigest()

    @property
    def held(self) -> bool:
        """Whether it contradicts itself, so that nothing may be booked from it before a person looked."""
        return any(finding.severity is Severity.FATAL for finding in self.findings)


def _digest_lines(piece: str, update: Callable[[bytes], None]) -> None:
    """Take the records of a piece into a hash, line by line."""
    for line in StringIO(piece, newline=""):
        if is_blank(line):
            continue
        record = as_record(line)
        if record[0] == "0":
            record = f"{record[:16]} {record[17:]}"
        elif record[0] == "9":
            record = record[:127]
        update(f"{record}\n".encode())
