from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.statements.health.bank_days import (
    bank_days,
    closing_days,
    count_bank_days,
    easter,
    is_bank_day,
    step_bank_days,
)

DAYS = st.dates(min_value=date(2003, 1, 1), max_value=date(2080, 12, 31))


# As published by the Royal Observatory of Belgium and the European Central Bank.
@pytest.mark.parametrize(
    "sunday",
    [
        date(2008, 3, 23), date(2011, 4, 24), date(2019, 4, 21), date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5),
        date(2027, 3, 28), date(2028, 4, 16), date(2038, 4, 25), date(2049, 4, 18), date(2076, 4, 19),
    ],
)  # fmt: skip
def test_easter_is_the_published_sunday(sunday: date) -> None:
    assert easter(sunday.year) == sunday


def test_target_closes_on_its_six_days_and_on_no_belgian_holiday() -> None:
    assert closing_days(2026) == {
        date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 25),
    }  # fmt: skip
    assert not is_bank_day(date(2025, 12, 26))
    belgian = [date(2026, 5, 14), date(2026, 5, 25), date(2026, 7, 21), date(2026, 11, 11)]
    assert all(is_bank_day(day) for day in belgian)


def test_bank_days_skip_week_ends_and_closing_days() -> None:
    assert list(bank_days(date(2026, 4, 1), date(2026, 4, 8))) == [
        date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 7), date(2026, 4, 8),
    ]  # fmt: skip
    assert step_bank_days(date(2026, 4, 2), 1) == date(2026, 4, 7)
    assert step_bank_days(date(2026, 4, 4), 0) == date(2026, 4, 7)
    assert step_bank_days(date(2026, 4, 7), -1) == date(2026, 4, 2)


@given(first=DAYS, length=st.integers(0, 900))
def test_counting_bank_days_agrees_with_walking_them(first: date, length: int) -> None:
    last = first + timedelta(days=length)

    walked = sum(1 for _day in bank_days(first + timedelta(days=1), last))

    assert count_bank_days(first, last) == walked
    assert count_bank_days(last, first) == -walked


@given(day=DAYS, count=st.integers(1, 60))
def test_stepping_forth_and_counting_back_agree(day: date, count: int) -> None:
    assert count_bank_days(day, step_bank_days(day, count)) == count
    assert is_bank_day(step_bank_days(day, -count))
