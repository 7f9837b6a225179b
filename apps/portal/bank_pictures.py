"""The two pictures of an account: a calendar of its bank days, and its balance as a step line, on one axis of time.

Only geometry and codes: templates draw it, with the words and colours. Where the chain of statements is broken, so is
the line.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from apps.statements.health.bank_days import bank_days

CELL: Final = 19
STEP: Final = 23
TOP: Final = 20
LEFT: Final = 66
_WORKING_DAYS: Final = 5
# Movements of a day, up to which number: one hue in four steps.
_LEVELS: Final = (0, 1, 3, 5)
_HEIGHT: Final = 150
_ABOVE: Final = 14
_TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Day:
    """A bank day: what is known of it (`came`, `missing`, `held`, `expected` or `none`), and how much moved."""

    day: date
    state: str
    movements: int = 0

    @property
    def level(self) -> int:
        """Return the step of colour for its movements, 0 to 4."""
        return sum(1 for most in _LEVELS if self.movements > most)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in its place."""

    day: Day
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A text in its place: a month, a week day, an amount."""

    x: float
    y: float
    value: Any


@dataclass(frozen=True, slots=True)
class Curve:
    """A balance over time: the lines and the areas below them as paths, and the breaks between them."""

    lines: list[str]
    areas: list[str]
    breaks: list[tuple[float, float, float, float]]
    ticks: list[Mark]
    months: list[Mark]
    base: float
    left: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A calendar and a curve of some weeks, as wide as each other."""

    cells: list[Cell]
    months: list[Mark]
    width: int
    height: int
    curve: Curve | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the pictures show: the statements (oldest first), and the days that are otherwise than they should be."""

    statements: Sequence[Any]
    missing: Collection[date] = ()
    held: Collection[date] = ()
    expected: Collection[date] = ()
    broken_after: Collection[Any] = field(default_factory=frozenset)


def days_of(seen: Seen, *, first: date, last: date) -> list[Day]:
    """Return every bank day of a time with what is known of it; before the first statement nothing is."""
    moved: dict[date, int] = {}
    for statement in seen.statements:
        moved[statement.day] = moved.get(statement.day, 0) + statement.movements
    marked = {*moved, *seen.missing, *seen.held, *seen.expected}
    begin = min(marked, default=last)
    return [_day(day, moved, seen) for day in _drawn(first, last, marked) if day >= begin]


def _drawn(first: date, last: date, marked: Collection[date]) -> Iterator[date]:
    """Yield the bank days, up to the last one that is marked."""
    end = max([last, *(day for day in marked if day > last)])
    yield from bank_days(first, end)


def _day(day: date, moved: Mapping[date, int], seen: Seen) -> Day:
    if day in seen.held and day not in moved:
        return Day(day, "held")
    if day in moved:
        return Day(day, "came", moved[day])
    if day in seen.missing:
        return Day(day, "missing")
    return Day(day, "expected" if day in seen.expected else "none")


def draw(seen: Seen, *, weeks: int, until: date) -> Picture:
    """Draw the last so many weeks up to a day, its own week the last of them."""
    monday = until - timedelta(days=until.weekday())
    start = monday - timedelta(weeks=weeks - 1)
    days = days_of(seen, first=start, last=until)
    cells = [
        Cell(day, LEFT + STEP * ((day.day - start).days // 7), TOP + STEP * day.day.weekday())
        for day in days
        if (day.day - start).days < 7 * (weeks + 1)
    ]
    width = LEFT + STEP * (weeks + 1)
    months = list(_months(start, until, lambda day: float(LEFT + STEP * ((day - start).days // 7))))
    shown = [each for each in seen.statements if each.day >= start]
    curve = _curve(shown, seen, start, width) if len(shown) > 1 else None
    return Picture(cells, months, width, TOP + STEP * _WORKING_DAYS, curve)


def _months(start: date, until: date, place: Any) -> Iterator[Mark]:
    day = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    while day <= until:
        yield Mark(place(day), 12, day)
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _curve(shown: Sequence[Any], seen: Seen, start: date, width: int) -> Curve:
    balances = [each.new_balance for each in shown]
    low, high, step = scale(min(balances), max(balances))
    base = float(_ABOVE + _HEIGHT)

    def x_of(day: date) -> float:
        return round(LEFT + STEP * (day - start).days / 7, 1)

    def y_of(amount: Decimal) -> float:
        return round(base - float((amount - low) / (high - low)) * _HEIGHT, 1)

    ground = y_of(max(low, min(Decimal(0), high)))
    lines, areas, breaks = [], [], []
    for piece in _pieces(shown, seen.broken_after):
        points = "".join(f"H{x_of(each.day)}V{y_of(each.new_balance)}" for each in piece)
        path = f"M{x_of(piece[0].day)} {y_of(piece[0].new_balance)}{points}h6"
        lines.append(path)
        areas.append(f"{path}V{ground}H{x_of(piece[0].day)}z")
    for former, latter in pairwise(shown):
        if former.uuid in seen.broken_after:
            breaks.append((x_of(former.day) + 6, y_of(former.new_balance), x_of(latter.day), y_of(latter.old_balance)))
    amounts = [low + step * number for number in range(int((high - low) / step) + 1)]
    ticks = [Mark(0, y_of(amount), amount) for amount in amounts]
    months = list(_months(start, shown[-1].day, x_of))
    return Curve(lines, areas, breaks, ticks, months, ground, LEFT, width, int(base) + 24)


def _pieces(shown: Sequence[Any], broken_after: Collection[Any]) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for each in shown:
        piece.append(each)
        if each.uuid in broken_after:
            yield piece
            piece = []
    if piece:
        yield piece


def scale(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Return where an axis begins and ends, and its step: round numbers, nought among them."""
    low, high = min(low, Decimal(0)), max(high, Decimal(0))
    span = (high - low) or Decimal(1)
    rough = span / _TICKS
    power = Decimal(10) ** (rough.adjusted())
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    bottom = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    top = (high / step).to_integral_value(rounding="ROUND_CEILING") * step
    return bottom, top, step


def missing_days(between: Sequence[tuple[date, date, int]]) -> set[date]:
    """Return the bank days of missing numbers (day before, day after, how many), where it is plain which they are.

    It is when as many numbers are missing as there are bank days between.
    """
    found: set[date] = set()
    for before, after, count in between:
        days = list(bank_days(before + timedelta(days=1), after - timedelta(days=1)))
        if 0 < len(days) <= count:
            found.update(days)
    return found
