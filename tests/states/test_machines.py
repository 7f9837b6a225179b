"""Every pair of state and action: what it leads to, or that it is refused and changes nothing."""

import inspect
import pkgutil
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from types import ModuleType

import pytest
from django.forms.models import model_to_dict

from apps.accounting_offices import services as office_services
from apps.accounting_offices import transfers
from apps.core.errors import DomainError
from apps.events.models import Event
from apps.tokens import services as token_services
from tests.states.machines import ACTS, ELSEWHERE, MACHINES

PAIRS = [
    (name, place, action)
    for name, machine in MACHINES.items()
    for action in machine.rows
    for place in range(len(machine.states))
]


def public_services() -> Iterator[str]:
    for package in (token_services, office_services, transfers):
        for module in _modules(package):
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if not name.startswith("_") and function.__module__ == module.__name__:
                    yield name


def _modules(package: ModuleType) -> list[ModuleType]:
    if not hasattr(package, "__path__"):
        return [package]
    inside = [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
    return [package, *map(import_module, inside)]


def test_every_service_has_a_row_or_a_reason_to_have_none() -> None:
    in_tables = {action for machine in MACHINES.values() for action in machine.rows}

    assert set(public_services()) == in_tables | set(ELSEWHERE)
    assert in_tables == set(ACTS)
    assert not in_tables & set(ELSEWHERE)


@pytest.mark.parametrize("name", MACHINES)
def test_every_row_says_something_for_every_state(name: str) -> None:
    machine = MACHINES[name]
    states = {state.value for state in machine.states}

    for action, row in machine.rows.items():
        words = row.split()
        assert len(words) == len(machine.states), action
        assert all(word.startswith("!") or word in states for word in words), action


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "place", "action"), PAIRS, ids=[f"{n}-{p}-{a}" for n, p, a in PAIRS])
def test_an_action_in_a_state_does_what_its_row_says(name: str, place: int, action: str, now: datetime) -> None:
    machine = MACHINES[name]
    state, expected = list(machine.states)[place], machine.rows[action].split()[place]
    scene = machine.bring(state, now)
    subject = scene.subject
    subject.refresh_from_db()
    assert subject.state == state, "the arrangement"
    before, events = model_to_dict(subject), Event.objects.count()

    outcome = ""
    try:
        ACTS[action](scene)
    except DomainError as error:
        outcome = f"!{error.code.removesuffix('_transition')}"
    subject.refresh_from_db()

    assert (outcome or subject.state) == expected
    if outcome:
        assert (model_to_dict(subject), Event.objects.count()) == (before, events)
    if subject.state != state:
        assert subject.state in _allowed(machine.states)[state]


def _allowed(states: type[StrEnum]) -> dict[str, frozenset[str]]:
    """Return the transition table beside an enum."""
    module = import_module(states.__module__)
    tables = [table for name, table in vars(module).items() if name.endswith("_TRANSITIONS")]
    return next(table for table in tables if list(table) == list(states))
