"""The public list of software: what each one does, where its code goes in, and whether it is in use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core import clock
from apps.core.errors import NotFound
from apps.sandbox.labels import name_groups
from apps.sandbox.selectors import with_marks
from apps.tokens.guidance import has_own_steps, list_steps
from apps.tokens.packages import SECTORS, Package, package_of
from apps.tokens.selectors import list_live_software
from apps.tokens.standings import Use, use_of, with_last_calls


@dataclass(frozen=True, slots=True)
class Listed:
    """A software of the list, with what is known of it and how it stands."""

    software: Any
    package: Package
    use: Use

    @property
    def sector(self) -> str:
        """Return whom it is made for, in the reader's language; nothing when that is not known."""
        return str(SECTORS[self.package.sector]) if self.package.sector else ""

    @property
    def tested_for(self) -> str:
        """Return in the reader's language what its self-test showed; nothing when it has passed none."""
        return name_groups(self.software.tested_for or ())

    def is_about(self, words: Sequence[str]) -> bool:
        """Tell whether every word is in its name, its maker's, or its sector."""
        text = f"{self.software.name} {self.software.vendor.name} {self.sector}".casefold()
        return all(word in text for word in words)


def software_list(request: HttpRequest) -> HttpResponse:
    """List the softwares, all or those that a visitor looks for."""
    sought, sector = request.GET.get("q", "").strip()[:100], request.GET.get("sector", "")
    every = _list_every()
    found = [each for each in every if each.is_about(sought.casefold().split()) and sector in ("", each.package.sector)]
    offered = [(code, word) for code, word in SECTORS.items() if any(each.package.sector == code for each in every)]
    context = {"found": found, "every": every, "sought": sought, "sector": sector, "sectors": offered}
    return render(request, "portal/software_list.html", context)


def software(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a software: how a company connects with it, what it sends and reads, and when it last did so."""
    shown = next((each for each in _list_every() if each.software.slug == slug), None)
    if shown is None:
        raise NotFound
    names = {"software_name": shown.software.name, "site_name": settings.SITE_NAME}
    context = {"shown": shown, "steps": list_steps(slug=slug, **names), "has_own_steps": has_own_steps(slug)}
    return render(request, "portal/software.html", context)


def _list_every() -> list[Listed]:
    today = clock.today()
    softwares: Any = with_marks(with_last_calls(list_live_software().select_related("vendor")))
    return [
        Listed(each, package_of(each.slug, sector=each.sector), use_of(each.called_on, today=today))
        for each in softwares
    ]
