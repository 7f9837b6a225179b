"""The clock, read at the entry points only (views, tasks, commands); everything below takes `now` or `today`."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 # the one place that reads it


def today() -> date:
    """Return the current day in Brussels, the day on which Belgian documents are dated."""
    return brussels_day(now())


def brussels_day(instant: datetime) -> date:
    """Return the Brussels day of an aware instant."""
    return instant.astimezone(BRUSSELS).date()


def write_instant(instant: datetime) -> str:
    """Write an aware instant as the wire has it: ISO 8601 in UTC, with `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
