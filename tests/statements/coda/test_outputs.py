"""What goes out of the house: one logical statement, and CODAPlus."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.statements.coda import read_coda
from apps.statements.coda.characters import to_ascii
from apps.statements.coda.outputs import (
    CodaPlusStatement,
    CodaPlusTransaction,
    codaplus_xml,
    logical_statement,
)
from apps.statements.coda.writer import StatementDraft, write_file
from tests.statements.coda.drafts import DAY, STATEMENT, statement_drafts

FOLDER = Path(__file__).parents[2] / "samples" / "coda"

TRANSACTION = CodaPlusTransaction(
    sequence=1,
    amount=Decimal("1210.000"),
    entry_date=DAY,
    value_date=DAY,
    counterparty_name="Café Klant NV",
    counterparty_iban="BE71096123456769",
    counterparty_bic="GKCCBEBB",
    structured_communication="090933755493",
    communication="invoice 2026-0117",
    bank_reference="2632400000171",
)
CREDITS = CodaPlusStatement(
    iban="BE68539007547034",
    bic="GKCCBEBB",
    currency="EUR",
    number=214,
    new_balance_date=DAY,
    transactions=[TRANSACTION],
)


def test_codaplus_has_the_documented_shape() -> None:
    assert codaplus_xml(CREDITS) == (
        b'<?xml version="1.0" encoding="US-ASCII"?>\n'
        b'<CodaPlus version="1.0">\n'
        b"  <Statement>\n"
        b'    <Account iban="BE68539007547034" bic="GKCCBEBB" currency="EUR"/>\n'
        b"    <Number>214</Number>\n"
        b"    <NewBalanceDate>2026-11-19</NewBalanceDate>\n"
        b'    <Transaction sequence="1">\n'
        b"      <Amount>1210.00</Amount>\n"
        b"      <EntryDate>2026-11-19</EntryDate>\n"
        b"      <ValueDate>2026-11-19</ValueDate>\n"
        b"      <Counterparty><Name>Caf&#233; Klant NV</Name><Iban>BE71096123456769</Iban>"
        b"<Bic>GKCCBEBB</Bic></Counterparty>\n"
        b"      <StructuredCommunication>090933755493</StructuredCommunication>\n"
        b"      <Communication>invoice 2026-0117</Communication>\n"
        b"      <BankReference>2632400000171</BankReference>\n"
        b"    </Transaction>\n"
        b"  </Statement>\n"
        b"</CodaPlus>\n"
    )


def test_codaplus_shows_no_debit() -> None:
    debit = replace(TRANSACTION, amount=Decimal(-5), communication="secret")
    nothing = replace(TRANSACTION, amount=Decimal(0), communication="secret")

    assert codaplus_xml(replace(CREDITS, transactions=[debit, TRANSACTION, nothing])) == codaplus_xml(CREDITS)


def test_codaplus_keeps_a_third_decimal_and_leaves_out_what_is_unknown() -> None:
    bare = CodaPlusTransaction(sequence=1, amount=Decimal("0.125"), entry_date=DAY)
    xml = codaplus_xml(replace(CREDITS, transactions=[bare]))

    assert b"<Amount>0.125</Amount>" in xml
    assert b"ValueDate" not in xml
    assert b"Counterparty" not in xml


def test_codaplus_escapes_markup_and_drops_control_characters() -> None:
    xml = codaplus_xml(replace(CREDITS, transactions=[replace(TRANSACTION, communication="a<b>&\x00\x1b c")]))

    assert b"<Communication>a&lt;b&gt;&amp;   c</Communication>" in xml


def test_one_statement_is_cut_out_of_a_file_of_two() -> None:
    data = (FOLDER / "ok_two_accounts_one_file.cod").read_bytes()
    first, second = list(read_coda(data))
    cut = [logical_statement(data, statement.first_line, statement.last_line) for statement in (first, second)]

    assert b"BE46001153653736" not in cut[0]
    assert b"BE59230954965626" not in cut[1]
    for piece in cut:
        coda_file = read_coda(piece)
        (statement,) = coda_file
        assert statement.findings == coda_file.findings == []
        assert piece.isascii()
        assert {len(line) for line in piece.split(b"\r\n")} == {128, 0}
        assert piece.endswith(b"2\r\n")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.cod")), ids=lambda path: path.name)
def test_every_record_of_a_cut_keeps_128_characters(path: Path) -> None:
    data = path.read_bytes()
    for statement in read_coda(data):
        lines = logical_statement(data, statement.first_line, statement.last_line).split(b"\r\n")
        assert lines.pop() == b""
        assert len(lines) == statement.last_line - statement.first_line + 1
        assert {len(line) for line in lines} == {128}


@given(st.lists(statement_drafts, min_size=1, max_size=3))
def test_cutting_a_written_file_gives_the_statements_in_ascii(drafts: list[StatementDraft]) -> None:
    data = write_file(drafts)
    for statement, draft in zip(list(read_coda(data)), drafts, strict=True):
        cut = logical_statement(data, statement.first_line, statement.last_line)
        assert cut == to_ascii(write_file([draft]).decode("cp1252")).encode("ascii")


def test_letters_lose_their_accent_and_other_characters_become_question_marks() -> None:
    assert to_ascii("Café Über Ñandú € 東 ß\u00a0x") == "Cafe Uber Nandu ? ? ? x"


def test_a_trimmed_trailer_is_padded_again() -> None:
    data = write_file([STATEMENT]).rstrip()
    cut_trailer = data[: len(data) - 76].rstrip()
    (statement,) = read_coda(cut_trailer)

    assert not statement.held
    assert logical_statement(cut_trailer, statement.first_line, statement.last_line) == logical_statement(
        data, statement.first_line, statement.last_line
    )
