"""Files as they are met: encodings, line ends, dirt, several statements, the old version."""

from dataclasses import replace
from decimal import Decimal

import pytest

from apps.statements.coda import SEVERITIES, CodaFile, Severity, Statement, read_coda
from apps.statements.coda.findings import make_finding
from apps.statements.coda.writer import write_file
from tests.statements.coda.drafts import MOVEMENT, STATEMENT, coda_bytes, movements


def _read(data: bytes) -> tuple[CodaFile, list[Statement]]:
    coda_file = read_coda(data)
    return coda_file, list(coda_file)


def _all_codes(data: bytes) -> list[tuple[str, int]]:
    coda_file, statements = _read(data)
    findings = coda_file.findings + [finding for statement in statements for finding in statement.findings]
    return [(finding.code, finding.line) for finding in findings]


def _replaced(data: bytes, line: int, column: int, new: bytes) -> bytes:
    lines = data.split(b"\r\n")
    record = lines[line - 1]
    lines[line - 1] = record[: column - 1] + new + record[column - 1 + len(new) :]
    return b"\r\n".join(lines)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\n \n"])
def test_every_line_end_and_blank_lines_are_accepted(line_end: bytes) -> None:
    data = coda_bytes().replace(b"\r\n", line_end)
    coda_file, (statement,) = _read(data)

    assert coda_file.findings == statement.findings == []
    assert statement.movements[0].counterparty_name == "Café Klant NV"


@pytest.mark.parametrize("ending", [b"", b"\x1a", b"\r\n\x1a", b"\r\n\r\n  \r\n", b"   \r\n", b"\x00\x00"])
def test_every_end_of_file_is_accepted(ending: bytes) -> None:
    assert _all_codes(coda_bytes().rstrip() + ending) == []


def test_utf_8_is_recognised_by_the_length_of_its_lines() -> None:
    data = coda_bytes().decode("cp1252").encode("utf-8")
    coda_file, (statement,) = _read(data)

    assert [(finding.code, finding.line, finding.severity) for finding in coda_file.findings] == [
        ("encoding_guessed", 5, Severity.INFORMATION)
    ]
    assert statement.movements[0].counterparty_name == "Café Klant NV"


def test_bytes_that_windows_1252_lacks_are_read_as_code_page_850() -> None:
    draft = replace(MOVEMENT, counterparty_name="MÜLLER CAFÉ")
    data = write_file([replace(STATEMENT, movements=[draft])], encoding="cp850")
    coda_file, (statement,) = _read(data)

    assert [finding.code for finding in coda_file.findings] == ["encoding_guessed"]
    assert statement.movements[0].counterparty_name == "MÜLLER CAFÉ"


def test_a_broken_statement_does_not_stop_the_others() -> None:
    data = write_file([STATEMENT, replace(STATEMENT, number=215), replace(STATEMENT, number=216)])
    length = len(data.splitlines()) // 3
    broken = _replaced(data, length + 2, 50, b"9")
    coda_file, statements = _read(broken)

    assert [statement.held for statement in statements] == [False, True, False]
    assert [statement.first_line for statement in statements] == [1, length + 1, 2 * length + 1]
    assert not coda_file.quarantined


def test_a_statement_that_stops_before_the_next_header_is_held() -> None:
    data = write_file([STATEMENT, replace(STATEMENT, number=215)])
    lines = data.splitlines(keepends=True)
    half = len(lines) // 2
    _, statements = _read(b"".join(lines[: half - 1] + lines[half:]))

    assert [statement.held for statement in statements] == [True, False]
    assert [(finding.code, finding.line) for finding in statements[0].findings] == [("missing_record_9", half - 1)]


def test_what_stands_before_a_missing_header_is_still_given() -> None:
    data = write_file([STATEMENT, replace(STATEMENT, number=215)])
    lines = data.splitlines(keepends=True)
    half = len(lines) // 2
    coda_file, statements = _read(b"".join(lines[:half] + lines[half + 1 :]))

    assert [statement.number for statement in statements] == [214]
    assert coda_file.quarantined
    assert [(finding.code, finding.line) for finding in coda_file.findings] == [("missing_record_0", half + 1)]


def test_the_trailer_code_is_checked_against_what_follows() -> None:
    one = coda_bytes()
    count = len(one.splitlines())

    assert _all_codes(one + one) == [("link_code", count)]
    assert _all_codes(_replaced(one, count, 128, b"1")) == [("link_code", count)]


@pytest.mark.parametrize(
    ("line", "column", "new", "expected"),
    [
        (1, 72, b"00123456748", [("enterprise_number_check_digits", 1)]),
        (1, 72, b"00000000000", []),
        (2, 43, b"2", [("unreadable_sign", 2)]),
        (2, 50, b" ", [("unreadable_amount", 2)]),
        (2, 59, b"320126", [("unreadable_date", 2)]),
        (2, 59, b"000000", []),
        (3, 48, b"000000", [("value_date_unknown", 3)]),
        (3, 48, b"300226", [("value_date_unknown", 3)]),
        (3, 116, b"300226", [("unreadable_date", 3)]),
        (3, 116, b"000000", [("unreadable_date", 3)]),
        (3, 66, b"1", [("communication_check_digits", 3)]),
        (3, 126, b"0", [("link_code", 3)]),
        (5, 11, b"BE72", [("iban_check_digits", 5)]),
        (5, 126, b"1", [("part_missing", 5)]),
        (5, 128, b"1", [("link_code", 5)]),
        (9, 42, b"3", [("unreadable_sign", 9)]),
        (9, 58, b"000000", [("unreadable_date", 9)]),
        (9, 58, b"171126", [("balance_chain", 9)]),
        (9, 5, b"BE69", [("account_mismatch", 9)]),
        (9, 128, b"1", [("link_code", 9)]),
        (10, 17, b"000009", [("record9_count", 10)]),
        (10, 23, b"9", [("record9_debit_total", 10)]),
        (10, 38, b"9", [("record9_credit_total", 10)]),
        (10, 38, b"X", [("unreadable_amount", 10)]),
    ],
)
def test_each_fault_is_found_alone_and_in_its_place(
    line: int, column: int, new: bytes, expected: list[tuple[str, int]]
) -> None:
    assert _all_codes(_replaced(coda_bytes(), line, column, new)) == expected


def test_the_column_of_a_finding_is_that_of_the_field() -> None:
    _, (statement,) = _read(_replaced(coda_bytes(), 5, 11, b"BE72"))

    assert [(finding.line, finding.column) for finding in statement.findings] == [(5, 11)]


def test_a_line_longer_than_a_record_is_not_one() -> None:
    lines = coda_bytes().split(b"\r\n")
    lines[1] += b" X"

    assert _all_codes(b"\r\n".join(lines)) == [("unknown_record", 2)]


def test_an_unreadable_movement_is_left_out_and_the_others_keep_their_place() -> None:
    _, (statement,) = _read(_replaced(coda_bytes(movements=movements(3)), 4, 32, b"7"))

    assert [movement.ordinal for movement in statement.movements] == [1, 3]
    assert statement.held


def test_the_content_hash_ignores_the_duplicate_flag_and_the_place_in_the_file() -> None:
    _, (one,) = _read(coda_bytes())
    _, (resent,) = _read(coda_bytes(is_resent=True))
    _, (first, other) = _read(write_file([STATEMENT, replace(STATEMENT, old_balance=Decimal(1))], line_end="\n"))

    assert one.content_hash == resent.content_hash == first.content_hash != other.content_hash


def test_a_separate_application_has_no_balances_to_check() -> None:
    data = coda_bytes(movements=movements(1), old_balance=Decimal("-0.01"))
    data = _replaced(_replaced(data, 1, 84, b"01500"), 2, 43, b"0000000000000000")

    assert _all_codes(data) == []


def test_balances_of_a_separate_application_that_are_given_are_checked() -> None:
    assert _all_codes(_replaced(_replaced(coda_bytes(), 1, 84, b"00001"), 9, 50, b"9")) == [("balance_mismatch", 9)]


def test_an_end_to_end_id_is_not_read_from_a_total() -> None:
    total = replace(MOVEMENT, transaction_code="10107000", customer_reference="BATCH-1")
    none = replace(MOVEMENT, customer_reference="NOTPROVIDED")
    _, (statement,) = _read(coda_bytes(movements=[MOVEMENT, total, none]))

    assert [movement.end_to_end for movement in statement.movements] == ["E2E-17", None, None]


def test_an_old_account_number_of_the_other_party_becomes_its_iban() -> None:
    account = b"539007547034 EUR0BE".ljust(37)
    _, (statement,) = _read(_replaced(coda_bytes(movements=[MOVEMENT]), 5, 11, account))

    assert statement.movements[0].counterparty_account == "539007547034"
    assert statement.movements[0].counterparty_iban == "BE68539007547034"
    assert statement.findings == []


# Settlement date, type and scheme, creditor and mandate, before the text of a direct debit.
DIRECT_DEBIT = "191126" + "110" + "BE32ZZZ0472749690".ljust(35) + "MANDATE".ljust(35)


@pytest.mark.parametrize(
    ("communication_type", "payload", "reference"),
    [
        ("100", "RF18539007547034", "RF18539007547034"),
        ("101", "090933755493", "090933755493"),
        ("102", "090933755493", "090933755493"),
        ("103", "090933755493", None),
        ("105", "0" * 15 + "0" * 15 + "0" * 12 + "USD" + "090933755493", "090933755493"),
        ("105", "0" * 15 + "0" * 15 + "0" * 12 + "USD" + "090933755494", None),
        (
            "127",
            "191126" + "110" + "BE32ZZZ0472749690".ljust(35) + "MANDATE".ljust(35) + "+++090/9337/55493+++",
            "090933755493",
        ),
        ("127", DIRECT_DEBIT + "CONTRACT 12", None),
    ],
)
def test_the_reference_is_found_in_each_type_that_carries_one(
    communication_type: str, payload: str, reference: str | None
) -> None:
    draft = replace(MOVEMENT, structured_communication="", communication=communication_type + payload)
    _, (statement,) = _read(_replaced(coda_bytes(movements=[draft]), 3, 62, b"1"))

    assert statement.movements[0].communication_type == communication_type
    assert statement.movements[0].structured_communication == reference
    assert statement.findings == []


def test_the_free_text_of_a_movement_without_its_second_part_keeps_its_columns() -> None:
    text = "x" * 53 + " " * 53 + "y"
    data = coda_bytes(movements=[replace(MOVEMENT, structured_communication="", communication=text)])
    lines = data.split(b"\r\n")
    without = b"\r\n".join(lines[:3] + lines[4:])
    _, (statement,) = _read(without)

    assert statement.movements[0].communication == text


def _version_1() -> bytes:
    """A statement in the layout of CODA 1, of which only what two sources agree on is read."""
    account = f"{'539007547034 EUR0BE':37}"
    records = [
        f"0000001100600005{'':3}00000{'12345678':10}{'HOLDER':26}{'':0>11}00123456749 00000{'':39}1",
        f"1 001{account}0{1000:015d}300906{'HOLDER':26}{'ZICHTREKENING':35}001",
        f"2100010000{'REF':21}0{2500:015d}011006001500001{'101090933755493':53}0110060010101",
        f"2200010000{'':53}{'KLANTREF':29}{'':0>15}{'':18}100",
        f"2300010000{'063012345678':37}{'CAFE':26}{'STRAAT 1':26}{'1000 BRUSSEL':26}000",
        f"8001{account}0{3500:015d}011006",
        f"9{'':15}000005{0:015d}{2500:015d}{'':75}2",
    ]
    return "\r\n".join(records).encode("ascii")


def test_version_1_is_read() -> None:
    coda_file, (statement,) = _read(_version_1())

    assert coda_file.findings == []
    assert statement.findings == []
    assert (statement.iban, statement.currency) == ("BE68539007547034", "EUR")
    assert statement.new_balance == Decimal("3.500")
    (movement,) = statement.movements
    assert movement.structured_communication == "090933755493"
    assert movement.customer_reference == "KLANTREF"
    assert movement.counterparty_name == "CAFE"
    assert movement.counterparty_account == "063012345678"
    assert movement.counterparty_bic == ""


def test_every_code_of_the_table_makes_a_finding_of_its_severity() -> None:
    for code, severity in SEVERITIES.items():
        assert make_finding(code, 1, 1, "").severity is severity
    assert len(SEVERITIES) == 31
