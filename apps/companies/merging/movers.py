"""What an app says of its rows when two companies become one. `config/mergers.py` lists the apps' movers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from apps.companies.models import Company


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge under way, its two companies locked."""

    survivor: Company
    absorbed: Company
    valid_until: date
    leaves_copies: bool
    actor: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why two companies cannot become one yet; `is_waived_by_copies` when leaving the copies behind removes it."""

    code: str
    sentence: str | Promise
    particulars: tuple[str, ...] = ()
    is_waived_by_copies: bool = False

    def __str__(self) -> str:
        return f"{self.sentence} {', '.join(self.particulars)}".strip()


def _none_found(survivor: Company, absorbed: Company) -> Sequence[Obstacle]:
    del survivor, absorbed
    return ()


@dataclass(frozen=True, slots=True)
class Mover:
    """What one app does. `kinds` gives each table that hangs on a company with its lookup to it.

    `move` runs in the merge's transaction, after the movers of the layers below. It takes row locks in the order of
    ids before it writes several rows of a kind that others lock.
    """

    kinds: Mapping[type[Model], str]
    move: Callable[[Merge], None]
    find_obstacles: Callable[[Company, Company], Sequence[Obstacle]] = _none_found


def load_movers() -> list[Mover]:
    """Return the movers of all apps, the lower layers' first."""
    return [import_string(path) for path in settings.COMPANY_MOVERS]
