"""Doorways to the services of companies."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.companies import members
from apps.core import clock


@shared_task(name="companies.mail_member_link", acks_late=True)
def mail_member_link(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail a link into a company."""
    members.mail_member_link(link_uuid=UUID(subject_uuid), now=clock.now())
