"""Telling an office that a destination of it keeps failing: once, by mail, until it worked again."""

from datetime import datetime
from uuid import UUID

from apps.core.letters import GIVE_UP_AFTER
from apps.delivery import emails
from apps.delivery.models import Destination


def tell_of_failing(*, destination_uuid: UUID, now: datetime) -> bool:
    """Hand the mail over, while the destination still fails; repeated it is the same message."""
    destination = Destination.objects.select_related("office", "company").get(uuid=destination_uuid)
    told_at = destination.office_told_at
    if told_at is None or now - told_at > GIVE_UP_AFTER:
        return False
    emails.destination_failing(destination, told_at=told_at).send()
    return True
