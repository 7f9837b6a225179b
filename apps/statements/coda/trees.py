"""Globalised movements as a tree: each total with its details, each detail with its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.statements.coda.movements import Movement


@dataclass(frozen=True, slots=True)
class Branch:
    """A movement and what it consists of, in file order: no details for a simple one."""

    movement: Movement
    details: list["Branch"] = field(default_factory=list)


def as_tree(movements: Iterable[Movement]) -> list[Branch]:
    """Hang the details of one statement under their parents; one whose parent is not there stands at the top.

    The parent follows from the sequence number, the detail number and the type digit, never from the
    globalisation code, which banks use loosely.
    """
    top: list[Branch] = []
    branches: dict[int, Branch] = {}
    for movement in movements:
        branch = branches[movement.ordinal] = Branch(movement)
        parent = branches.get(movement.parent) if movement.parent is not None else None
        (parent.details if parent else top).append(branch)
    return top
