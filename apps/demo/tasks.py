"""The doorway to the nightly reset."""

from typing import Any

from celery import shared_task
from django.db import OperationalError

from apps.core import clock
from apps.demo import resetting


@shared_task(
    name="demo.reset_sandbox",
    acks_late=True,
    autoretry_for=(OperationalError,),
    max_retries=5,
    default_retry_delay=60,
)
def reset_sandbox(**_kwargs: Any) -> None:
    """Empty the sandbox and load its world again; while calls hold its tables, try again a minute later."""
    resetting.reset_sandbox(now=clock.now())
