"""A file from its recipe, statement by statement, so that its size has no bound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, cycle
from random import Random
from typing import Final

from apps.statements.coda.drafts import StatementDraft, UnwritableDraft
from apps.statements.coda.generator.oddities import ODDITIES, Form, Oddity, change_form
from apps.statements.coda.generator.record_oddities import NoSuchRecord
from apps.statements.coda.generator.samples import believable_movement
from apps.statements.coda.writer import write_statement

_LINE_END: Final = "\r\n"
_NUMBERS: Final = 999
_ALL_TRANSACTIONS: Final = "00000"
_BLANK_LINE: Final = "   "


class UnmakeableFile(ValueError):
    """A recipe asks for what cannot be made; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to make. Each oddity is in the middle statement, or begins with it; those of a form are in all of the file.

    Statements are of one account, on consecutive week days, and join; numbers go up from `first_number` and begin again
    at 001 with the year.
    """

    statements: int = 1
    movements: int = 20
    seed: int = 1
    iban: str = "BE68539007547034"
    bic: str = "GKCCBEBB"
    holder_name: str = "VOORBEELD BV"
    enterprise_number: str = "0123456749"
    currency: str = "EUR"
    first_day: date = date(2026, 1, 5)
    first_number: int = 1
    oddities: Sequence[str] = ()


def make_file(recipe: Recipe) -> Iterator[bytes]:
    """Yield the file in pieces, one a statement. The same recipe gives the same bytes.

    Raises `UnmakeableFile`, before or at the first piece.
    """
    oddities = [_oddity(name, recipe) for name in recipe.oddities]
    form = Form()
    for oddity in oddities:
        form = change_form(form, oddity)
    encoder = _Encoder(form)
    middle = recipe.statements // 2
    drafts = _drafts(recipe, oddities, middle)
    current = next(drafts, None)
    position = 0
    while current is not None:
        following = next(drafts, None)
        faults = oddities if position == middle else []
        yield encoder.encode(_records(current, faults, is_last=following is None), is_last=following is None)
        current, position = following, position + 1


def _oddity(name: str, recipe: Recipe) -> Oddity:
    oddity = ODDITIES.get(name)
    if oddity is None:
        raise UnmakeableFile(f"There is no oddity {name!r}.")
    if recipe.statements < oddity.needs:
        raise UnmakeableFile(f"{name} needs at least {oddity.needs} statements.")
    return oddity


def _drafts(recipe: Recipe, oddities: Sequence[Oddity], middle: int) -> Iterator[StatementDraft]:
    """Yield the drafts; only an oddity of a series needs them all at once."""
    drafts = _series(recipe, oddities, middle)
    changes = [oddity.series for oddity in oddities if oddity.series]
    if not changes:
        yield from drafts
        return
    changed: Sequence[StatementDraft] = list(drafts)
    for change in changes:
        changed = change(changed, middle)
    yield from changed


def _series(recipe: Recipe, oddities: Sequence[Oddity], middle: int) -> Iterator[StatementDraft]:
    balance, number = Decimal("1000.00"), recipe.first_number
    days = _week_days(recipe.first_day)
    year = recipe.first_day.year
    previous = recipe.first_day - timedelta(days=1)
    for position in range(recipe.statements):
        day = next(days)
        number = number if day.year == year else 1
        year = day.year
        draft = _draft(recipe, position, number, day, previous, balance)
        for oddity in oddities if position == middle else ():
            draft = oddity.draft(draft) if oddity.draft else draft
        yield draft
        if draft.separate_application == _ALL_TRANSACTIONS:
            balance += sum((movement.amount for movement in draft.movements), Decimal(0))
            previous = day if draft.movements else previous
            number = number % _NUMBERS + 1


def _draft(recipe: Recipe, position: int, number: int, day: date, previous: date, balance: Decimal) -> StatementDraft:
    dice = Random(f"{recipe.seed} {position}")  # noqa: S311 # invented figures
    return StatementDraft(
        iban=recipe.iban,
        bic=recipe.bic,
        holder_name=recipe.holder_name,
        enterprise_number=recipe.enterprise_number,
        number=number,
        creation_date=day + timedelta(days=1),
        old_balance=balance,
        old_balance_date=previous,
        new_balance_date=day,
        currency=recipe.currency,
        account_description="ZICHTREKENING",
        movements=[believable_movement(dice, day, ordinal) for ordinal in range(1, recipe.movements + 1)],
    )


def _week_days(first: date) -> Iterator[date]:
    for offset in count():
        day = first + timedelta(days=offset)
        if day.weekday() < 5:
            yield day


def _records(draft: StatementDraft, oddities: Sequence[Oddity], *, is_last: bool) -> list[str]:
    try:
        records = write_statement(draft, is_last=is_last).split(_LINE_END)[:-1]
        for oddity in oddities:
            records = oddity.records(records) if oddity.records else records
    except (UnwritableDraft, NoSuchRecord) as error:
        raise UnmakeableFile(str(error)) from error
    return records


class _Encoder:
    """Turns records into bytes, in the form that was asked for."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._line_ends = cycle(form.line_ends)
        self._is_first = True

    def encode(self, records: Sequence[str], *, is_last: bool) -> bytes:
        """Return the bytes of one statement."""
        form = self._form
        lines = [record.rstrip() if form.trims else record for record in records]
        if form.has_blank_lines:
            lines.insert(len(lines) // 2, _BLANK_LINE)
        ends = [next(self._line_ends) for _ in lines]
        if is_last:
            ends[-1] = form.ending
        text = "".join(f"{line}{end}" for line, end in zip(lines, ends, strict=True))
        encoding = form.encoding if self._is_first else form.encoding.removesuffix("-sig")
        self._is_first = False
        return text.encode(encoding, errors="replace")
