"""Statements as CAMT.053.001.08 (ISO 20022, bank to customer statement), for tools that read no CODA.

What CODA and CAMT call differently follows the guidelines of the Belgian banks: a transaction code is proprietary, of
issuer BBA, and so is a Belgian structured communication, as a creditor reference of type SCOR.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from apps.core.identifiers import looks_like_iban
from apps.statements.coda.characters import to_printable

_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_BANKS: Final = "BBA"
_BIC: Final = re.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_CENT: Final = Decimal("0.01")
_LONGEST_REFERENCE: Final = 35
_LONGEST_TEXT: Final = 140
_LONGEST_NOTE: Final = 500
_LONGEST_NUMBER: Final = 34
_TOTALS: Final = ("1", "2")
_NO_END_TO_END: Final = frozenset({"", "NOTPROVIDED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtLine:
    """A movement or a part of one; `amount` is signed, credit positive, in the currency of the account.

    `level` is 0 for what is booked, 1 for a part of it, 2 for a part of a part. `transaction_code` is CODA's, eight
    characters.
    """

    level: int
    transaction_code: str
    amount: Decimal
    entry_date: date
    value_date: date | None = None
    counterparty_name: str = ""
    counterparty_account: str = ""
    counterparty_bic: str = ""
    structured_communication: str = ""
    communication: str = ""
    customer_reference: str = ""
    bank_reference: str = ""
    information: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtSummary:
    """How many movements are booked, and their sums: `debit` is negative."""

    entries: int
    credit: Decimal
    debit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CamtStatement:
    """One statement. `lines` are read once, in the order of the bank; parts follow their total.

    `id` has at most 35 characters, `created_at` is aware; without a `summary` none is written.
    """

    id: str
    number: int
    created_at: datetime
    iban: str
    currency: str
    bic: str
    holder_name: str
    old_balance: Decimal
    old_balance_date: date
    new_balance: Decimal
    new_balance_date: date
    summary: CamtSummary | None
    lines: Iterable[CamtLine]


def camt053(statements: Iterable[CamtStatement], *, message_id: str, created_at: datetime) -> Iterator[bytes]:
    """Yield a message of one account's statements in UTF-8, piece by piece; one movement with its parts is in memory.

    `message_id` has at most 35 characters. The same values give the same bytes.
    """
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}">\n<BkToCstmrStmt>\n'.encode()
    yield _element("GrpHdr", _text("MsgId", message_id) + _text("CreDtTm", _instant(created_at))).encode() + b"\n"
    for statement in statements:
        yield f"<Stmt>\n{_head(statement)}\n".encode()
        for booked, parts in _entries(statement.lines):
            yield f"{_entry(booked, parts, statement.currency)}\n".encode()
        yield b"</Stmt>\n"
    yield b"</BkToCstmrStmt>\n</Document>\n"


def _entries(lines: Iterable[CamtLine]) -> Iterator[tuple[CamtLine, list[CamtLine]]]:
    booked: CamtLine | None = None
    parts: list[CamtLine] = []
    for line in lines:
        if line.level and booked is not None:
            parts.append(line)
            continue
        if booked is not None:
            yield booked, parts
        booked, parts = line, []
    if booked is not None:
        yield booked, parts


def _head(statement: CamtStatement) -> str:
    number = _text("ElctrncSeqNb", str(statement.number)) if statement.number else ""
    return "\n".join(
        part
        for part in (
            _text("Id", statement.id) + number + _text("CreDtTm", _instant(statement.created_at)),
            _own_account(statement),
            _balance("OPBD", statement.old_balance, statement.old_balance_date, statement.currency),
            _balance("CLBD", statement.new_balance, statement.new_balance_date, statement.currency),
            _summary(statement.summary) if statement.summary else "",
        )
        if part
    )


def _own_account(statement: CamtStatement) -> str:
    owner = _element("Ownr", _text("Nm", statement.holder_name)) if statement.holder_name else ""
    bank = _element("Svcr", _institution(statement.bic))
    return _element("Acct", _account_id(statement.iban) + _text("Ccy", statement.currency) + owner + bank)


def _account_id(number: str) -> str:
    if looks_like_iban(number):
        return _element("Id", _text("IBAN", number))
    other = _text("Id", number[:_LONGEST_NUMBER])
    return _element("Id", _element("Othr", other)) if other else ""


def _institution(bic: str) -> str:
    return _element("FinInstnId", _text("BICFI", bic)) if _BIC.fullmatch(bic) else ""


def _balance(code: str, amount: Decimal, day: date, currency: str) -> str:
    kind = _element("Tp", _element("CdOrPrtry", _text("Cd", code)))
    return _element("Bal", kind + _amount(amount, currency) + _day("Dt", day))


def _summary(summary: CamtSummary) -> str:
    net = summary.credit + summary.debit
    net_amount = _text("Amt", _number(abs(net))) + _direction(net)
    total = (
        _text("NbOfNtries", str(summary.entries))
        + _text("Sum", _number(summary.credit - summary.debit))
        + _element("TtlNetNtry", net_amount)
    )
    credit = _element("TtlCdtNtries", _text("Sum", _number(summary.credit)))
    debit = _element("TtlDbtNtries", _text("Sum", _number(-summary.debit)))
    return _element("TxsSummry", _element("TtlNtries", total) + credit + debit)


def _entry(booked: CamtLine, parts: Sequence[CamtLine], currency: str) -> str:
    return _element(
        "Ntry",
        _amount(booked.amount, currency)
        + _element("Sts", _text("Cd", "BOOK"))
        + _day("BookgDt", booked.entry_date)
        + (_day("ValDt", booked.value_date) if booked.value_date else "")
        + _text("AcctSvcrRef", booked.bank_reference[:_LONGEST_REFERENCE])
        + _code(booked)
        + _details(booked, parts, currency),
    )


def _details(booked: CamtLine, parts: Sequence[CamtLine], currency: str) -> str:
    """Write the parts of a total as its transactions; shares of one amount (fees, VAT) stay a note of theirs."""
    transactions: list[tuple[CamtLine, list[CamtLine]]] = []
    shares: list[CamtLine] = []
    for part in parts:
        if part.level == 1 and not part.transaction_code.startswith("8"):
            transactions.append((part, []))
        else:
            (transactions[-1][1] if transactions else shares).append(part)
    if not transactions:
        return _element("NtryDtls", _transaction(booked, shares, currency))
    batch = _element("Btch", _batch_id(booked) + _text("NbOfTxs", str(len(transactions))))
    return _element("NtryDtls", batch + "".join(_transaction(part, notes, currency) for part, notes in transactions))


def _batch_id(total: CamtLine) -> str:
    reference = total.customer_reference
    return "" if reference in _NO_END_TO_END else _text("PmtInfId", reference[:_LONGEST_REFERENCE])


def _transaction(line: CamtLine, shares: Sequence[CamtLine], currency: str) -> str:
    told = [f"{share.transaction_code[5:8]} {_number(share.amount)}" for share in shares]
    note = "; ".join([*told, *line.information.splitlines()])
    return _element(
        "TxDtls",
        _element("Refs", _references(line))
        + _amount(line.amount, currency)
        + _code(line)
        + _element("RltdPties", _parties(line))
        + _element("RltdAgts", _element(f"{_other_side(line)}Agt", _institution(line.counterparty_bic)))
        + _element("RmtInf", _remittance(line))
        + _text("AddtlTxInf", note[:_LONGEST_NOTE]),
    )


def _references(line: CamtLine) -> str:
    own, reference = _text("AcctSvcrRef", line.bank_reference[:_LONGEST_REFERENCE]), line.customer_reference
    if reference in _NO_END_TO_END:
        return own + _text("EndToEndId", "NOTPROVIDED")
    name = "PmtInfId" if line.transaction_code.startswith(_TOTALS) else "EndToEndId"
    return own + _text(name, reference[:_LONGEST_REFERENCE])


def _other_side(line: CamtLine) -> str:
    return "Dbtr" if line.amount >= 0 else "Cdtr"


def _parties(line: CamtLine) -> str:
    side = _other_side(line)
    name = _text("Nm", line.counterparty_name[:_LONGEST_TEXT])
    return _element(side, _element("Pty", name)) + _element(f"{side}Acct", _account_id(line.counterparty_account))


def _remittance(line: CamtLine) -> str:
    text, reference = line.communication, line.structured_communication
    free = "".join(_text("Ustrd", text[start : start + _LONGEST_TEXT]) for start in range(0, len(text), _LONGEST_TEXT))
    if not reference:
        return free
    issuer = "ISO" if reference.startswith("RF") else _BANKS
    kind = _element("Tp", _element("CdOrPrtry", _text("Cd", "SCOR")) + _text("Issr", issuer))
    return free + _element("Strd", _element("CdtrRefInf", kind + _text("Ref", reference)))


def _code(line: CamtLine) -> str:
    code = _text("Cd", line.transaction_code.strip() or "0") + _text("Issr", _BANKS)
    return _element("BkTxCd", _element("Prtry", code))


def _amount(amount: Decimal, currency: str) -> str:
    return f'<Amt Ccy="{escape(currency)}">{_number(abs(amount))}</Amt>{_direction(amount)}'


def _direction(amount: Decimal) -> str:
    return _text("CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _number(amount: Decimal) -> str:
    """Two decimals, or the third that CODA has where it counts."""
    cents = amount.quantize(_CENT)
    return f"{cents if cents == amount else amount.normalize():f}"


def _day(name: str, day: date) -> str:
    return _element(name, _text("Dt", day.isoformat()))


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _text(name: str, text: str) -> str:
    """Write a text; one of blanks only is none."""
    written = to_printable(text).strip()
    return f"<{name}>{escape(written)}</{name}>" if written else ""


def _element(name: str, content: str) -> str:
    """Write an element around others; none around nothing, which the standard never allows."""
    return f"<{name}>{content}</{name}>" if content else ""
