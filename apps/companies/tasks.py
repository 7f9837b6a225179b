"""Doorways to the services of companies."""

from typing import Any
from uuid import UUID

from celery import shared_task

from apps.companies import contacts, members
from apps.core import clock


@shared_task(name="companies.mail_member_link", acks_late=True)
def mail_member_link(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail a link into a company."""
    members.mail_member_link(link_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="companies.send_contact_confirmation", acks_late=True)
def send_contact_confirmation(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Mail the link that confirms a new address."""
    contacts.send_confirmation(change_uuid=UUID(subject_uuid), now=clock.now())


@shared_task(name="companies.send_contact_notice", acks_late=True)
def send_contact_notice(*, subject_uuid: str, **_kwargs: Any) -> None:
    """Tell the reader of the address until now."""
    contacts.send_notice(change_uuid=UUID(subject_uuid), now=clock.now())
