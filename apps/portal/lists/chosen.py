"""What the URL wants of a list. A value that makes no sense is left out, with a sentence that says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.portal.lists.declaration import ChoiceFilter, Label, ListDeclaration, Sort, TextFilter

M = TypeVar("M", bound=Model)

LONGEST_TEXT: Final = 100
# Where one is in the list, and what is asked for once: gone as soon as anything else is chosen.
PASSING: Final = ("after", "before", "choose", "export")


@dataclass(frozen=True, slots=True)
class ChosenFilter:
    """A filter in use: its name, how it reads, and the URL without it."""

    name: str
    code: str
    label: Label
    choice: Label
    url_without: str


@dataclass(slots=True)
class Chosen(Generic[M]):
    """The list as the URL wants it."""

    declaration: ListDeclaration[M]
    params: QueryDict
    sort: Sort
    search: str = ""
    filters: list[ChosenFilter] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    condition: Q = field(default_factory=Q)

    @property
    def rows(self) -> QuerySet[M]:
        """Return the rows that fit, in no order."""
        rows = self.declaration.rows.filter(self.condition)
        return self.declaration.search.find(rows, self.search) if self.declaration.search and self.search else rows

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything is left out."""
        return bool(self.filters or self.search)

    @property
    def codes(self) -> dict[str, str]:
        """Return the filters in use, by name."""
        return {chosen.name: chosen.code for chosen in self.filters}

    def url(self, **changes: str) -> str:
        """Return the URL of the same list with some of it changed; an empty value is left away."""
        return url_with(self.params, changes)

    @property
    def url_cleared(self) -> str:
        """Return the URL of everything."""
        return self.url(q="", **dict.fromkeys((each.name for each in self.declaration.filters), ""))


def url_with(params: QueryDict, changes: Mapping[str, str]) -> str:
    """Return a query with some values changed and the passing ones gone."""
    wanted = params.copy()
    for name in PASSING:
        wanted.pop(name, None)
    for name, value in changes.items():
        wanted.pop(name, None)
        if value:
            wanted[name] = value
    return f"?{wanted.urlencode()}"


def read_chosen(declaration: ListDeclaration[M], given: QueryDict) -> Chosen[M]:
    """Return what a URL wants of a list."""
    params = _kept(declaration, given)
    chosen = Chosen(declaration, params, declaration.sorts[0])
    for each in declaration.filters:
        if text := _text(params, each.name, chosen.problems):
            _add_filter(chosen, each, text)
    if declaration.search:
        chosen.search = _text(params, "q", chosen.problems)
    if code := params.get("sort", ""):
        found = next((sort for sort in declaration.sorts if sort.code == code), None)
        chosen.sort = found or chosen.sort
        if found is None:
            chosen.problems.append(_("The list knows no such order. You see its usual one."))
    return chosen


def _kept(declaration: ListDeclaration[Any], given: QueryDict) -> QueryDict:
    """Keep the parameters that the list knows, once each: a link made of them says no more than it needs."""
    known = ["q", "sort", *PASSING, *(each.name for each in declaration.filters)]
    kept = QueryDict(mutable=True)
    for name in known:
        if value := given.get(name, ""):
            kept[name] = value
    return kept


def _text(params: QueryDict, name: str, problems: list[str]) -> str:
    text = " ".join(params.get(name, "").split())
    if "\x00" in text or len(text) > LONGEST_TEXT:
        problems.append(_("What you typed is too long or cannot be read. It was left out."))
        return ""
    return text


def _add_filter(chosen: Chosen[Any], wanted: ChoiceFilter | TextFilter, text: str) -> None:
    url = chosen.url(**{wanted.name: ""})
    if isinstance(wanted, TextFilter):
        found = wanted.find(text)
        if found is None:
            # Nothing fits: showing everything instead would be read as the answer.
            chosen.problems.append(str(wanted.unknown) % {"text": text})
            chosen.condition &= Q(pk__in=())
        else:
            chosen.condition &= found.condition
        chosen.filters.append(ChosenFilter(wanted.name, text, wanted.label, found.label if found else text, url))
    elif text in wanted.choices:
        chosen.condition &= wanted.conditions(text)
        chosen.filters.append(ChosenFilter(wanted.name, text, wanted.label, wanted.choices[text], url))
    else:
        chosen.problems.append(
            _("The filter “%(name)s” has no choice “%(choice)s”. It was left out.")
            % {"name": wanted.label, "choice": text}
        )
