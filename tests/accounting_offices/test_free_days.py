"""Which days a period has left beside others: every day once, and the standing ones first."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.accounting_offices.rules import Period, free_days

START = date(2026, 1, 1)
DAYS = 40


def day(number: int) -> date:
    return START + timedelta(days=number)


def holds(period: Period, on: date) -> bool:
    return period.starts_on <= on and (period.ends_on is None or on < period.ends_on)


@st.composite
def periods_without_overlap(draw: st.DrawFn) -> list[Period]:
    bounds = sorted(draw(st.lists(st.integers(0, DAYS), max_size=8)))
    pairs = [Period(day(a), day(b)) for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
    if len(bounds) % 2 and draw(st.booleans()):
        pairs.append(Period(day(bounds[-1]), None))
    return pairs


@given(periods_without_overlap(), periods_without_overlap())
def test_each_day_is_the_survivors_if_it_had_one_else_the_absorbed_companys(
    survivors: list[Period], absorbed: list[Period]
) -> None:
    left = [(index, piece) for index, period in enumerate(absorbed) for piece in free_days(period, survivors)]

    for number in range(DAYS + 2):
        on = day(number)
        of_survivor = [period for period in survivors if holds(period, on)]
        before = [index for index, period in enumerate(absorbed) if holds(period, on)]
        after = [index for index, piece in left if holds(piece, on)]
        assert after == ([] if of_survivor else before)
    assert not any(piece.is_empty for _index, piece in left)


def test_a_period_around_another_leaves_two_pieces() -> None:
    around, inside = Period(day(0), None), Period(day(10), day(20))

    assert free_days(around, [inside]) == [Period(day(0), day(10)), Period(day(20), None)]
    assert free_days(inside, [around]) == []
    assert free_days(around, []) == [around]
