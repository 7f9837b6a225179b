"""How an account is doing, as a slip: the same cells as every state that explains itself."""

from datetime import date, datetime, time
from typing import Any

from apps.core.clock import BRUSSELS
from apps.core.display import day
from apps.delivery.health_sentences import Reader, tell
from apps.portal.slips import Action, Slip
from apps.portal.templatetags.portal import instant
from apps.portal.templatetags.words import BADGES


def slip_of_health(
    examined: Any, *, reader: Reader, actions: tuple[Action, ...] = (), gap_on: date | None = None
) -> Slip:
    """Return the diagnosis of an account for a reader; `gap_on` is the newest day on which its series does not join."""
    diagnosis, badge = examined.health.diagnosis, BADGES["health"][examined.health.diagnosis.code]
    since, until = diagnosis.since, diagnosis.until
    if badge.tone == "ok" and gap_on:
        badge, until = badge._replace(tone="wait", glyph="finding"), None
        since = datetime.combine(gap_on, time(), BRUSSELS)
    told = tell(examined, reader=reader, write=write, is_gapless=gap_on is None)
    return Slip(
        id="diagnosis",
        tone=badge.tone,
        glyph=badge.glyph,
        what=told.what,
        why=told.why,
        who=told.who,
        action=told.action,
        follows=told.follows,
        since=since,
        until=until,
        actions=actions,
    )


def write(value: date | datetime | int | str) -> str:
    """Write a fact as pages do."""
    if isinstance(value, datetime):
        return instant(value)
    return day(value) if isinstance(value, date) else str(value)
