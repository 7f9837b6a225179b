"""What goes out of the house: one logical statement, and CODAPlus."""

import tracemalloc
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.etree import XMLSchema, fromstring, parse

from apps.statements.coda import Movement, Statement, read_coda
from apps.statements.coda.characters import to_ascii, to_printable
from apps.statements.coda.codaplus import SCHEMA, CodaPlusStatement, CodaPlusTransaction, codaplus_xml
from apps.statements.coda.generator import ODDITIES, Recipe, make_file
from apps.statements.coda.outputs import logical_statement
from apps.statements.coda.writer import StatementDraft, write_file
from tests.statements.coda.drafts import DAY, STATEMENT, statement_drafts

FOLDER = Path(__file__).parents[2] / "samples" / "coda"
SCHEMA_OF_CODAPLUS = XMLSchema(parse(SCHEMA))

TRANSACTION = CodaPlusTransaction(
    sequence=1,
    amount=Decimal("1210.000"),
    entry_date=DAY,
    value_date=DAY,
    counterparty_name="Café Klant NV",
    counterparty_account="BE71096123456769",
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


def test_a_part_of_a_total_is_told_from_the_other_parts() -> None:
    parts = [replace(TRANSACTION, sequence=7, detail=detail) for detail in (1, 3)]
    xml = codaplus_xml(replace(CREDITS, transactions=parts))

    assert b'<Transaction sequence="7" detail="1">' in xml
    assert b'<Transaction sequence="7" detail="3">' in xml


def test_an_account_that_is_no_iban_is_not_called_one() -> None:
    xml = codaplus_xml(replace(CREDITS, transactions=[replace(TRANSACTION, counterparty_account="4711-22 X")]))

    assert b"<OtherAccount>4711-22 X</OtherAccount>" in xml


def sources() -> list[Any]:
    """Every sample, and a made file of three statements with each oddity in it."""
    samples = [pytest.param(path.read_bytes(), id=path.name) for path in sorted(FOLDER.glob("*.cod"))]
    recipes = {name: Recipe(statements=3, movements=12, seed=1, oddities=[name]) for name in ODDITIES}
    made = [pytest.param(b"".join(make_file(recipe)), id=name) for name, recipe in recipes.items()]
    return samples + made


@pytest.mark.parametrize("data", sources())
def test_a_cut_is_its_statement_alone_in_ascii_records_of_128(data: bytes) -> None:
    statements = list(read_coda(data))
    for statement in statements:
        cut = logical_statement(data, statement.first_line, statement.last_line)
        lines = cut.decode("ascii").split("\r\n")
        assert lines.pop() == ""
        assert {len(line) for line in lines} == {128}
        assert all(line.isprintable() for line in lines)
        assert {line[127] for line in lines if line[0] == "9"} <= {"2"}
        assert_same(next(iter(read_coda(cut))), statement)
        assert len(list(read_coda(cut))) == 1


def assert_same(read: Statement, statement: Statement) -> None:
    assert (read.account, read.number, read.header.creation_date) == (
        statement.account,
        statement.number,
        statement.header.creation_date,
    )
    for name in ("old_balance", "old_balance_date", "new_balance", "new_balance_date", "debit_total", "credit_total"):
        assert getattr(read, name) == getattr(statement, name)
    assert [facts(movement) for movement in read.movements] == [facts(movement) for movement in statement.movements]
    assert [to_ascii(text) for text in statement.free_messages] == read.free_messages
    assert read.held == statement.held
    # Padded, a record that was cut short has another fault.
    if not statement.held:
        assert [finding.code for finding in read.findings] == [finding.code for finding in statement.findings]


def facts(movement: Movement) -> tuple[Any, ...]:
    texts = (movement.raw_communication, movement.counterparty_name, movement.counterparty_account)
    return (
        *(movement.ordinal, movement.sequence, movement.detail, movement.parent, movement.amount),
        *(movement.entry_date, movement.value_date, movement.transaction_code),
        *(to_printable(to_ascii(text)) for text in texts),
        *(to_printable(to_ascii(information.text)) for information in movement.information),
    )


def test_a_cut_reads_only_a_block_of_the_neighbours_at_a_time() -> None:
    recipe = Recipe(statements=400, movements=20, seed=3)
    data = b"".join(make_file(recipe))
    statements = list(read_coda(data))
    tracemalloc.start()

    cut = logical_statement(BytesIO(data), statements[-1].first_line, statements[-1].last_line)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2_500_000 < len(data)
    assert cut == data[-len(cut) :]


@pytest.mark.parametrize("data", sources())
def test_every_codaplus_file_keeps_to_the_published_schema(data: bytes) -> None:
    for statement in read_coda(data):
        if statement.held or statement.iban is None or statement.new_balance_date is None:
            continue
        credited = [movement for movement in statement.movements if movement.amount > 0]
        xml = codaplus_xml(
            CodaPlusStatement(
                iban=statement.iban,
                bic=statement.header.bic,
                currency=statement.currency,
                number=statement.number,
                new_balance_date=statement.new_balance_date,
                transactions=[transaction(movement) for movement in credited],
            )
        )
        assert xml.isascii()
        SCHEMA_OF_CODAPLUS.assertValid(fromstring(xml))
        assert xml.count(b"<Transaction ") == len(credited)


def transaction(movement: Movement) -> CodaPlusTransaction:
    return CodaPlusTransaction(
        sequence=movement.sequence,
        detail=movement.detail,
        amount=movement.amount,
        entry_date=movement.entry_date,
        value_date=movement.value_date,
        counterparty_name=movement.counterparty_name,
        counterparty_account=movement.counterparty_iban or movement.counterparty_account,
        counterparty_bic=movement.counterparty_bic,
        structured_communication=movement.structured_communication or "",
        communication=movement.communication,
        bank_reference=movement.bank_reference,
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<Amount>1210.00", b"<Amount>-1210.00"),
        (b"<Amount>1210.00", b"<Amount>1210"),
        (b"<EntryDate>2026-11-19", b"<EntryDate>19/11/2026"),
        (b"090933755493</Struct", b"09093375549</Struct"),
        (b' currency="EUR"', b""),
        (b"<Number>214", b"<Number>2140"),
    ],
)
def test_the_schema_refuses_what_is_not_codaplus(before: bytes, after: bytes) -> None:
    xml = codaplus_xml(CREDITS)

    assert SCHEMA_OF_CODAPLUS.validate(fromstring(xml))
    assert not SCHEMA_OF_CODAPLUS.validate(fromstring(xml.replace(before, after, 1)))


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
