"""How often a software may be refused: a call that tells whether a company is known must not list our clients.

These counters live in Redis, in fixed windows, since an emptied Redis resets nothing that matters here: mails are
counted from rows. A Redis that does not answer limits nobody.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from redis import Redis
from redis.exceptions import RedisError

from apps.core.errors import DomainError
from apps.tokens.usage import redis_client

logger = logging.getLogger(__name__)

PREFIX: Final = "codabox:refused"


class Throttled(DomainError):
    """Too much was asked; `retry_after` is in seconds."""

    code = "throttled"
    sentence = _("A code was asked for too often. Use the newest e-mail, or try again later.")


class TooManyRefusals(Throttled):
    """A software was refused too often."""

    sentence = _("Too many requests of this software were refused. Try again later.")


@dataclass(frozen=True, slots=True)
class Window:
    """So many refusals in so many seconds."""

    seconds: int
    limit: int

    def key(self, software_id: int, now: datetime) -> str:
        """Return the counter of the window that an instant falls into."""
        return f"{PREFIX}:{software_id}:{self.seconds}:{int(now.timestamp()) // self.seconds}"

    def seconds_left(self, now: datetime) -> int:
        """Return how long the window still lasts, one second at least."""
        return self.seconds - int(now.timestamp()) % self.seconds


def _windows() -> tuple[Window, ...]:
    return (
        Window(60, settings.REFUSALS_PER_MINUTE),
        Window(86_400, settings.REFUSALS_PER_DAY),
    )


def check_refusals(*, software_id: int, now: datetime) -> None:
    """Return when the software may ask.

    :raises TooManyRefusals: when it was refused too often in a window.
    """
    for window in _windows():
        if _read(redis_client(), window.key(software_id, now)) >= window.limit:
            raise TooManyRefusals(retry_after=window.seconds_left(now))


def count_refusal(*, software_id: int, now: datetime) -> None:
    """Count one refusal in each window."""
    try:
        with redis_client().pipeline(transaction=False) as pipeline:
            for window in _windows():
                pipeline.incr(window.key(software_id, now))
                pipeline.expire(window.key(software_id, now), window.seconds + 60)
            pipeline.execute()
    except RedisError as error:
        logger.warning("refusal not counted: %s", error)


def _read(client: Redis, key: str) -> int:
    try:
        value = client.get(key)
    except RedisError as error:
        logger.warning("refusals not read: %s", error)
        return 0
    return int(str(value, "ascii")) if isinstance(value, bytes) else 0
