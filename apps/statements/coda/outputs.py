"""What leaves the house of a statement: one logical CODA statement, and its credits as CODAPlus XML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr

from apps.statements.coda.characters import to_ascii, to_printable
from apps.statements.coda.physical_lines import (
    RECORD_LENGTH,
    as_record,
    as_stream,
    choose_encoding,
    is_blank,
    iterate_lines,
)

_LINE_END: Final = "\r\n"
_CENT: Final = Decimal("0.01")
_THOUSANDTH: Final = Decimal("0.001")


def logical_statement(data: bytes | BinaryIO, first_line: int, last_line: int) -> bytes:
    """Cut one statement out of a physical file, which may hold those of other companies.

    `first_line` and `last_line` are those of the `Statement`. The result is a file of its own: each record
    has exactly 128 ASCII characters and a CRLF, and the trailer says that nothing follows.
    """
    stream = as_stream(data)
    lines = islice(iterate_lines(stream, choose_encoding(stream)), first_line - 1, last_line)
    records = (to_ascii(as_record(line)[:RECORD_LENGTH]) for line in lines if not is_blank(line))
    return "".join(f"{_as_last(record)}{_LINE_END}" for record in records).encode("ascii")


def _as_last(record: str) -> str:
    return f"{record[: RECORD_LENGTH - 1]}2" if record[0] == "9" else record


@dataclass(frozen=True, slots=True, kw_only=True)
class CodaPlusTransaction:
    """One movement; `amount` is signed, credit positive. Empty texts and `None` are left out of the XML."""

    sequence: int
    amount: Decimal
    entry_date: date
    value_date: date | None = None
    counterparty_name: str = ""
    counterparty_iban: str | None = None
    counterparty_bic: str = ""
    structured_communication: str | None = None
    communication: str = ""
    bank_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodaPlusStatement:
    """A statement as invoicing software may see it: no balances."""

    iban: str
    bic: str
    currency: str
    number: int
    new_balance_date: date
    transactions: Sequence[CodaPlusTransaction]


def codaplus_xml(statement: CodaPlusStatement) -> bytes:
    """Write the credits of a statement as CODAPlus XML: US-ASCII, the same bytes every time."""
    lines = [
        '<?xml version="1.0" encoding="US-ASCII"?>',
        '<CodaPlus version="1.0">',
        "  <Statement>",
        f"    {_account(statement)}",
        f"    <Number>{statement.number}</Number>",
        f"    <NewBalanceDate>{statement.new_balance_date.isoformat()}</NewBalanceDate>",
    ]
    for transaction in statement.transactions:
        if transaction.amount > 0:
            lines += [f"    {line}" for line in _transaction(transaction)]
    lines += ["  </Statement>", "</CodaPlus>", ""]
    return "\n".join(lines).encode("ascii", errors="xmlcharrefreplace")


def _account(statement: CodaPlusStatement) -> str:
    values = {"iban": statement.iban, "bic": statement.bic, "currency": statement.currency}
    attributes = " ".join(f"{name}={quoteattr(to_printable(value))}" for name, value in values.items() if value)
    return f"<Account {attributes}/>"


def _transaction(transaction: CodaPlusTransaction) -> Iterator[str]:
    yield f'<Transaction sequence="{transaction.sequence}">'
    elements = [
        _element("Amount", _amount(transaction.amount)),
        _element("EntryDate", transaction.entry_date.isoformat()),
        _element("ValueDate", transaction.value_date.isoformat() if transaction.value_date else None),
        _counterparty(transaction),
        _element("StructuredCommunication", transaction.structured_communication),
        _element("Communication", transaction.communication),
        _element("BankReference", transaction.bank_reference),
    ]
    yield from (f"  {element}" for element in elements if element)
    yield "</Transaction>"


def _counterparty(transaction: CodaPlusTransaction) -> str:
    inner = (
        _element("Name", transaction.counterparty_name)
        + _element("Iban", transaction.counterparty_iban)
        + _element("Bic", transaction.counterparty_bic)
    )
    return f"<Counterparty>{inner}</Counterparty>" if inner else ""


def _element(name: str, text: str | None) -> str:
    # Control characters are not allowed in XML, not even as references.
    return f"<{name}>{escape(to_printable(text))}</{name}>" if text else ""


def _amount(amount: Decimal) -> str:
    """Two decimals, as everywhere in the euro zone; three only when the bank gives a third."""
    shown = amount.quantize(_THOUSANDTH)
    return str(shown.quantize(_CENT) if shown == shown.quantize(_CENT) else shown)
