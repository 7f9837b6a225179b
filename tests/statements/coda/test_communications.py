"""What a movement means: structured communications as typed values, codes in words, details as a tree."""

import csv
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.statements.coda import read_coda
from apps.statements.coda.communications import decode
from apps.statements.coda.layouts import LAYOUTS
from apps.statements.coda.transaction_codes import LANGUAGES, meaning_of
from apps.statements.coda.trees import Branch, as_tree
from tests.statements.coda.drafts import MOVEMENT, coda_bytes

TABLE = Path("apps/statements/coda/transaction_codes.csv")


def test_every_type_of_the_standard_has_a_layout_that_fits() -> None:
    in_movements = {kind for kind in LAYOUTS if kind.startswith("1")}

    assert in_movements == {
        *("100", "101", "102", "103", "105", "106", "107", "108", "111", "113", "114", "115"),
        *("121", "122", "123", "124", "125", "126", "127"),
    }  # fmt: skip
    assert LAYOUTS.keys() - in_movements == {"001", "002", "004", "005", "006", "007", "008", "009", "010", "011"}
    for kind, fields in LAYOUTS.items():
        assert sum(field.width for field in fields) <= (146 if kind in in_movements else 265)
        assert len({field.name for field in fields}) == len(fields)


def test_a_direct_debit_fills_its_149_characters() -> None:
    assert sum(field.width for field in LAYOUTS["127"]) == 146


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        (
            "105",
            "000000000012340" + "000000000013574" + "000110000000" + "USD" + "090933755493" + "US" + "000000000012340",
            {
                "gross_amount": Decimal("12.340"), "original_amount": Decimal("13.574"), "rate": Decimal("1.10000000"),
                "currency": "USD", "reference": "090933755493", "country": "US", "amount_in_eur": Decimal("12.340"),
            },
        ),
        ("108", "0" * 30 + "000350000000" + "010126310326", {
            "interest_rate": Decimal("3.50000000"), "from_date": date(2026, 1, 1), "until_date": date(2026, 3, 31),
        }),
        (
            "113",
            "6703********1234" + "1" + "174017" + "981249" + "070624" + "1230" + "9" + "TANKSTATION".ljust(16)
            + "GENT".ljust(10) + "000000000050000" + "0" * 12 + "EUR" + "03025" + "01" + "01653",
            {
                "card": "6703********1234", "date": date(2024, 6, 7), "time": time(12, 30), "volume": Decimal("30.25"),
                "unit_price": Decimal("1.653"), "terminal_town": "GENT", "original_amount": Decimal("50.000"),
            },
        ),
        ("122", "0030" + "000850000000" + "000000001000000" + "2" + "BILL-1".ljust(13) + "311226", {
            "days": 30, "rate": Decimal("8.50000000"), "base_amount": Decimal("1000.000"), "minimum": "2",
            "maturity": date(2026, 12, 31),
        }),
        ("123", "010126" + "999999" + "0" * 15 + "0" * 12 + "0000" + "1" + "G1", {
            "from_date": date(2026, 1, 1), "until_date": None, "guarantee_number": "G1",
        }),
        (
            "127",
            "191126" + "110" + "BE32ZZZ0472749690".ljust(35) + "MANDATE".ljust(35) + "CONTRACT 12".ljust(62) + "2MD01",
            {
                "settlement_date": date(2026, 11, 19), "direct_debit_type": "1", "scheme": "1", "paid": "0",
                "creditor": "BE32ZZZ0472749690", "mandate": "MANDATE", "communication": "CONTRACT 12",
                "r_transaction": "2", "reason": "MD01",
            },
        ),
        ("006", "FRAIS".ljust(30) + "EUR" + "000000000012340" + "1" + "006", {
            "amount": Decimal("-12.340"), "sign": "1", "category": "006",
        }),
        ("007", "0000010" + "020000" + "000000000200000", {
            "count": 10, "denomination": Decimal("20.000"), "total": Decimal("200.000"),
        }),
        ("106", "x" * 57, {"equivalent": None, "percent": None, "minimum": "x"}),
        ("114", "1" + " " * 16 + "310226" + "2561", {"date": None, "time": None}),
    ],
)  # fmt: skip
def test_values_come_out_with_their_type(kind: str, payload: str, expected: dict[str, object]) -> None:
    decoded = decode(kind, payload)

    assert decoded.is_known
    assert {name: decoded.values[name] for name in expected} == expected


def test_an_unlisted_type_keeps_its_text() -> None:
    decoded = decode("199", "whatever ")

    assert (decoded.is_known, dict(decoded.values), decoded.raw) == (False, {}, "whatever ")


@given(st.sampled_from(sorted(LAYOUTS)), st.text(max_size=300))
def test_any_text_is_decoded_without_failing(kind: str, payload: str) -> None:
    assert decode(kind, payload).values.keys() == {field.name for field in LAYOUTS[kind]}


def test_the_values_are_there_on_movements_and_information() -> None:
    text = "001" + "JANSSENS".ljust(70) + "KERKSTRAAT 1".ljust(35) + "9000 GENT".ljust(35)
    data = coda_bytes(movements=[replace(MOVEMENT, information=[text, "free"])])
    lines = data.split(b"\r\n")
    lines[5] = lines[5][:39] + b"1" + lines[5][40:]
    (statement,) = read_coda(b"\r\n".join(lines))
    (movement,) = statement.movements

    assert movement.structure is not None
    assert movement.structure.values == {"reference": "090933755493"}
    assert movement.information[0].structure is not None
    assert movement.information[0].structure.values["street"] == "KERKSTRAAT 1"
    assert movement.information[0].structure.values["locality"] == "9000 GENT"
    assert movement.information[1].structure is None
    assert [information.line for information in movement.information] == [6, 8]


@pytest.mark.parametrize(
    ("code", "language", "meaning"),
    [
        ("00150000", "en", ("Transfer", "Transfer received", "Net amount")),
        ("00501000", "nl", ("Domiciliëring", "Betaalde domiciliëring", "Nettobedrag")),
        ("38033011", "fr", ("Frais portés en compte séparément", "Frais et commissions divers", "TVA")),
        ("00137000", "de", ("Überweisung", "Kosten", "Nettobetrag")),
        ("01344000", "en", ("Credit", "The bank’s own code", "Net amount")),
        ("08045000", "en", ("Separately charged costs", "Documentary credit charges", "Net amount")),
        ("00197000", "en", ("Transfer", "The bank’s own code", "Net amount")),
        ("00499999", "en", ("Card", "Cancellation or correction", "")),
        ("00111000", "en", ("Transfer", "", "Net amount")),
        ("0XX01XXX", "en", ("", "", "")),
    ],
)
def test_a_code_has_its_words(code: str, language: str, meaning: tuple[str, str, str]) -> None:
    assert meaning_of(code, language) == meaning


def test_every_code_has_words_in_four_languages() -> None:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))

    assert len(rows) > 300
    assert all(row[language].strip() == row[language] != "" for row in rows for language in LANGUAGES)
    assert len({row["code"] for row in rows}) == len(rows)


def test_a_movement_tells_what_it_is() -> None:
    (statement,) = read_coda(coda_bytes(movements=[MOVEMENT]))

    assert statement.movements[0].meaning("nl").operation == "Ontvangen overschrijving"


def _shape(branches: list[Branch]) -> list[object]:
    return [(branch.movement.ordinal, _shape(branch.details)) for branch in branches]


def test_details_hang_under_their_total() -> None:
    codes = ("20150000", "70150000", "90150000", "90150006", "60150000")
    parts = [replace(MOVEMENT, amount=Decimal(10), transaction_code=code) for code in codes]
    (statement,) = read_coda(coda_bytes(movements=[replace(parts[0], details=parts[1:]), MOVEMENT]))

    assert _shape(as_tree(statement.movements)) == [(1, [(2, [(3, []), (4, [])]), (5, [])]), (6, [])]


def test_a_detail_whose_total_cannot_be_read_stands_at_the_top() -> None:
    parts = [replace(MOVEMENT, transaction_code=code) for code in ("10107000", "50107000")]
    data = coda_bytes(movements=[replace(parts[0], details=parts[1:])])
    (statement,) = read_coda(data.replace(b"2632400000171        0", b"2632400000171        7", 1))

    assert statement.held
    assert _shape(as_tree(statement.movements)) == [(2, [])]
