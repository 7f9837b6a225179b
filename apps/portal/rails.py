"""The rail: how far an invoice is on its way to the books, in five stops."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

STOPS: Final[tuple[str | Promise, ...]] = (
    pgettext_lazy("invoice", "received"),
    pgettext_lazy("stop of an invoice", "checked"),
    pgettext_lazy("delivery", "delivered"),
    pgettext_lazy("delivery", "fetched"),
    pgettext_lazy("accounting office", "booked"),
)
REFUSED: Final = gettext_lazy("Refused by the accounting office")
_STEP: Final = 12.5


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the small rail: where it is drawn, and how."""

    x: str
    tone: str

    @property
    def is_open(self) -> bool:
        """Tell whether the invoice has not come here yet."""
        return self.tone == "n"


@dataclass(frozen=True, slots=True)
class Rail:
    """A small rail with its words."""

    label: str
    stops: list[Stop]


def rail_of_delivered(*, office_state: str, is_fetched: bool) -> Rail:
    """Return the rail of an invoice that is in an office's inbox."""
    if office_state == "refused":
        return Rail(str(REFUSED), _stops("ddxnn"))
    done = 5 if office_state == "booked" else 4 if is_fetched else 3
    label = _("Stop %(number)s of 5: %(stop)s") % {"number": done, "stop": STOPS[done - 1]}
    return Rail(label, _stops("d" * done + "n" * (5 - done)))


def _stops(tones: str) -> list[Stop]:
    # What is drawn by its edge is half a unit smaller all around.
    offsets = {"n": 0.5}
    return [Stop(f"{number * _STEP + offsets.get(tone, 0.0):g}", tone) for number, tone in enumerate(tones)]
