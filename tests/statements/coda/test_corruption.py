"""Nothing makes the reader fail, and what is damaged is noticed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.statements.coda import Statement, read_coda
from tests.statements.coda.drafts import MOVEMENT, coda_bytes, movements

PLAIN = coda_bytes(movements=movements(4))
RICH = coda_bytes()


def _read_everything(data: bytes) -> list[Statement]:
    coda_file = read_coda(data)
    statements = list(coda_file)
    for statement in statements:
        _ = (
            statement.iban,
            statement.currency,
            statement.number,
            statement.debit_total,
            statement.credit_total,
        )
        for movement in statement.movements:
            _ = (movement.amount, movement.communication, movement.structured_communication)
            _ = (movement.counterparty_iban, movement.counterparty_account, movement.end_to_end)
            _ = [(information.type, information.text, information.sequence) for information in movement.information]
    return statements


@given(st.binary(max_size=700))
@example(b"")
@example(b"\x1a")
@example(b"%PDF-1.7\n")
@example(b"\xff\xfe0\x000\x00")
def test_any_bytes_are_read_without_failing(data: bytes) -> None:
    coda_file = read_coda(data)

    assert list(coda_file) == []
    assert coda_file.quarantined


@given(st.integers(0, len(RICH) - 1), st.binary(max_size=140), st.integers(0, 300))
def test_a_file_damaged_anywhere_is_read_without_failing(start: int, insertion: bytes, removed: int) -> None:
    _read_everything(RICH[:start] + insertion + RICH[start + removed :])


@given(st.permutations(range(len(RICH.splitlines()))))
def test_lines_in_any_order_are_read_without_failing(order: list[int]) -> None:
    lines = RICH.splitlines(keepends=True)
    _read_everything(b"".join(lines[index] for index in order))


@given(st.integers(0, len(RICH)))
def test_a_file_cut_anywhere_is_never_imported_as_whole(length: int) -> None:
    coda_file = read_coda(RICH[:length])
    held = [statement.held for statement in coda_file]

    # A trailer cut after its totals, 76 characters and a line end before the end of the file, is whole.
    is_whole = length >= len(RICH) - 78
    assert coda_file.quarantined or held == [not is_whole]


# Columns (from 1) of every record whose digits the file itself can contradict: account, sign, amount or balance,
# number, count, total.
GUARDED = {
    b"1": [*range(43, 59)],
    b"21": [2, *range(3, 11), *range(32, 48)],
    b"22": [2, *range(3, 11)],
    b"23": [2, *range(3, 11)],
    b"8": [*range(5, 58)],
    b"9": [*range(17, 53)],
}
TOTAL = replace(
    MOVEMENT,
    amount=Decimal(30),
    transaction_code="10107000",
    details=[replace(MOVEMENT, amount=Decimal(15), transaction_code="50107000") for _ in range(2)],
)


@pytest.mark.parametrize(
    "data", [PLAIN, RICH, coda_bytes(movements=[*movements(1), TOTAL])], ids=["plain", "rich", "globalised"]
)
def test_any_changed_digit_of_amount_balance_count_or_number_holds_the_statement(data: bytes) -> None:
    records = data.splitlines(keepends=True)
    for line, record in enumerate(records):
        columns = GUARDED.get(record[:2], GUARDED.get(record[:1], []))
        for column in (column for column in columns if record[column - 1 : column].isdigit()):
            # The neighbours of a digit and one far from it: all nine took half a minute and told no more.
            for shift in (1, 4, 9):
                digit = ord("0") + (record[column - 1] - ord("0") + shift) % 10
                changed = record[: column - 1] + bytes([digit]) + record[column:]
                (statement,) = read_coda(b"".join([*records[:line], changed, *records[line + 1 :]]))
                # A zero with the opposite sign is still zero.
                is_harmless = column == 43 and record[:1] == b"1" and statement.old_balance == 0
                assert statement.held or is_harmless, (line + 1, column, digit)


@pytest.mark.parametrize("column", [3, 4, 5, 6, 7, 8, 9, 10])
def test_a_changed_digit_in_the_number_of_information_moves_no_money(column: int) -> None:
    data = coda_bytes(movements=[replace(MOVEMENT, information=["x"]), *movements(1)])
    records = data.splitlines(keepends=True)
    (before,) = read_coda(data)
    for digit in b"0123456789".replace(records[5][column - 1 : column], b""):
        changed = records[5][: column - 1] + bytes([digit]) + records[5][column:]
        (statement,) = read_coda(b"".join([*records[:5], changed, *records[6:]]))
        kept = [*statement.movements[0].information, *statement.unattached_information]
        assert [movement.amount for movement in statement.movements] == [m.amount for m in before.movements]
        assert [information.text.strip() for information in kept] == ["x"]
        assert column > 6 or [finding.code for finding in statement.findings] == ["orphan_information"]


@pytest.mark.parametrize("line", range(1, len(PLAIN.splitlines())))
def test_a_lost_or_repeated_line_holds_the_statement(line: int) -> None:
    records = PLAIN.splitlines(keepends=True)
    lost = [*records[:line], *records[line + 1 :]]
    repeated = [*records[: line + 1], *records[line:]]

    assert all(statement.held for statement in read_coda(b"".join(lost)))
    coda_file = read_coda(b"".join(repeated))
    assert any(statement.held for statement in coda_file) or coda_file.quarantined
