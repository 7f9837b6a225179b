"""Sequence and detail numbers, globalised movements, and what belongs to what."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.statements.coda import Statement, read_coda
from tests.statements.coda.drafts import MOVEMENT, coda_bytes, movements


def _read(data: bytes) -> Statement:
    (statement,) = read_coda(data)
    return statement


def _codes(statement: Statement) -> list[str]:
    return [finding.code for finding in statement.findings]


def _globalised(*codes: str) -> list[object]:
    """A total and its details of 10 each; those of type 9 are shares of the one of type 7 before them."""
    parts = [replace(MOVEMENT, amount=Decimal(10), transaction_code=code) for code in codes]
    total = sum((part.amount for part in parts[1:] if part.transaction_code[0] != "9"), Decimal(0))
    return [replace(parts[0], amount=total, details=parts[1:])]


def test_numbers_roll_over_after_9999() -> None:
    statement = _read(coda_bytes(movements=movements(10_002)))

    assert statement.findings == []
    assert [movement.sequence for movement in statement.movements[9998:10_001]] == [9999, 0, 1]
    assert [movement.ordinal for movement in statement.movements[9998:10_001]] == [9999, 10_000, 10_001]
    assert sum(movement.amount for movement in statement.movements) == statement.credit_total


def test_details_roll_over_within_one_movement() -> None:
    details = [replace(movement, transaction_code="50107000") for movement in movements(10_001)]
    amount = sum((detail.amount for detail in details), Decimal(0))
    total = replace(details[0], amount=amount, transaction_code="10107000", details=details)
    statement = _read(coda_bytes(movements=[total]))

    assert statement.findings == []
    assert [movement.detail for movement in statement.movements[9999:]] == [9999, 0, 1]
    assert {movement.parent for movement in statement.movements[1:]} == {1}
    assert [movement.ordinal for movement in statement.movements if movement.is_booked] == [1]


def test_only_the_total_of_a_globalised_movement_is_money() -> None:
    statement = _read(coda_bytes(movements=_globalised("10107000", "50107000", "50107000")))

    assert statement.findings == []
    assert [movement.is_booked for movement in statement.movements] == [True, False, False]
    assert [movement.parent for movement in statement.movements] == [None, 1, 1]
    assert statement.new_balance - statement.old_balance == Decimal(20)


def test_a_detail_of_the_second_level_belongs_to_the_detail_before_it() -> None:
    statement = _read(coda_bytes(movements=_globalised("20150000", "70150000", "90150000", "70150000", "90150006")))

    assert [movement.parent for movement in statement.movements] == [None, 1, 2, 1, 4]


def test_information_uses_up_a_detail_number() -> None:
    parts = [
        replace(MOVEMENT, transaction_code=code, information=["Rue de la Loi 200"])
        for code in ("10107000", "50107000", "50107000")
    ]
    total = replace(parts[0], amount=parts[1].amount * 2, details=parts[1:])
    statement = _read(coda_bytes(movements=[total]))

    assert statement.findings == []
    assert [movement.detail for movement in statement.movements] == [0, 2, 4]
    assert [len(movement.information) for movement in statement.movements] == [1, 1, 1]


def _with_line(data: bytes, line: int, old: bytes, new: bytes) -> bytes:
    lines = data.split(b"\r\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return b"\r\n".join(lines)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"2100020000", b"2100030000", "sequence_gap"),
        (b"2100020000", b"2100010000", "sequence_repeat"),
        (b"2100020000", b"2100020001", "sequence_gap"),
        (b"2100020000", b"21000X0000", "sequence_gap"),
    ],
)
def test_a_number_that_does_not_follow_holds_the_statement(old: bytes, new: bytes, code: str) -> None:
    statement = _read(_with_line(coda_bytes(movements=movements(3)), 4, old, new))

    assert statement.held
    assert (code, 4) in [(finding.code, finding.line) for finding in statement.findings]


def test_details_without_their_total_are_right_in_a_separate_application_only() -> None:
    data = coda_bytes(movements=movements(1), old_balance=Decimal("-0.01"))
    data = _with_line(data, 3, b"2100010000", b"2100010001")
    separate = _with_line(data, 1, b"00123456749 00000", b"00123456749 01500")
    separate = _with_line(separate, 2, b"1000000000000010", b"0000000000000000")

    assert _codes(_read(data)) == ["sequence_gap"]
    assert _codes(_read(separate)) == []
    assert _read(separate).movements[0].parent is None
    assert not _read(separate).movements[0].is_booked


def test_information_of_another_movement_is_kept_and_not_attached() -> None:
    data = coda_bytes(movements=[replace(MOVEMENT, information=["x" * 100])])
    statement = _read(_with_line(_with_line(data, 6, b"310001", b"310007"), 7, b"320001", b"320007"))

    assert [(finding.code, finding.line) for finding in statement.findings] == [("orphan_information", 6)]
    assert not statement.held
    assert statement.movements[0].information == ()
    assert [information.sequence for information in statement.unattached_information] == [7]
    assert statement.unattached_information[0].text.strip() == "x" * 100


def test_details_that_make_another_amount_than_their_total_hold_the_statement() -> None:
    (total,) = _globalised("10107000", "50107000", "50107000")
    statement = _read(coda_bytes(movements=[replace(total, amount=Decimal("20.01"))]))  # type: ignore[type-var]

    assert statement.held
    assert [(f.code, f.line, f.column) for f in statement.findings] == [("balance_mismatch", 3, 33)]


def test_shares_of_one_amount_count_for_nothing() -> None:
    parts = [replace(MOVEMENT, amount=Decimal(10), transaction_code=code) for code in ("30450000", "80450100")]
    statement = _read(coda_bytes(movements=[replace(parts[0], details=[replace(parts[1], amount=Decimal(11))])]))

    assert statement.findings == []
