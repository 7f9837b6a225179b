"""What is learned from the days and instants at which statements came."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.clock import BRUSSELS
from apps.statements.health.bank_days import bank_days, is_bank_day, step_bank_days
from apps.statements.health.rhythm import Came, RhythmKind, expect_next, learn_rhythm

SPRING = (date(2026, 3, 2), date(2026, 5, 29))


def came(days: Iterable[date], *, delay: int = 1, hour: time = time(7, 40)) -> list[Came]:
    return [Came(day, datetime.combine(step_bank_days(day, delay), hour, BRUSSELS)) for day in days]


def test_a_statement_each_bank_day_is_daily_across_easter_and_the_first_of_may() -> None:
    rhythm = learn_rhythm(came(bank_days(*SPRING)))

    assert (rhythm.kind, rhythm.is_sure, rhythm.judged, rhythm.fitting) == (RhythmKind.DAILY, True, 59, 59)
    assert (rhythm.delay, rhythm.hour) == (1, time(8, 0))


def test_the_next_one_after_maundy_thursday_is_of_the_tuesday_and_arrives_on_wednesday() -> None:
    rhythm = learn_rhythm(came(bank_days(date(2026, 2, 2), date(2026, 4, 2))))

    expected = expect_next(rhythm, last=date(2026, 4, 2))

    assert expected is not None
    assert expected.day == date(2026, 4, 7)
    assert expected.arrives_at == datetime(2026, 4, 8, 8, 0, tzinfo=BRUSSELS)
    assert expected.late_at == datetime(2026, 4, 8, 10, 0, tzinfo=BRUSSELS)


def test_one_a_week_is_weekly_also_when_its_day_was_a_closing_day() -> None:
    fridays = [step_bank_days(date(2026, 1, 9) + timedelta(weeks=week), 0) for week in range(20)]

    rhythm = learn_rhythm(came(fridays))

    assert rhythm.kind is RhythmKind.WEEKLY
    following = expect_next(rhythm, last=date(2026, 5, 22))
    assert following is not None
    assert following.day == date(2026, 5, 29)


def test_the_last_bank_day_of_each_month_is_monthly() -> None:
    ends = [
        max(bank_days(date(2026, month, 20), date(2026, month + 1, 1) - timedelta(days=1))) for month in range(1, 10)
    ]

    rhythm = learn_rhythm(came(ends))

    assert rhythm.kind is RhythmKind.MONTHLY
    following = expect_next(rhythm, last=date(2026, 9, 30))
    assert following is not None
    assert following.day == date(2026, 11, 2)


def test_days_without_a_pattern_mean_that_it_comes_with_movements_and_nothing_is_expected() -> None:
    dice = Random(1)
    days = [day for day in bank_days(*SPRING) if dice.random() < 0.4]

    rhythm = learn_rhythm(came(days))

    assert rhythm.kind is RhythmKind.MOVEMENTS
    assert expect_next(rhythm, last=days[-1]) is None


def test_three_statements_say_nothing() -> None:
    assert learn_rhythm(came(bank_days(date(2026, 3, 2), date(2026, 3, 4)))).kind is RhythmKind.UNKNOWN
    assert learn_rhythm([]).kind is RhythmKind.UNKNOWN


def test_a_history_loaded_at_once_does_not_make_the_bank_seem_slow() -> None:
    loaded = datetime(2026, 6, 4, 9, 10, tzinfo=BRUSSELS)

    rhythm = learn_rhythm([Came(day, loaded) for day in bank_days(*SPRING)])

    assert (rhythm.delay, rhythm.hour) == (1, time(12, 0))


def test_a_bank_that_changes_to_daily_is_daily_after_a_quarter() -> None:
    fridays = [date(2025, 6, 6) + timedelta(weeks=week) for week in range(30)]

    rhythm = learn_rhythm(came(fridays) + came(bank_days(date(2026, 1, 5), date(2026, 3, 31))))

    assert rhythm.kind is RhythmKind.DAILY


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_busy_account_is_not_taken_for_a_daily_one(share: float) -> None:
    dice = Random(2)

    rhythm = learn_rhythm(came(day for day in bank_days(*SPRING) if dice.random() < share))

    assert not rhythm.is_regular


@given(st.sets(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=80), st.integers(0, 30))
def test_whatever_came_the_next_day_is_a_later_bank_day(days: set[date], delay: int) -> None:
    rhythm = learn_rhythm(came(days, delay=delay))
    expected = expect_next(rhythm, last=max(days)) if days else None

    assert rhythm.fitting <= rhythm.judged
    if expected:
        assert expected.day > max(days)
        assert is_bank_day(expected.day)
        assert expected.late_at > expected.arrives_at
