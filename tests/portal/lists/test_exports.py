"""Files that a spreadsheet opens without running anything."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from apps.core.spreadsheets import Cell, without_formula, write_csv, write_xlsx

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]


def csv_of(table: Sequence[Sequence[Cell]]) -> str:
    return b"".join(write_csv(table)).decode("utf-8")


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert without_formula(text) == f"'{text}"
    assert f"'{text}" in csv_of([[text]]).replace('""', '"')


@given(st.text(max_size=20))
def test_no_text_ever_begins_as_a_formula(text: str) -> None:
    written = without_formula(text)

    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written.removeprefix("'").endswith(text.removeprefix("'"))


def test_csv_is_made_for_a_belgian_spreadsheet() -> None:
    row: list[Cell] = [
        "Jansen; & Zoon",
        Decimal("-1842.60"),
        date(2026, 11, 25),
        datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
        None,
        3,
    ]

    assert csv_of([["Naam"], row]) == ('\ufeffNaam\r\n"Jansen; & Zoon";-1842,60;2026-11-25;2026-11-25 10:30;;3\r\n')


def test_xlsx_keeps_numbers_and_days_and_runs_nothing() -> None:
    at = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    rows: list[list[Cell]] = [["Naam", "Totaal"], ["=1+1", Decimal("-12.50"), date(2026, 11, 25), at, None, "\x02ctl"]]

    sheet = load_workbook(BytesIO(b"".join(write_xlsx(rows)))).active

    text, total, day, instant, nothing, control = (cell for cell in sheet[2])
    assert (text.value, text.data_type) == ("'=1+1", "s")
    assert (total.value, total.data_type) == (-12.5, "n")
    assert (day.value.isoformat(), instant.value.isoformat()) == ("2026-11-25T00:00:00", "2026-11-25T10:30:00")
    assert (nothing.value, control.value) == (None, "ctl")
    assert sheet.freeze_panes == "A2"
