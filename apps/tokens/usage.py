"""Counters of use and last uses, gathered in Redis and written in bulk, so that a poll writes no row.

They are statistics: an emptied Redis costs at most the minutes that were not yet written.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

COUNTS: Final = "codabox:usage"
LAST_USES: Final = "codabox:last-uses"
LAST_USE_STEP_SECONDS: Final = 300


@dataclass(slots=True)
class Gathered:
    """What has been gathered since the last flush."""

    counts: dict[tuple[int, date, str], int] = field(default_factory=dict)
    last_uses: dict[int, datetime] = field(default_factory=dict)


_clients: dict[str, Redis] = {}


def count(kind: str, *, software_id: int | None, credential_id: int | None, day: date, now: datetime) -> None:
    """Count one use; a Redis that does not answer costs the count, never the request."""
    try:
        with redis_client().pipeline(transaction=False) as pipeline:
            if software_id is not None:
                pipeline.hincrby(COUNTS, f"{software_id}|{day.isoformat()}|{kind}", 1)
            if credential_id is not None:
                step = int(now.timestamp()) // LAST_USE_STEP_SECONDS * LAST_USE_STEP_SECONDS
                pipeline.hset(LAST_USES, str(credential_id), str(step))
            pipeline.execute()
    except RedisError as error:
        logger.warning("use not counted: %s", error)


def take() -> Gathered:
    """Take everything gathered out of Redis, at once."""
    with redis_client().pipeline(transaction=True) as pipeline:
        pipeline.hgetall(COUNTS)
        pipeline.delete(COUNTS)
        pipeline.hgetall(LAST_USES)
        pipeline.delete(LAST_USES)
        counts, _, uses, _ = pipeline.execute()
    gathered = Gathered()
    for key, value in counts.items():
        software, day, kind = key.decode().split("|")
        gathered.counts[(int(software), date.fromisoformat(day), kind)] = int(value)
    for key, value in uses.items():
        gathered.last_uses[int(key)] = datetime.fromtimestamp(int(value), tz=UTC)
    return gathered


def redis_client() -> Redis:
    """Return the Redis of the settings; one client a process and address."""
    if settings.REDIS_URL not in _clients:
        _clients[settings.REDIS_URL] = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return _clients[settings.REDIS_URL]
