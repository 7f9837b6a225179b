"""State machines as data: a table of allowed steps and the one function that reads it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from apps.core.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)


def check_transition(table: Mapping[S, frozenset[S]], current: S, wanted: S) -> None:
    """Return when the table allows the step.

    :raises IllegalTransition: when it does not.
    """
    if wanted not in table[current]:
        raise IllegalTransition(current=current.value, wanted=wanted.value)
