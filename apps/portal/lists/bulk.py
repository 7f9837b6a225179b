"""Doing something with chosen rows: only with those that the viewer may see, with all of them or none."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from apps.core.errors import DomainError
from apps.portal.lists.declaration import ListDeclaration
from apps.portal.templatetags.portal import money

M = TypeVar("M", bound=Model)


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


def act(declaration: ListDeclaration[M], form: QueryDict) -> str:
    """Do what a form asks with the rows it names; return the sentence that says what was done.

    :raises ActionUnknown: :raises NothingChosen: :raises ChosenRowsGone: as they say; and what the action raises.
    """
    action = next((each for each in declaration.actions if each.code == form.get("action")), None)
    if action is None:
        raise ActionUnknown
    keys = _keys(form.getlist("chosen"), most=declaration.page_size)
    rows = list(declaration.rows.filter(**{f"{declaration.key_column}__in": keys}))
    if len(rows) != len(keys):
        raise ChosenRowsGone
    return action.run(rows)


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
