"""Between the statements of one account: numbers that continue, balances that join, what came twice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.statements.coda import read_coda
from apps.statements.coda.series import Link, judge_series, link_of, missing_numbers
from apps.statements.coda.writer import StatementDraft, write_file
from tests.statements.coda.drafts import STATEMENT, movements

FOLDER = Path(__file__).parents[2] / "samples" / "coda"
FIRST = Link(
    account="BE68539007547034",
    currency="EUR",
    number=214,
    day=date(2026, 11, 19),
    created_on=date(2026, 11, 20),
    old_balance=Decimal("10.000"),
    old_balance_on=date(2026, 11, 18),
    new_balance=Decimal("15.000"),
    has_movements=True,
    is_part=False,
    is_whole=True,
    content_hash="a",
)


def _next(link: Link, **changes: object) -> Link:
    """The statement of the next day, which joins."""
    following = replace(
        link,
        number=link.number + 1 if link.number else 0,
        day=link.day + timedelta(days=1),
        created_on=link.day + timedelta(days=2),
        old_balance=link.new_balance,
        old_balance_on=link.day,
        new_balance=link.new_balance + 1,
        content_hash=f"{link.content_hash}+",
        line=link.line + 100,
    )
    return replace(following, **changes)  # type: ignore[arg-type]


def _codes(*links: Link) -> list[tuple[str, int]]:
    return [(misfit.finding.code, misfit.finding.line) for misfit in judge_series(links)]


def test_statements_that_continue_have_no_finding_in_whatever_order_they_came() -> None:
    second = _next(FIRST)
    third = _next(second)

    assert _codes(FIRST, second, third) == _codes(third, FIRST, second) == []


def test_a_missing_number_is_named() -> None:
    second = _next(FIRST, number=217)
    (misfit,) = judge_series([FIRST, second])

    assert (misfit.finding.code, misfit.finding.column, list(misfit.missing)) == ("statement_gap", 126, [215, 216])
    assert misfit.finding.message == "Before statement 217 of 2026-11-20, 215 to 216 did not come."
    assert misfit.link is second


@pytest.mark.parametrize(
    ("number", "day", "created_on", "missing"),
    [
        (1, date(2027, 1, 4), date(2027, 1, 5), []),
        (3, date(2027, 1, 6), date(2027, 1, 7), [1, 2]),
        (215, date(2027, 1, 4), date(2027, 1, 5), []),
        (1, date(2026, 12, 31), date(2027, 1, 4), []),
        (216, date(2026, 12, 31), date(2027, 1, 4), [215]),
        (0, date(2026, 12, 31), date(2027, 1, 4), []),
        (7, date(2026, 12, 31), date(2026, 12, 31), []),
    ],
)
def test_numbers_begin_again_with_the_year(number: int, day: date, created_on: date, missing: list[int]) -> None:
    following = _next(FIRST, number=number, day=day, created_on=created_on)

    assert list(missing_numbers(FIRST, following)) == missing


def test_numbers_go_on_at_001_after_999() -> None:
    assert list(missing_numbers(replace(FIRST, number=999), _next(FIRST, number=2))) == [1]


def test_without_numbers_only_the_balances_speak() -> None:
    first = replace(FIRST, number=0)
    broken = _next(first, old_balance=Decimal("15.001"))

    assert _codes(first, _next(first)) == []
    assert _codes(first, broken) == [("balance_chain", 101)]


def test_a_gap_with_another_balance_is_both() -> None:
    following = _next(FIRST, number=216, old_balance=Decimal(20), old_balance_on=date(2026, 11, 20))

    assert _codes(FIRST, following) == [("statement_gap", 101), ("balance_chain", 101)]


def test_the_day_of_the_old_balance_is_that_of_the_last_statement_with_movements() -> None:
    empty = _next(FIRST, has_movements=False, new_balance=FIRST.new_balance)
    joins = _next(empty, old_balance_on=FIRST.day)
    apart = _next(empty, old_balance_on=date(2026, 11, 2))

    assert _codes(FIRST, empty, joins) == []
    assert _codes(FIRST, empty, apart) == [("balance_chain", 201)]


def test_what_came_twice_is_no_link_of_the_chain() -> None:
    other = replace(FIRST, content_hash="b", new_balance=Decimal(99), line=7)

    assert _codes(FIRST, replace(FIRST, line=5), other, _next(FIRST)) == [
        ("resent_duplicate", 5),
        ("statement_conflict", 7),
    ]


def test_a_separate_application_is_no_link_of_the_chain() -> None:
    cards = _next(FIRST, is_part=True, old_balance=Decimal(0), new_balance=Decimal(0))

    assert _codes(FIRST, cards, _next(FIRST, number=216, content_hash="c")) == [("statement_gap", 101)]


def test_a_held_statement_counts_for_its_number_and_not_for_its_balance() -> None:
    held = _next(FIRST, is_whole=False, new_balance=Decimal(0))

    assert _codes(FIRST, held, _next(held, old_balance=Decimal(9))) == []


def test_the_same_statement_twice_in_one_file_is_found_at_its_second_header() -> None:
    links = [link_of(statement) for statement in read_coda((FOLDER / "bad_same_statement_twice.cod").read_bytes())]

    assert _codes(*[link for link in links if link]) == [("resent_duplicate", 104)]


def test_an_unreadable_day_makes_no_link() -> None:
    (statement,) = read_coda(write_file([STATEMENT]).replace(b"191126" + b" " * 64, b"000000" + b" " * 64))

    assert link_of(statement) is None


@given(st.lists(st.integers(0, 4), min_size=2, max_size=8), st.data())
def test_a_series_read_from_a_file_misses_exactly_what_was_left_out(counts: list[int], data: st.DataObject) -> None:
    drafts: list[StatementDraft] = []
    balance, day = Decimal(100), date(2026, 12, 29)
    number = 361
    for count in counts:
        added = movements(count)
        drafts.append(
            replace(
                STATEMENT,
                number=number,
                creation_date=day,
                new_balance_date=day,
                movements=added,
                old_balance=balance,
                old_balance_date=next((d.new_balance_date for d in reversed(drafts) if d.movements), day),
            )
        )
        balance += sum((movement.amount for movement in added), Decimal(0))
        day += timedelta(days=1)
        number = 1 if day.year != drafts[-1].new_balance_date.year else number + 1
    left_out = data.draw(st.integers(0, len(drafts) - 1))
    links = [link_of(statement) for statement in read_coda(write_file(drafts[:left_out] + drafts[left_out + 1 :]))]
    found = judge_series([link for link in links if link])

    is_seen = 0 < left_out < len(drafts) - 1 and drafts[left_out + 1].number != 1
    assert [list(misfit.missing) for misfit in found if misfit.missing] == (
        [[drafts[left_out].number]] if is_seen else []
    )
