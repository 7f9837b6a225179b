"""The worker's sign of life."""

from celery import shared_task
from django.core.cache import cache

HEARTBEAT_KEY = "worker-heartbeat"


@shared_task(name="core.heartbeat", ignore_result=True)
def beat_heart() -> None:
    """Say that a worker is alive, for one minute."""
    cache.set(HEARTBEAT_KEY, 1, timeout=60)
