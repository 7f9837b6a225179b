"""Oddities between the statements of a series; each leaves every statement whole in itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from apps.statements.coda.drafts import StatementDraft

Change = Callable[[Sequence[StatementDraft], int], Sequence[StatementDraft]]


def statement_gap(drafts: Sequence[StatementDraft], position: int) -> Sequence[StatementDraft]:
    """From a statement on, the numbers are one higher."""
    return [*drafts[:position], *(replace(draft, number=draft.number + 1) for draft in drafts[position:])]


def balance_chain(drafts: Sequence[StatementDraft], position: int) -> Sequence[StatementDraft]:
    """From a statement on, the balances are one cent higher."""
    cent = Decimal("0.01")
    return [
        *drafts[:position],
        *(replace(draft, old_balance=draft.old_balance + cent) for draft in drafts[position:]),
    ]


def resent_duplicate(drafts: Sequence[StatementDraft], position: int) -> Sequence[StatementDraft]:
    """A statement comes again at the end."""
    return [*drafts, drafts[position]]


def statement_conflict(drafts: Sequence[StatementDraft], position: int) -> Sequence[StatementDraft]:
    """A statement comes again at the end, with another name in it."""
    return [*drafts, replace(drafts[position], account_description="ANDERE OMSCHRIJVING")]


def year_turn(drafts: Sequence[StatementDraft], position: int) -> Sequence[StatementDraft]:
    """A statement is the first one of its year."""
    first = drafts[position].new_balance_date
    shift = date(first.year + 1, 1, 4) - first
    before = 253 - position
    return [
        replace(
            draft,
            number=before + index + 1 if index < position else index - position + 1,
            new_balance_date=draft.new_balance_date + shift,
            creation_date=draft.creation_date + shift,
            old_balance_date=draft.old_balance_date + shift,
            movements=[
                replace(
                    movement,
                    entry_date=movement.entry_date + shift,
                    value_date=movement.value_date + shift if movement.value_date else None,
                )
                for movement in draft.movements
            ],
        )
        for index, draft in enumerate(drafts)
    ]


BETWEEN: Final[Mapping[str, tuple[str, Change, str, int]]] = {
    "statement_gap": ("a statement's number left out", statement_gap, "statement_gap", 2),
    "balance_chain": ("an old balance that does not join", balance_chain, "balance_chain", 2),
    "resent_duplicate": ("a statement twice in the file", resent_duplicate, "resent_duplicate", 1),
    "statement_conflict": ("a number twice, with other content", statement_conflict, "statement_conflict", 1),
    "year_turn": ("numbers that begin again with the year", year_turn, "", 2),
}
