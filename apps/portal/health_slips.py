"""How an account is doing, as a slip: the same cells as every state that explains itself."""

from datetime import date, datetime
from typing import Any

from apps.core.display import day
from apps.delivery.health_sentences import Reader, tell
from apps.portal.slips import Action, Slip
from apps.portal.templatetags.portal import instant
from apps.portal.templatetags.words import BADGES


def slip_of_health(examined: Any, *, reader: Reader, actions: tuple[Action, ...] = (), is_gapless: bool = True) -> Slip:
    """Return the diagnosis of an account for a reader; `is_gapless` says whether nothing is wrong in its series."""
    diagnosis = examined.health.diagnosis
    badge = BADGES["health"][diagnosis.code]
    if badge.tone == "ok" and not is_gapless:
        badge = badge._replace(tone="wait", glyph="finding")
    told = tell(examined, reader=reader, write=write, is_gapless=is_gapless)
    return Slip(
        id="diagnosis",
        tone=badge.tone,
        glyph=badge.glyph,
        what=told.what,
        why=told.why,
        who=told.who,
        action=told.action,
        follows=told.follows,
        since=diagnosis.since,
        until=diagnosis.until,
        actions=actions,
    )


def write(value: date | datetime | int | str) -> str:
    """Write a fact as pages do."""
    if isinstance(value, datetime):
        return instant(value)
    return day(value) if isinstance(value, date) else str(value)
