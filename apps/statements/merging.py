"""Statements and their movements hang on accounts, so they follow these; they are only counted."""

from typing import Final

from apps.companies.merging.movers import Merge, Mover
from apps.statements.models import Movement, Statement


def move(merge: Merge) -> None:
    """Do nothing: the accounts have moved."""
    del merge


MOVER: Final = Mover(kinds={Statement: "account__company", Movement: "company"}, move=move)
