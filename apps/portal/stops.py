"""The five stops of an invoice: received, validated, delivered, fetched, booked; and who is at turn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

_WIDTH: Final = 12.5


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop. `css` is done, now, fail, or empty for what is still to come."""

    label: str
    css: str = ""
    at: datetime | None = None
    note: str = ""

    @property
    def glyph(self) -> str:
        """Return its sign."""
        return {"done": "check", "now": "clock", "fail": "stop"}.get(self.css, "ring")


@dataclass(frozen=True, slots=True)
class RailPart:
    """One stop of the small rail: done (d), refused (x) or to come (n), and where it is drawn."""

    kind: str
    x: str


@dataclass(frozen=True, slots=True)
class Rail:
    """The small rail of a list. `label` says all of it, `word` the last stop."""

    label: str
    word: str
    parts: Sequence[RailPart]


def list_stops(
    invoice: Any, deliveries: Iterable[Any], *, is_check_held: bool = False, is_office: bool = False
) -> list[Stop]:
    """Return the five stops of an invoice, from its state and its deliveries; the open one says who is at turn.

    `is_check_held` says that its check broke down several times and waits for our staff, `is_office` that its
    accounting office reads this.
    """
    received = Stop(pgettext("invoice", "Received"), "done", invoice.received_at)
    if invoice.state == "rejected":
        refused = Stop(pgettext("invoice", "Refused"), "fail", invoice.rejected_at, _("Correct it and send it again."))
        return [received, refused, *_to_come(2)]
    if invoice.state == "received":
        return [received, _check_held() if is_check_held else _being_checked(), *_to_come(2)]
    checked = Stop(pgettext("invoice", "Checked"), "done", invoice.accepted_at)
    return [received, checked, *_at_the_office(invoice, list(deliveries), is_office=is_office)]


def _being_checked() -> Stop:
    return Stop(pgettext("invoice", "Being checked"), "now", None, _("You need to do nothing."))


def _check_held() -> Stop:
    note = _("The check stopped several times without a result. Our support looks into it; you need to do nothing.")
    return Stop(pgettext("invoice", "Check stopped"), "fail", None, note)


def _at_the_office(invoice: Any, deliveries: Sequence[Any], *, is_office: bool) -> list[Stop]:
    delivered = min((row.delivered_at for row in deliveries if row.delivered_at), default=None)
    fetched = min((row.fetched_at for row in deliveries if row.fetched_at), default=None)
    if not delivered:
        is_failed = any(row.state == "failed" for row in deliveries)
        note = _("It is tried again by itself.") if is_failed else _("You need to do nothing.")
        word = pgettext("invoice", "Delivery failed") if is_failed else pgettext("invoice", "On its way")
        return [Stop(word, "fail" if is_failed else "now", None, note), *_to_come(3)]
    arrived = Stop(pgettext("invoice", "Delivered"), "done", delivered)
    if invoice.office_state == "booked":
        seen = Stop(pgettext("invoice", "Fetched"), "done", fetched)
        return [arrived, seen, Stop(pgettext("invoice", "Booked"), "done")]
    if not fetched:
        return [
            arrived,
            Stop(pgettext("invoice", "To be fetched"), "now", None, _office_is_next(is_office=is_office)),
            *_to_come(4),
        ]
    return [
        arrived,
        Stop(pgettext("invoice", "Fetched"), "done", fetched),
        _still_to_be_booked(invoice, is_office=is_office),
    ]


def _still_to_be_booked(invoice: Any, *, is_office: bool) -> Stop:
    if invoice.office_state == "refused":
        note = _("The company corrects it and sends it again.") if is_office else _("Correct it and send it again.")
        return Stop(pgettext("invoice", "Refused by the accountant"), "fail", None, note)
    if invoice.office_state == "questioned" and not invoice.answered_at:
        note = _("The company answers next.") if is_office else _("Your accounting office has a question.")
        return Stop(pgettext("invoice", "A question is open"), "now", None, note)
    return Stop(pgettext("invoice", "To be booked"), "now", None, _office_is_next(is_office=is_office))


def _office_is_next(*, is_office: bool) -> str:
    return _("Your office acts next.") if is_office else _("Your accounting office acts next.")


def _to_come(first: int) -> list[Stop]:
    words = [pgettext("invoice", word) for word in ("Checked", "Delivered", "Fetched", "Booked")]
    return [Stop(word) for word in words[first - 1 :]]


def rail(stops: Sequence[Stop]) -> Rail:
    """Return the small rail of a list: its parts, a sentence for who cannot see them, and the last word."""
    kinds = "".join({"done": "d", "fail": "x"}.get(stop.css, "n") for stop in stops)
    failed = next((stop for stop in stops if stop.css == "fail"), None)
    last = failed or next((stop for stop in reversed(stops) if stop.css == "done"), stops[0])
    return _drawn(kinds, last.label, is_refused=failed is not None)


def rail_of_delivered(*, office_state: str, is_fetched: bool) -> Rail:
    """Return the small rail of an invoice that is in an office's inbox."""
    if office_state == "refused":
        return _drawn("ddxnn", pgettext("invoice", "Refused by the accountant"), is_refused=True)
    done = 5 if office_state == "booked" else 4 if is_fetched else 3
    words = [pgettext("invoice", "Delivered"), pgettext("invoice", "Fetched"), pgettext("invoice", "Booked")]
    return _drawn("d" * done + "n" * (5 - done), words[done - 3], is_refused=False)


def _drawn(kinds: str, word: str, *, is_refused: bool) -> Rail:
    # What is drawn by its edge is half a unit smaller all around.
    parts = [RailPart(kind, f"{place * _WIDTH + (0.5 if kind == 'n' else 0):g}") for place, kind in enumerate(kinds)]
    step = _("Step %(done)s of %(all)s: %(word)s") % {"done": kinds.count("d"), "all": len(kinds), "word": word}
    return Rail(word if is_refused else step, word, parts)
