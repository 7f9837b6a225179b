"""The credits of a statement as CODAPlus XML; `codaplus-1.0.xsd` beside this file says what it may hold."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from apps.core.identifiers import looks_like_iban
from apps.statements.coda.characters import to_printable

SCHEMA: Final = Path(__file__).with_name("codaplus-1.0.xsd")
_CENT: Final = Decimal("0.01")
_THOUSANDTH: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodaPlusTransaction:
    """One movement; `amount` is signed, credit positive. Empty texts and `None` are left out of the XML.

    `detail` is not 0 for a part of a globalised movement: parts have their total's `sequence`.
    `counterparty_account` is an IBAN, or another kind of number where the bank gives no IBAN.
    """

    sequence: int
    amount: Decimal
    entry_date: date
    detail: int = 0
    value_date: date | None = None
    counterparty_name: str = ""
    counterparty_account: str = ""
    counterparty_bic: str = ""
    structured_communication: str = ""
    communication: str = ""
    bank_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodaPlusStatement:
    """A statement as invoicing software may see it: no balances. `transactions` are read once."""

    iban: str
    bic: str
    currency: str
    number: int
    new_balance_date: date
    transactions: Iterable[CodaPlusTransaction]


def codaplus_xml(statement: CodaPlusStatement) -> bytes:
    """Write the credits of a statement as CODAPlus XML: US-ASCII, the same bytes every time."""
    return b"".join(f"{line}\n".encode("ascii", errors="xmlcharrefreplace") for line in _lines(statement))


def _lines(statement: CodaPlusStatement) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="US-ASCII"?>'
    yield '<CodaPlus version="1.0">'
    yield "  <Statement>"
    account = {"iban": statement.iban, "bic": statement.bic, "currency": statement.currency}
    yield f"    <Account{_attributes(account)}/>"
    yield f"    <Number>{statement.number}</Number>"
    yield f"    <NewBalanceDate>{statement.new_balance_date.isoformat()}</NewBalanceDate>"
    for transaction in statement.transactions:
        if transaction.amount > 0:
            yield from (f"    {line}" for line in _transaction(transaction))
    yield "  </Statement>"
    yield "</CodaPlus>"


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(to_printable(value))}" for name, value in values.items() if value)


def _transaction(transaction: CodaPlusTransaction) -> Iterator[str]:
    place = {"sequence": str(transaction.sequence), "detail": str(transaction.detail or "")}
    yield f"<Transaction{_attributes(place)}>"
    elements = [
        _element("Amount", _amount(transaction.amount)),
        _element("EntryDate", transaction.entry_date.isoformat()),
        _element("ValueDate", transaction.value_date.isoformat() if transaction.value_date else ""),
        _counterparty(transaction),
        _element("StructuredCommunication", transaction.structured_communication),
        _element("Communication", transaction.communication),
        _element("BankReference", transaction.bank_reference),
    ]
    yield from (f"  {element}" for element in elements if element)
    yield "</Transaction>"


def _counterparty(transaction: CodaPlusTransaction) -> str:
    account = transaction.counterparty_account
    inner = (
        _element("Name", transaction.counterparty_name)
        + _element("Iban" if looks_like_iban(account) else "OtherAccount", account)
        + _element("Bic", transaction.counterparty_bic)
    )
    return f"<Counterparty>{inner}</Counterparty>" if inner else ""


def _element(name: str, text: str) -> str:
    # Control characters are not allowed in XML, not even as references.
    return f"<{name}>{escape(to_printable(text))}</{name}>" if text else ""


def _amount(amount: Decimal) -> str:
    """Two decimals, as everywhere in the euro zone; three only when the bank gives a third."""
    shown = amount.quantize(_THOUSANDTH)
    return str(shown.quantize(_CENT) if shown == shown.quantize(_CENT) else shown)
