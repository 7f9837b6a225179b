import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from apps.statements.pdf import MAX_LINES, SheetMovement, StatementSheet, Totals, render, render_statement
from apps.statements.pdf.labels import LABELS


def movement(amount: str = "617.060", **changes: Any) -> SheetMovement:
    values: dict[str, Any] = {
        "sequence": 1,
        "transaction_code": "00150000",
        "entry_date": date(2026, 11, 18),
        "value_date": date(2026, 11, 19),
        "counterparty_name": "Boulangerie Dupont SRL",
        "counterparty_account": "BE71096123456769",
        "structured_communication": "090933755493",
        "amount": Decimal(amount),
    }
    return SheetMovement(**{**values, **changes})


STATEMENT = StatementSheet(
    iban="BE68539007547034",
    currency="EUR",
    bic="GKCCBEBB",
    holder_name="Bouwwerken Peeters BV",
    number="2026/117",
    old_balance_date=date(2026, 11, 17),
    old_balance=Decimal("12345.670"),
    new_balance_date=date(2026, 11, 18),
    new_balance=Decimal("11120.100"),
    movements=(
        movement(),
        movement("-1842.630", counterparty_name="Groothandel Verf NV", communication="Factuur 44"),
        movement("300.000", counterparty_name="Domiciliëringen", counterparty_account="", communication="2 stuks"),
        movement("100.000", level=1),
        movement("200.000", level=1),
        movement("5.000", level=2, transaction_code="90150006"),
    ),
    totals=Totals(lines=6, movements=3, credit=Decimal("917.060"), debit=Decimal("-1842.630")),
)


def words(statement: StatementSheet, language: str = "nl") -> str:
    pages = PdfReader(io.BytesIO(render_statement(statement, language=language))).pages
    return " ".join("\n".join(page.extract_text() for page in pages).split())


def test_a_statement_shows_balances_totals_and_movements() -> None:
    text = words(STATEMENT)

    for part in (
        *("Rekeninguittreksel", "2026/117", "Bouwwerken Peeters BV", "BE68 5390 0754 7034", "GKCCBEBB", "EUR"),
        *("12.345,67", "11.120,10", "−1.842,63", "617,06", "BE71 0961 2345 6769", "+++090/9337/55493+++"),
        *("19/11/2026", "Het CODA-bestand is het origineel", "Blz. 1 van 1"),
    ):
        assert part in text


def test_totals_and_details_are_shown_with_what_they_are() -> None:
    text = words(STATEMENT)

    for part in (
        *("Totaal bij 917,06", "Totaal af −1.842,63", "Bewegingen 3", "200,00"),
        *("Overschrijving – Ontvangen overschrijving", "Nieuw saldo 18/11/2026 11.120,10"),
        "Overschrijving – Ontvangen overschrijving – Diverse kosten",
    ):
        assert part in text


def test_a_third_decimal_is_shown_where_it_counts() -> None:
    assert "−0,125" in words(replace(STATEMENT, movements=(movement("-0.125"),)))


@pytest.mark.parametrize(
    ("language", "title", "amount"),
    [
        ("fr", "Extrait de compte", "−1\u202f842,63"),
        ("en", "Account statement", "−1,842.63"),
        ("de", "Kontoauszug", "−1.842,63"),
        ("pt", "Rekeninguittreksel", "−1.842,63"),
    ],
)
def test_each_language_has_its_words_and_amounts(language: str, title: str, amount: str) -> None:
    text = words(STATEMENT, language)

    assert title in text
    assert "".join(amount.split()) in "".join(text.split())


def test_the_same_statement_gives_the_same_bytes_dated_on_its_day() -> None:
    first = render_statement(STATEMENT, language="nl")

    assert first == render_statement(STATEMENT, language="nl")
    created = PdfReader(io.BytesIO(first)).metadata
    assert created is not None
    assert created.creation_date is not None
    assert created.creation_date.date() == date(2026, 11, 18)


def test_text_is_shown_and_never_evaluated() -> None:
    hostile = '#panic("x") *b* $y$ <lab> @ref'

    text = words(replace(STATEMENT, movements=(movement(communication=f"{hostile}\x00\u202e"),)))
    assert hostile in text


def test_a_movement_without_a_name_shows_its_communication() -> None:
    lonely = movement("-5.000", counterparty_name="", counterparty_account="", communication="Kosten", value_date=None)

    assert "Kosten" in words(replace(STATEMENT, movements=(lonely,)))


def test_an_empty_statement_says_so() -> None:
    nothing = Totals(lines=0, movements=0, credit=Decimal(0), debit=Decimal(0))
    text = words(replace(STATEMENT, movements=(), totals=nothing, bic="", old_balance_date=None))

    assert "Geen bewegingen." in text
    assert "Totaal bij 0,00" in text


def test_many_movements_run_over_numbered_pages_with_their_head() -> None:
    statement = replace(STATEMENT, movements=(movement(),) * 60)
    pages = PdfReader(io.BytesIO(render_statement(statement, language="nl"))).pages

    assert len(pages) > 1
    assert all("Tegenpartij" in page.extract_text() for page in pages)
    assert f"Blz. 2 van {len(pages)}" in pages[1].extract_text()


def test_above_the_limit_the_first_are_listed_and_the_totals_cover_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "MAX_LINES", 4)
    totals = Totals(lines=5_001, movements=5_001, credit=Decimal("4002.000"), debit=Decimal(0))
    shown = (*[movement("1000.000")] * 4, movement("2.000", communication="LAST"))
    text = words(replace(STATEMENT, movements=shown, totals=totals))

    assert "Dit uittreksel telt 5.001 lijnen (bewegingen en hun details). Hier staan de eerste 4;" in text
    assert "4.002,00" in text
    assert "LAST" not in text
    assert text.count("Nieuw saldo") == 1
    assert MAX_LINES == 5_000


def test_a_movement_that_says_nothing_is_called_by_its_kind() -> None:
    bare = movement("-5.000", counterparty_name="", counterparty_account="", structured_communication="")

    assert "Overschrijving – Ontvangen overschrijving −5,00" in words(replace(STATEMENT, movements=(bare,)))


def test_every_language_has_every_word() -> None:
    assert all(text for words_of in LABELS.values() for text in words_of.values())
