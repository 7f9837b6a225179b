"""For those who watch the service: does the process answer, and can it do its work."""

from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from apps.core import clock
from apps.core.tasks import HEARTBEAT_KEY
from apps.events.selectors import count_held_reactions, oldest_due_reaction

LONGEST_BACKLOG_SECONDS = 300


def live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers."""
    del request
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Say whether database, Redis and worker do, how old the oldest work is (200, else 503), and what is held."""
    del request
    parts: dict[str, Any] = {"database": _database(), "redis": _redis()}
    parts["worker"] = _worker() if parts["redis"] == "ok" else "unknown"
    parts["backlog_seconds"] = _backlog_seconds() if parts["database"] == "ok" else None
    # An alarm for staff: everything else goes on, so it makes nothing unready.
    parts["held_reactions"] = count_held_reactions() if parts["database"] == "ok" else None
    is_ready = (
        parts["database"] == parts["redis"] == "ok"
        and parts["worker"] == "ok"
        and parts["backlog_seconds"] <= LONGEST_BACKLOG_SECONDS
    )
    body = {"status": "ok" if is_ready else "not ready", **parts}
    return JsonResponse(body, status=200 if is_ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return "ok"


def _redis() -> str:
    try:
        cache.get(HEARTBEAT_KEY)
    except RedisError:
        return "does not answer"
    return "ok"


def _worker() -> str:
    return "ok" if cache.get(HEARTBEAT_KEY) else "no sign of life for a minute"


def _backlog_seconds() -> int:
    now = clock.now()
    oldest = oldest_due_reaction(now=now)
    return int((now - oldest).total_seconds()) if oldest else 0
