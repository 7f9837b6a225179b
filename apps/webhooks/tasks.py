"""Doorways to the webhooks."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.core import clock
from apps.webhooks import dispatching, services


@shared_task(name="webhooks.dispatch", acks_late=True)
def dispatch(**_kwargs: Any) -> None:
    """Send what is due, unless another process does."""
    dispatching.dispatch(read_clock=clock.now)


@shared_task(name="webhooks.tell_of_stop", acks_late=True)
def tell_of_stop(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell the maker of a software that an endpoint of it was paused."""
    services.tell_of_stop(endpoint_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="webhooks.forget_old_messages", acks_late=True)
def forget_old_messages(**_kwargs: Any) -> None:
    """Delete messages that were kept for their time."""
    services.forget_old_messages(now=clock.now())
