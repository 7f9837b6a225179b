"""A movement: one record 2.1 with its parts and the information attached to it.

A movement keeps the records as they are and cuts its fields out of them when asked: a reader of a large
statement pays for the fields it uses only.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Final, NamedTuple

from apps.core.identifiers import looks_like_iban
from apps.statements.coda import structured_payloads
from apps.statements.coda.communications import StructuredCommunication, decode
from apps.statements.coda.fields import parse_counterparty_account, to_decimal
from apps.statements.coda.transaction_codes import Meaning, meaning_of

_STRUCTURED: Final = "1"
_TOTALS: Final = frozenset({"1", "2"})
_NO_END_TO_END: Final = frozenset({"", "NOTPROVIDED"})


class Information(NamedTuple):
    """Records 3.1 to 3.3: what the bank tells about the movement before it. `line` is that of the 3.1."""

    line: int
    part1: str
    part2: str
    part3: str

    @property
    def type(self) -> str | None:
        """Three digits when structured (001 counterparty, 002 bank message, …); `None` for free text."""
        return self.part1[40:43] if self.part1[39] == _STRUCTURED else None

    @property
    def sequence(self) -> int:
        """The sequence number of the movement that it names."""
        text = self.part1[2:6]
        return int(text) if text.isdecimal() else 0

    @property
    def text(self) -> str:
        """All 268 characters, not trimmed: structured layouts are positional, and begin with the type."""
        return self.part1[40:113] + self.part2[10:115].ljust(105) + self.part3[10:100].ljust(90)

    @property
    def structure(self) -> StructuredCommunication | None:
        """The typed values of a structured text; `None` when it is free."""
        return decode(self.text[:3], self.text[3:]) if self.type else None

    @property
    def words(self) -> str:
        """What it tells, on one line without runs of blanks: the text, or the values of a structured one."""
        structure = self.structure
        values = [str(value) for value in structure.values.values() if value] if structure else []
        parts = values or [self.text]
        return " · ".join(" ".join(part.split()) for part in parts if part.strip())


def fold(information: list[Information]) -> tuple[int, str]:
    """Put information into the form of `Movement.attached`: the line of the first record, and the lines."""
    first = information[0].line if information else 0
    lines: list[str] = []
    for line, *parts in information:
        lines += ["\n"] * (line - first - len(lines))
        lines += [part if part[-1] in "\r\n" else f"{part}\n" for part in parts if part]
    return first, "".join(lines)


def _unfold(first: int, lines: str) -> Iterator[Information]:
    parts: dict[str, str] = {}
    start = first
    for line, record in enumerate(StringIO(lines, newline=""), start=first):
        kind = record[:2]
        if kind == "31" and parts:
            yield Information(start, parts["31"], parts.get("32", ""), parts.get("33", ""))
            parts = {}
        if kind == "31":
            start = line
        if kind.strip():
            parts[kind] = record
    if parts:
        yield Information(start, parts["31"], parts.get("32", ""), parts.get("33", ""))


class Movement(NamedTuple):
    """One line of money, or a detail of one.

    `ordinal` counts the 2.1 records of the statement from 1 and identifies the movement: sequence and detail
    repeat in a statement of over 9999. `parent` is the ordinal of the movement that a detail belongs to.
    `thousandths` is the signed amount, credit positive, in thousandths of the account's currency. `attached`
    holds the records of its information as they are, from line `attached_at` on, an empty line where another one
    stood between.
    """

    ordinal: int
    sequence: int
    detail: int
    parent: int | None
    thousandths: int
    value_date: date | None
    entry_date: date
    line: int
    part1: str
    part2: str
    part3: str
    attached_at: int
    attached: str

    @property
    def information(self) -> tuple[Information, ...]:
        """What the bank tells about the movement, in file order."""
        return tuple(_unfold(self.attached_at, self.attached))

    @property
    def is_booked(self) -> bool:
        """Whether this is money of the account: details restate their total and must not be added to it."""
        return self.parent is None and self.detail == 0

    @property
    def amount(self) -> Decimal:
        """Signed, credit positive, three decimals, in the account's currency."""
        return to_decimal(self.thousandths)

    @property
    def transaction_code(self) -> str:
        """All eight characters: type, family, operation, category."""
        return self.part1[53:61]

    @property
    def type(self) -> str:
        """`0` simple, `1`-`3` a total or an amount with details, `5`-`9` a detail."""
        return self.part1[53]

    @property
    def family(self) -> str:
        """Two digits, such as `01` transfers."""
        return self.part1[54:56]

    @property
    def operation(self) -> str:
        """Two digits within the family; the sign of the amount is never taken from it."""
        return self.part1[56:58]

    @property
    def category(self) -> str:
        """Three digits: what a line of a breakdown is, such as `006` fees or `011` VAT."""
        return self.part1[58:61]

    @property
    def globalisation_code(self) -> str:
        """`0`-`9` as written; banks use it loosely, so `parent` does not depend on it."""
        return self.part1[124]

    @property
    def bank_reference(self) -> str:
        """Informative: banks do not keep it unique."""
        return self.part1[10:31].strip()

    @property
    def raw_communication(self) -> str:
        """All 149 characters of 2.1, 2.2 and 2.3; an absent part is blank, as the layouts are positional."""
        return self.part1[62:115] + self.part2[10:63].ljust(53) + self.part3[82:125].ljust(43)

    @property
    def communication_type(self) -> str | None:
        """Three digits of a structured communication; `None` when it is free text."""
        return self.part1[62:65] if self.part1[61] == _STRUCTURED else None

    @property
    def communication(self) -> str:
        """The free text, trimmed; for a structured communication, the free text inside it."""
        communication_type = self.communication_type
        if communication_type is None:
            return self.raw_communication.strip()
        return structured_payloads.find_text(communication_type, self.raw_communication[3:])

    @property
    def structured_communication(self) -> str | None:
        """The canonical reference of a structured communication, when its check digits are right."""
        communication_type = self.communication_type
        if communication_type is None:
            return None
        return structured_payloads.find_reference(communication_type, self.raw_communication[3:])

    @property
    def structure(self) -> StructuredCommunication | None:
        """The typed values of a structured communication of whatever type; `None` when it is free text."""
        text = self.raw_communication
        return decode(text[:3], text[3:]) if self.communication_type else None

    def meaning(self, language: str) -> Meaning:
        """The words for the transaction code: family, operation and category."""
        return meaning_of(self.transaction_code, language)

    @property
    def customer_reference(self) -> str:
        """As written, trimmed."""
        return self.part2[63:98].strip()

    @property
    def end_to_end(self) -> str | None:
        """The payer's end-to-end id; a total carries the id of its payment batch there, which is none."""
        reference = self.customer_reference
        return None if self.type in _TOTALS or reference in _NO_END_TO_END else reference

    @property
    def counterparty_bic(self) -> str:
        """Empty when the bank gives none."""
        return self.part2[98:109].strip()

    @property
    def r_transaction(self) -> str:
        """`1` reject, `2` return, `3` refund, `4` reversal, `5` cancellation, else empty (since CODA 2.6)."""
        return self.part2[112:113].strip()

    @property
    def reason_code(self) -> str:
        """ISO reason of a return, such as `AC04`, else empty (since CODA 2.6)."""
        return self.part2[113:117].strip()

    @property
    def category_purpose(self) -> str:
        """ISO 20022 category purpose, such as `SALA`, else empty."""
        return self.part2[117:121].strip()

    @property
    def purpose(self) -> str:
        """ISO 20022 purpose, else empty."""
        return self.part2[121:125].strip()

    @property
    def counterparty_iban(self) -> str | None:
        """The other party's IBAN, right or wrong check digits; an old Belgian number becomes its IBAN."""
        number = self.part3[10:44].rstrip()
        if not number or looks_like_iban(number):
            return number or None
        return parse_counterparty_account(self.part3[10:47]).iban

    @property
    def counterparty_account(self) -> str:
        """The other party's account number, of whatever kind, without its currency."""
        return parse_counterparty_account(self.part3[10:47]).number if self.part3 else ""

    @property
    def counterparty_name(self) -> str:
        """Trimmed; empty when the bank gives none."""
        return self.part3[47:82].strip()
