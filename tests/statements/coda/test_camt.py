"""Statements as CAMT.053.001.08: the order of the standard, and sums that hold."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from lxml.etree import _Element, fromstring

from apps.statements.coda import Statement, read_coda
from apps.statements.coda.camt import CamtLine, CamtStatement, CamtSummary, camt053
from apps.statements.rules import level_of
from tests.statements.coda.test_outputs import sources

NAMESPACE: Final = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"
NOW: Final = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
# What may stand in each element, in the order of the standard; of these files only, which use a part of it.
ORDER: Final = {
    "BkToCstmrStmt": ("GrpHdr", "Stmt"),
    "GrpHdr": ("MsgId", "CreDtTm"),
    "Stmt": ("Id", "ElctrncSeqNb", "CreDtTm", "Acct", "Bal", "TxsSummry", "Ntry"),
    "Acct": ("Id", "Ccy", "Ownr", "Svcr"),
    "Bal": ("Tp", "Amt", "CdtDbtInd", "Dt"),
    "TxsSummry": ("TtlNtries", "TtlCdtNtries", "TtlDbtNtries"),
    "Ntry": ("Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "AcctSvcrRef", "BkTxCd", "NtryDtls"),
    "NtryDtls": ("Btch", "TxDtls"),
    "TxDtls": ("Refs", "Amt", "CdtDbtInd", "BkTxCd", "RltdPties", "RltdAgts", "RmtInf", "AddtlTxInf"),
    "Refs": ("AcctSvcrRef", "PmtInfId", "EndToEndId"),
    "RmtInf": ("Ustrd", "Strd"),
}


def message(statement: Statement, **changes: Any) -> bytes:
    """Return a statement that was read as a message."""
    booked = [movement.amount for movement in statement.movements if movement.is_booked]
    values: dict[str, Any] = {
        "id": "a" * 32,
        "number": statement.number,
        "created_at": NOW,
        "iban": statement.iban or statement.account_number,
        "currency": statement.currency,
        "bic": statement.header.bic,
        "holder_name": statement.holder_name,
        "old_balance": statement.old_balance,
        "old_balance_date": statement.old_balance_date or statement.new_balance_date,
        "new_balance": statement.new_balance,
        "new_balance_date": statement.new_balance_date,
        "summary": CamtSummary(
            entries=len(booked),
            credit=sum((amount for amount in booked if amount > 0), Decimal(0)),
            debit=sum((amount for amount in booked if amount < 0), Decimal(0)),
        ),
        "lines": lines(statement),
    }
    return b"".join(camt053([CamtStatement(**{**values, **changes})], message_id="b" * 32, created_at=NOW))


def lines(statement: Statement) -> list[CamtLine]:
    return [
        CamtLine(
            level=level_of(movement.transaction_code, has_parent=movement.parent is not None),
            transaction_code=movement.transaction_code,
            amount=movement.amount,
            entry_date=movement.entry_date,
            value_date=movement.value_date,
            counterparty_name=movement.counterparty_name,
            counterparty_account=movement.counterparty_iban or movement.counterparty_account,
            counterparty_bic=movement.counterparty_bic,
            structured_communication=movement.structured_communication or "",
            communication=movement.communication,
            customer_reference=movement.customer_reference,
            bank_reference=movement.bank_reference,
        )
        for movement in statement.movements
    ]


def signed(element: _Element) -> Decimal:
    """Return the amount of an element with its direction."""
    amount = Decimal(element.findtext(f"{NAMESPACE}Amt") or "")
    return amount if element.findtext(f"{NAMESPACE}CdtDbtInd") == "CRDT" else -amount


@pytest.mark.parametrize("data", sources())
def test_every_message_has_the_order_of_the_standard_and_sums_that_hold(data: bytes) -> None:
    for statement in read_coda(data):
        if statement.held or statement.new_balance_date is None:
            continue
        root = fromstring(message(statement))
        for element in root.iter():
            assert len(element) or element.text
            names = [child.tag.removeprefix(NAMESPACE) for child in element]
            order = ORDER.get(element.tag.removeprefix(NAMESPACE))
            if order:
                assert [order.index(name) for name in names] == sorted(order.index(name) for name in names)
        opening, closing = (signed(balance) for balance in root.iter(f"{NAMESPACE}Bal"))
        entries = [signed(entry) for entry in root.iter(f"{NAMESPACE}Ntry")]
        assert (opening, closing) == (statement.old_balance, statement.new_balance)
        if not statement.header.is_separate_application:
            assert opening + sum(entries) == closing


def test_a_total_has_its_parts_as_transactions_and_their_shares_as_a_note() -> None:
    (data,) = (param.values[0] for param in sources() if param.id == "globalised_two_levels")
    statement = list(read_coda(data))[1]
    batches = [
        entry
        for entry in fromstring(message(statement)).iter(f"{NAMESPACE}Ntry")
        if entry.find(f".//{NAMESPACE}Btch") is not None
    ]

    (entry,) = batches
    transactions = list(entry.iter(f"{NAMESPACE}TxDtls"))
    assert sum(signed(transaction) for transaction in transactions) == signed(entry)
    assert entry.findtext(f".//{NAMESPACE}NbOfTxs") == str(len(transactions)) == "2"
    assert [transaction.findtext(f"{NAMESPACE}AddtlTxInf") for transaction in transactions] == [
        "100 11.00; 006 -1.00",
        None,
    ]


def test_long_and_strange_texts_fit_and_nothing_is_lost() -> None:
    (data,) = (param.values[0] for param in sources() if param.id == "ok_plain.cod")
    (statement,) = read_coda(data)
    line = CamtLine(
        level=0, transaction_code="00150000", amount=Decimal("0.125"), entry_date=NOW.date(),
        counterparty_account="4711-22 X", counterparty_bic="no bic", communication=f"{'a' * 139}&<\x00" + "b" * 8,
        structured_communication="RF18539007547034",
    )  # fmt: skip

    text = message(statement, lines=[line]).decode()

    assert '<Amt Ccy="EUR">0.125</Amt>' in text
    assert "<Othr><Id>4711-22 X</Id></Othr>" in text
    assert "DbtrAgt" not in text
    assert f"<Ustrd>{'a' * 139}&amp;</Ustrd><Ustrd>&lt; {'b' * 8}</Ustrd>" in text
    assert "<Issr>ISO</Issr></Tp><Ref>RF18539007547034</Ref>" in text
