"""Nudges: messages that make work start sooner, and whose loss costs only the wait for the next sweep."""

import logging
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def nudge_after_commit(task_name: str, **kwargs: Any) -> None:
    """Send a task by name once the running transaction has committed; a dead broker is logged, never raised."""
    transaction.on_commit(partial(nudge, task_name, **kwargs))


def nudge(task_name: str, **kwargs: Any) -> None:
    """Send a task by name now; a dead broker is logged, never raised: the row it is about is already durable."""
    try:
        current_app.send_task(task_name, kwargs=kwargs)
    except (KombuError, RedisError, OSError) as error:
        logger.warning("nudge %s not sent (%s); the sweep will pick it up", task_name, error)
