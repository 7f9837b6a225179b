"""The one view of every list: the page, the part of it that htmx asks for, a file, or an action."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.portal.lists import bulk, exports
from apps.portal.lists.chosen import Chosen, read_chosen, url_with
from apps.portal.lists.counting import BOUND, Count, count_up_to
from apps.portal.lists.declaration import ChoiceFilter, Label, ListDeclaration, TextFilter
from apps.portal.lists.keyset import MalformedCursor, Page, read_page, rows_before
from apps.portal.lists.words import count_text, day_head, in_digits, page_text

M = TypeVar("M", bound=Model)

FRAGMENT = "components/list/list.html"


@dataclass(frozen=True, slots=True)
class Link:
    """One choice of a list: how it reads, where it leads, whether it is the present one, and how many it would show."""

    label: Label
    url: str
    is_current: bool = False
    count: str = ""


@dataclass(frozen=True, slots=True)
class FilterMenu:
    """A filter that is not in use: its choices, or a field to type in."""

    name: str
    label: Label
    choices: list[Link]
    hint: Label = ""


@dataclass(slots=True)
class Shown(Generic[M]):
    """A page of a list, ready for its template."""

    declaration: ListDeclaration[M]
    chosen: Chosen[M]
    page: Page[M]
    rows: list[tuple[str, Any]]
    counts: dict[str, Count]
    text: str
    is_all_chosen: bool

    @property
    def tabs(self) -> list[Link]:
        """Return the tabs; the one whose filters are those in use is the present one."""
        codes, names = self.chosen.codes, [each.name for each in self.declaration.filters]
        return [
            Link(
                tab.label,
                self.chosen.url(q="", **{name: tab.filters.get(name, "") for name in names}),
                not self.chosen.search and codes == dict(tab.filters),
                count_text(self.counts[f"tab {number}"]),
            )
            for number, tab in enumerate(self.declaration.tabs)
        ]

    @property
    def menus(self) -> list[FilterMenu]:
        """Return the filters that are not in use."""
        free = [each for each in self.declaration.filters if each.name not in self.chosen.codes]
        return [FilterMenu(each.name, each.label, self._choices(each), _hint(each)) for each in free]

    def _choices(self, each: ChoiceFilter | TextFilter) -> list[Link]:
        if isinstance(each, TextFilter):
            return []
        return [Link(label, self.chosen.url(**{each.name: code})) for code, label in each.choices.items()]

    @property
    def sorts(self) -> list[Link]:
        """Return the orders to choose from."""
        return [
            Link(sort.label, self.chosen.url(sort=sort.code if number else ""), sort is self.chosen.sort)
            for number, sort in enumerate(self.declaration.sorts)
        ]

    @property
    def files(self) -> list[Link]:
        """Return the links to the list as a file."""
        formats = exports.FORMATS if self.declaration.exported else ()
        return [Link(name.upper(), self.chosen.url(export=name)) for name in formats]

    @property
    def kept(self) -> dict[str, str]:
        """Return what the search form sends along."""
        sort = str(self.chosen.params.get("sort", ""))
        return {**self.chosen.codes, **({"sort": sort} if sort else {})}

    @property
    def previous_url(self) -> str:
        """Return where the page before is."""
        return self.chosen.url(before=self.page.previous_cursor) if self.page.previous_cursor else ""

    @property
    def next_url(self) -> str:
        """Return where the page after is."""
        return self.chosen.url(after=self.page.next_cursor) if self.page.next_cursor else ""

    @property
    def search_url(self) -> str:
        """Return the same list without the text that was searched for."""
        return self.chosen.url(q="")

    @property
    def is_beyond_end(self) -> bool:
        """Tell whether the page is empty though the list is not."""
        return not self.rows and self.counts["total"].number > 0

    @property
    def has_anything(self) -> bool:
        """Tell whether there is anything to look for."""
        return self.counts["all"].number > 0

    @property
    def here_url(self) -> str:
        """Return where a form of this page is sent to, and so where one is afterwards."""
        return here_url(self.chosen)

    @property
    def first_url(self) -> str:
        """Return where the list begins."""
        return self.chosen.url()

    @property
    def choose_url(self) -> str:
        """Return this page with all its rows chosen, or none when all are."""
        return here_url(self.chosen, choose="" if self.is_all_chosen else "page")

    @property
    def chosen_text(self) -> str:
        """Return how many rows are chosen, and their sum."""
        if not self.is_all_chosen:
            return ""
        text = _chosen(len(self.rows), in_digits(len(self.rows)))
        sums = bulk.sums_text(row for _head, row in self.rows)
        return f"{text} · {sums}" if sums else text

    @property
    def chosen_forms(self) -> dict[str, str]:
        """Return how a script says how many are chosen: one, and `#` of them."""
        return {"one": _chosen(1, "#"), "many": _chosen(2, "#")}

    @property
    def actions_for_all(self) -> list[Any]:
        """Return what can be done with everything that the filters find."""
        return [action for action in self.declaration.actions if action.takes_all]

    @property
    def column_count(self) -> int:
        """Return how wide the table is."""
        return len(self.declaration.columns) + (1 if self.declaration.actions else 0)


def _hint(each: ChoiceFilter | TextFilter) -> Label:
    return each.hint if isinstance(each, TextFilter) else ""


def _chosen(number: int, written: str) -> str:
    return ngettext("%(number)s chosen", "%(number)s chosen", number) % {"number": written}


def answer(
    request: HttpRequest, declaration: ListDeclaration[Any], *, template: str, context: dict[str, Any], now: datetime
) -> HttpResponseBase:
    """Answer a request for a list in whichever way it asks; the template finds the list as `list`."""
    chosen = read_chosen(declaration, request.GET)
    if request.method == "POST" and declaration.actions:
        return _act(request, chosen)
    if file_format := chosen.params.get("export", ""):
        if reason := _why_no_file(chosen, file_format):
            chosen.problems.append(reason)
        else:
            rows = chosen.sort.order.apply(chosen.rows)
            return exports.export_response(declaration, rows, file_format=file_format, now=now)
    shown = show(chosen, now=now)
    is_fragment = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    response = render(
        request,
        FRAGMENT if is_fragment else template,
        {**context, "list": shown, "is_fragment": is_fragment, "today": brussels_day(now)},
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def show(chosen: Chosen[M], *, now: datetime) -> Shown[M]:
    """Read a page of a list and count around it."""
    declaration, order = chosen.declaration, chosen.sort.order
    rows, total = _found(chosen)
    try:
        page = read_page(
            rows,
            order=order,
            after=chosen.params.get("after", ""),
            before=chosen.params.get("before", ""),
            size=declaration.page_size,
        )
    except MalformedCursor:
        chosen.problems.append(_("This place in the list cannot be found. You see its beginning."))
        page = read_page(rows, order=order, size=declaration.page_size)
    counts = _counts(chosen, rows, total, page)
    presented = declaration.present(page.rows)
    text = page_text(before=counts.get("before", Count(0)), shown=len(page.rows), total=counts["total"])
    is_all_chosen = bool(declaration.actions) and chosen.params.get("choose") == "page"
    return Shown(declaration, chosen, page, _with_heads(chosen, presented, now), counts, text, is_all_chosen)


def _found(chosen: Chosen[M]) -> tuple[QuerySet[M], Count | None]:
    """Return the rows that fit, and how many when a search had to find them first.

    No index knows both a text and an order. A text that few rows have is looked up and the rows are put in order; one
    that many have is met soon by going through the list in its order. Guessing which is which would often be wrong.
    """
    if not chosen.search:
        return chosen.rows, None
    ids = list(chosen.rows.order_by().values_list("pk", flat=True)[: BOUND + 1])
    if len(ids) > BOUND:
        return chosen.rows, Count(BOUND, is_exact=False)
    return chosen.declaration.rows.filter(pk__in=ids), Count(len(ids))


def _counts(chosen: Chosen[M], rows: QuerySet[M], total: Count | None, page: Page[M]) -> dict[str, Count]:
    """Count what the page says, each thing once: what is not narrowed is everything, and a tab may be either."""
    declaration = chosen.declaration
    queries: dict[str, QuerySet[Any]] = {"all": declaration.rows, **declaration.further_counts}
    if total is None and chosen.is_narrowed:
        queries["total"] = rows
    if page.previous_cursor:
        queries["before"] = rows_before(rows, order=chosen.sort.order, row=page.rows[0])
    same = {}
    for number, tab in enumerate(declaration.tabs):
        if not tab.filters:
            same[f"tab {number}"] = "all"
        elif chosen.codes == dict(tab.filters) and not chosen.search:
            same[f"tab {number}"] = "total"
        else:
            queries[f"tab {number}"] = _of_tab(declaration, number)
    counts = count_up_to(queries)
    counts.setdefault("total", total or counts["all"])
    return {**counts, **{tab: counts[of] for tab, of in same.items()}}


def _of_tab(declaration: ListDeclaration[M], number: int) -> Any:
    rows = declaration.rows
    for each in declaration.filters:
        code = declaration.tabs[number].filters.get(each.name)
        if code and isinstance(each, ChoiceFilter):
            rows = rows.filter(each.conditions(code))
    return rows


def _with_heads(chosen: Chosen[Any], rows: list[Any], now: datetime) -> list[tuple[str, Any]]:
    """Put the day above the first of its rows, where the order keeps days together."""
    if not chosen.sort.has_days:
        return [("", row) for row in rows]
    today, heads, last = brussels_day(now), [], None
    for row in rows:
        heads.append(("" if row.day == last else day_head(row.day, today=today), row))
        last = row.day
    return heads


def _why_no_file(chosen: Chosen[Any], file_format: str) -> str:
    if file_format not in exports.FORMATS or not chosen.declaration.exported:
        return _("The list comes as CSV or as XLSX. There is no other file of it.")
    if not count_up_to({"rows": chosen.rows}, bound=exports.MOST_ROWS)["rows"].is_exact:
        return _("A file holds at most %(most)s rows and this list has more. Choose a filter first.") % {
            "most": in_digits(exports.MOST_ROWS)
        }
    return ""


def _act(request: HttpRequest, chosen: Chosen[Any]) -> HttpResponseBase:
    try:
        done = bulk.act(chosen, request.POST)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if isinstance(done, HttpResponseBase):
            return done
        messages.success(request, done)
    return redirect(f"{request.path}{here_url(chosen)}")


def here_url(chosen: Chosen[Any], **changes: str) -> str:
    """Return the URL of the very same page of a list, with something asked for in passing."""
    here = {name: chosen.params.get(name, "") for name in ("after", "before")}
    return url_with(chosen.params, {**here, **changes})
