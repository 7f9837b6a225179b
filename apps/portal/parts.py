"""What some components of pages are made of: a stepper's steps, ruled figures, the entries of a timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.portal.lists.declaration import Label
from apps.portal.templatetags.portal import actor, word


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a stepper."""

    label: Label
    is_done: bool
    is_current: bool


def steps_at(labels: Sequence[Label], *, current: int) -> list[Step]:
    """Return the steps of a stepper of which one, counted from 1, is the present one."""
    return [Step(label, place < current, place == current) for place, label in enumerate(labels, start=1)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A whole number under its name; `tone` when it asks for attention."""

    label: Label
    value: int
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact of a timeline: when, its sign, what, by whom, more of it, and the payment state that it led to."""

    at: datetime
    glyph: str
    what: Label
    by: Label = ""
    note: Label = ""
    payment_state: str = ""


def entries_of(events: Iterable[Any]) -> list[Entry]:
    """Return the events of an invoice as the entries of a timeline."""
    return [_entry_of(event) for event in events]


def _entry_of(event: Any) -> Entry:
    is_payment = event.name == "invoice.payment_changed"
    return Entry(
        event.at,
        "check",
        word(event.name, "event"),
        by=actor(event.actor),
        note=word(event.payload.get("channel", ""), "channel"),
        payment_state=event.payload["to"] if is_payment else "",
    )
