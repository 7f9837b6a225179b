"""What is written reads back: the same values, and no finding."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.statements.coda import Movement, Statement, read_coda
from apps.statements.coda.writer import (
    MovementDraft,
    StatementDraft,
    UnwritableDraft,
    write_file,
    write_statement,
)
from tests.statements.coda.drafts import DAY, MOVEMENT, STATEMENT, coda_bytes, statement_drafts


def _assert_same_movement(movement: Movement, draft: MovementDraft) -> None:
    assert movement.amount == draft.amount
    assert movement.entry_date == draft.entry_date
    assert movement.value_date == draft.value_date
    assert movement.transaction_code == draft.transaction_code
    assert movement.communication == draft.communication
    assert (movement.structured_communication or "") == draft.structured_communication
    assert movement.counterparty_name == draft.counterparty_name
    assert (movement.counterparty_iban or "") == draft.counterparty_iban
    assert movement.counterparty_bic == draft.counterparty_bic
    assert movement.customer_reference == draft.customer_reference
    assert movement.bank_reference == draft.bank_reference
    assert [information.text.strip() for information in movement.information] == list(draft.information)


def _assert_same_statement(statement: Statement, draft: StatementDraft) -> None:
    assert statement.findings == []
    assert (statement.iban, statement.currency, statement.number) == (
        draft.iban,
        draft.currency,
        draft.number,
    )
    assert statement.old_balance == draft.old_balance
    assert statement.new_balance - statement.old_balance == statement.credit_total - statement.debit_total
    assert statement.free_messages == list(draft.free_messages)
    written = [part for movement in draft.movements for part in (movement, *movement.details)]
    assert len(statement.movements) == len(written)
    for movement, part in zip(statement.movements, written, strict=True):
        _assert_same_movement(movement, part)


@given(st.lists(statement_drafts, min_size=1, max_size=3))
def test_written_statements_read_back_without_a_finding(drafts: list[StatementDraft]) -> None:
    coda_file = read_coda(write_file(drafts))
    statements = list(coda_file)

    assert coda_file.findings == []
    for statement, draft in zip(statements, drafts, strict=True):
        _assert_same_statement(statement, draft)


@given(statement_drafts)
def test_every_line_has_128_characters(draft: StatementDraft) -> None:
    assert {len(line) for line in write_statement(draft).splitlines()} == {128}


def test_a_returned_payment_keeps_its_reason() -> None:
    (statement,) = read_coda(coda_bytes(movements=[replace(MOVEMENT, r_transaction="2", reason_code="AC04")]))

    assert (statement.movements[0].r_transaction, statement.movements[0].reason_code) == ("2", "AC04")


def test_a_creditor_reference_is_written_as_type_100() -> None:
    draft = replace(MOVEMENT, structured_communication="RF18539007547034")
    (statement,) = read_coda(coda_bytes(movements=[draft]))

    assert statement.movements[0].communication_type == "100"
    assert statement.movements[0].structured_communication == "RF18539007547034"


def test_a_statement_without_movements_is_written_as_0_1_9() -> None:
    assert [line[0] for line in write_statement(replace(STATEMENT, movements=[])).splitlines()] == [
        "0",
        "1",
        "9",
    ]


def test_a_character_unknown_to_the_encoding_becomes_a_question_mark() -> None:
    draft = replace(MOVEMENT, counterparty_name="Łódź\nCafé")

    assert b"?\xf3d? Caf\xe9 " in coda_bytes(movements=[draft])
    assert b"??d? Caf? " in write_file([replace(STATEMENT, movements=[draft])], encoding="ascii")


@pytest.mark.parametrize(
    "movement",
    [
        replace(MOVEMENT, amount=Decimal("0.0001")),
        replace(MOVEMENT, amount=Decimal(1000000000000)),
        replace(MOVEMENT, counterparty_name="x" * 36),
        replace(MOVEMENT, structured_communication="", communication="x" * 150),
        MovementDraft(amount=Decimal(1), entry_date=DAY, transaction_code="0015"),
    ],
    ids=["a fourth decimal", "thirteen digits", "a long name", "a long text", "half a code"],
)
def test_what_has_no_room_is_refused(movement: MovementDraft) -> None:
    with pytest.raises(UnwritableDraft):
        coda_bytes(movements=[movement])
