"""Nothing makes the reader fail, and what is damaged is noticed."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apps.statements.coda import Statement, read_coda
from tests.statements.coda.drafts import coda_bytes, movements

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


# Columns (from 1) of every record of PLAIN whose digits the file itself can contradict.
GUARDED = {
    b"1": [*range(43, 59)],
    b"21": [2, *range(3, 11), *range(32, 48)],
    b"8": [*range(5, 58)],
    b"9": [*range(17, 53)],
}
SPOTS = [
    (line, column)
    for line, record in enumerate(PLAIN.splitlines())
    for kind, columns in GUARDED.items()
    if record.startswith(kind)
    for column in columns
    if record[column - 1 : column].isdigit()
]


@given(st.sampled_from(SPOTS), st.integers(1, 9))
def test_a_changed_digit_of_amount_balance_count_or_number_holds_the_statement(
    spot: tuple[int, int], shift: int
) -> None:
    line, column = spot
    records = [bytearray(record) for record in PLAIN.splitlines(keepends=True)]
    old = records[line][column - 1] - ord("0")
    records[line][column - 1] = ord("0") + (old + shift) % 10
    (statement,) = read_coda(b"".join(records))

    # A zero with the opposite sign is still zero.
    is_harmless = statement.old_balance == Decimal("-0.000") and column == 43
    assert statement.held or is_harmless


@pytest.mark.parametrize("line", range(1, len(PLAIN.splitlines())))
def test_a_lost_or_repeated_line_holds_the_statement(line: int) -> None:
    records = PLAIN.splitlines(keepends=True)
    lost = [*records[:line], *records[line + 1 :]]
    repeated = [*records[: line + 1], *records[line:]]

    assert all(statement.held for statement in read_coda(b"".join(lost)))
    coda_file = read_coda(b"".join(repeated))
    assert any(statement.held for statement in coda_file) or coda_file.quarantined
