"""Every made sample has one trait; the manifest says what must be found in it, and where."""

import csv
from pathlib import Path

import pytest

from apps.statements.coda import Finding, read_coda

FOLDER = Path(__file__).parents[2] / "samples" / "coda"
with (FOLDER / "manifest.csv").open(encoding="utf-8", newline="") as lines:
    ROWS = list(csv.DictReader(lines))

# What only a database can know, because it lies between two statements.
OUTSIDE_THE_READER = {"resent_duplicate"}


def _read(name: str) -> tuple[str, list[Finding], int]:
    coda_file = read_coda((FOLDER / name).read_bytes())
    statements = list(coda_file)
    findings = coda_file.findings + [finding for statement in statements for finding in statement.findings]
    if coda_file.quarantined:
        return "quarantined", findings, len(statements)
    held = any(statement.held for statement in statements)
    return "held" if held else "imported", findings, len(statements)


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_sample_gets_the_state_and_finding_of_the_manifest(row: dict[str, str]) -> None:
    state, findings, _ = _read(row["file"])

    assert state == row["expected_state"].partition(" + ")[0]
    expected = set(row["expected_finding"].split()) - OUTSIDE_THE_READER
    assert expected <= {finding.code for finding in findings}
    if row["line"] and expected:
        assert int(row["line"]) in {finding.line for finding in findings if finding.code in expected}
    if not expected:
        assert findings == []


def test_every_sample_is_in_the_manifest() -> None:
    assert {row["file"] for row in ROWS} == {path.name for path in FOLDER.glob("*.cod")}


@pytest.mark.parametrize(
    ("name", "statements"),
    [("ok_two_accounts_one_file.cod", 2), ("bad_same_statement_twice.cod", 2), ("bad_missing_rec0.cod", 0)],
)
def test_every_logical_statement_comes_out(name: str, statements: int) -> None:
    assert _read(name)[2] == statements


@pytest.mark.parametrize(
    "name",
    [row["file"] for row in ROWS if row["expected_state"] == "imported" and row["expected_finding"]],
)
def test_a_single_trait_gives_a_single_finding(name: str) -> None:
    assert len(_read(name)[1]) == 1


def test_the_new_balance_is_the_one_of_the_bank_in_a_plain_statement() -> None:
    (statement,) = read_coda((FOLDER / "ok_plain.cod").read_bytes())

    assert str(statement.old_balance) == "39195437.910"
    assert str(statement.new_balance) == "39205595.470"
    assert (str(statement.debit_total), str(statement.credit_total)) == ("23724.880", "33882.440")
    assert (statement.iban, statement.currency) == ("BE54363924580697", "EUR")
    assert (statement.number, statement.paper_number) == (111, 111)
    assert statement.header.bic == "GKCCBEBB"
    assert (statement.first_line, statement.last_line) == (1, 103)
    assert len(statement.movements) == 23
    assert len([movement for movement in statement.movements if movement.is_booked]) == 20


def test_an_old_account_number_is_turned_into_its_iban() -> None:
    (statement,) = read_coda((FOLDER / "ok_account_structure_0_bban.cod").read_bytes())

    assert statement.account_structure == "0"
    assert statement.account_number == "539007547034"
    assert (statement.iban, statement.currency) == ("BE68539007547034", "EUR")


def test_a_foreign_iban_is_read() -> None:
    (statement,) = read_coda((FOLDER / "ok_account_structure_3_nl_iban.cod").read_bytes())

    assert (statement.iban, statement.currency) == ("NL91ABNA0417164300", "EUR")


def test_an_empty_statement_keeps_its_balance_on_the_day_of_its_header() -> None:
    (statement,) = read_coda((FOLDER / "ok_empty_file_0_1_9.cod").read_bytes())

    assert statement.movements == []
    assert statement.new_balance == statement.old_balance
    assert statement.new_balance_date == statement.header.creation_date


def test_accents_survive_every_encoding() -> None:
    for name in ("ok_cp1252_accents.cod", "ok_utf8_encoded_128chars.cod"):
        (statement,) = read_coda((FOLDER / name).read_bytes())
        assert statement.movements[0].counterparty_name == "CAFÉ ÉTÉ ÜBER"


def test_a_resent_statement_says_so() -> None:
    (statement,) = read_coda((FOLDER / "ok_duplicate_flag_D.cod").read_bytes())

    assert statement.header.is_resent


def test_a_free_message_is_kept() -> None:
    (statement,) = read_coda((FOLDER / "ok_free_comm_record_4.cod").read_bytes())

    assert statement.free_messages == ["MESSAGE DE LA BANQUE"]


def test_a_wrong_reference_is_not_offered_for_matching() -> None:
    (statement,) = read_coda((FOLDER / "bad_ogm_checksum.cod").read_bytes())

    assert statement.movements[0].communication_type == "101"
    assert statement.movements[0].structured_communication is None


def test_a_direct_debit_gives_the_text_inside_it() -> None:
    statements = list(read_coda((FOLDER / "ok_two_accounts_one_file.cod").read_bytes()))
    (debit,) = [movement for movement in statements[1].movements if movement.communication_type == "127"]

    assert debit.communication == "CONTRAT 2293401"
    assert len(debit.raw_communication) == 149
