"""Every table of states: it names each state of its enum once, and the one reader of tables allows what it says."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from apps.accounting_offices import rules as offices
from apps.companies import rules as companies
from apps.core.errors import IllegalTransition
from apps.core.states import check_transition
from apps.delivery import rules as delivery
from apps.invoices import rules as invoices
from apps.jobs import rules as jobs
from apps.statements import rules as statements
from apps.tokens import rules as tokens

TABLES: dict[str, Mapping[StrEnum, frozenset[StrEnum]]] = {
    name: table
    for module in (companies, offices, jobs, tokens, invoices, statements, delivery)
    for name, table in vars(module).items()
    if name.endswith("_TRANSITIONS")
}


def test_there_is_a_table_for_each_machine() -> None:
    assert len(TABLES) == 18


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_total_and_the_reader_follows_it(name: str) -> None:
    table = TABLES[name]
    states = list(type(next(iter(table))))

    assert list(table) == states
    for current in states:
        for wanted in states:
            if wanted in table[current]:
                check_transition(table, current, wanted)
            else:
                with pytest.raises(IllegalTransition):
                    check_transition(table, current, wanted)
