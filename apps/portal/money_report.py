"""What came of decisions about money, told on the next page that is shown, with a button that undoes them."""

from collections.abc import Iterable
from typing import Any, Final

from django.http import HttpRequest

_KEY: Final = "money_report"


def report(request: HttpRequest, lines: Iterable[tuple[str, str, bool]], *, allocations: Iterable[Any] = ()) -> None:
    """Keep lines (which payment, what came of it, whether it was done) and what was allocated, until a page shows them.

    What a double click refuses stands beside what the first click did.
    """
    kept = request.session.get(_KEY, {"lines": [], "allocations": []})
    kept["lines"] += [list(line) for line in lines]
    kept["allocations"] += [str(allocation.uuid) for allocation in allocations]
    request.session[_KEY] = kept


def take_report(request: HttpRequest) -> dict[str, Any] | None:
    """Return what is to be told, once."""
    kept: dict[str, Any] | None = request.session.pop(_KEY, None)
    if kept:
        kept["done"] = sum(1 for _payment, _text, is_done in kept["lines"] if is_done)
    return kept
