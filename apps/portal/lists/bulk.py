"""Doing something with chosen rows: only with those that the viewer may see, with all of them or none."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db.models import Model
from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext_lazy

from apps.core.display import money
from apps.core.errors import DomainError
from apps.portal.lists.chosen import Chosen
from apps.portal.lists.declaration import BulkAction, ListDeclaration

M = TypeVar("M", bound=Model)

# While somebody waits, and by the worker: it refuses more itself, and says how many it takes.
MOST_AT_ONCE: Final = 500
MOST_BY_WORKER: Final = 20_000


class ActionUnknown(DomainError):
    """A form asked for something that the list does not do."""

    code = "action_unknown"
    sentence = gettext_lazy("The list knows no such action. Nothing was changed.")


class NothingChosen(DomainError):
    """An action without rows."""

    code = "nothing_chosen"
    sentence = gettext_lazy("Choose at least one row first.")


class ChosenRowsGone(DomainError):
    """Some chosen rows are not, or no longer, in the list: a person should look before anything happens."""

    code = "chosen_rows_gone"
    sentence = gettext_lazy("Some of what you chose is not in this list any more. Nothing was changed; choose again.")


class TooManyRows(DomainError):
    """More than is done while somebody waits."""

    code = "too_many_rows"
    sentence = gettext_lazy("At most %(most)s rows at once, and the filters find more. Choose a narrower filter.")


def act(chosen: Chosen[M], form: QueryDict) -> str | HttpResponseBase:
    """Do what a form asks with the rows it names, or with all that the filters find; return what says so, or a file.

    :raises ActionUnknown: :raises NothingChosen: :raises ChosenRowsGone: :raises TooManyRows: as they say; and what the
        action raises.
    """
    if code := form.get("all", ""):
        action = _find_action(chosen.declaration, code)
        if not action.takes_all:
            raise ActionUnknown
        return _act_on_all(action, chosen)
    declaration = chosen.declaration
    action = _find_action(declaration, form.get("action", ""))
    keys = _keys(form.getlist("chosen"), most=declaration.page_size)
    rows = list(declaration.rows.filter(**{f"{declaration.key_column}__in": keys}))
    if len(rows) != len(keys):
        raise ChosenRowsGone
    return action.run(rows)


def _find_action(declaration: ListDeclaration[M], code: str) -> BulkAction[M]:
    action = next((each for each in declaration.actions if each.code == code), None)
    if action is None:
        raise ActionUnknown
    return action


def _act_on_all(action: BulkAction[M], chosen: Chosen[M]) -> str | HttpResponseBase:
    found = chosen.sort.order.apply(chosen.rows)
    rows = list(found[: MOST_AT_ONCE + 1])
    if not rows:
        raise NothingChosen
    if len(rows) <= MOST_AT_ONCE:
        return action.run(rows)
    if action.run_many is None:
        raise TooManyRows(most=MOST_AT_ONCE)
    return action.run_many(list(found.values_list("pk", flat=True)[: MOST_BY_WORKER + 1]))


def _keys(texts: list[str], *, most: int) -> set[UUID]:
    if not texts:
        raise NothingChosen
    try:
        keys = {UUID(text) for text in texts[: most + 1]}
    except ValueError as error:
        raise ChosenRowsGone from error
    if len(keys) > most:
        raise ChosenRowsGone
    return keys


def sums_text(rows: Iterable[Any]) -> str:
    """Write the sum of some presented rows, one for each currency."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        amount = getattr(row, "amount", None)
        if amount is not None:
            sums[row.currency] = sums.get(row.currency, Decimal(0)) + amount
    return " + ".join(money(sums[currency], currency) for currency in sorted(sums))
