"""The doorway for what the mail service tells of messages with invoices; Anymail hands it on as a signal."""

import logging
from typing import Any, Final
from uuid import UUID

from anymail.signals import EventType

from apps.core import clock
from apps.delivery.bouncing import Bounce, record_bounce
from apps.delivery.rules import BOUNCED, COMPLAINED

logger = logging.getLogger(__name__)

DELIVERY_METADATA: Final = "delivery"
CODES: Final = {EventType.BOUNCED: BOUNCED, EventType.REJECTED: BOUNCED, EventType.COMPLAINED: COMPLAINED}


def note_delivery_event(sender: Any, event: Any, esp_name: str, **_kwargs: Any) -> None:
    """Record that a message with invoices came back or was complained about."""
    del sender
    code = CODES.get(event.event_type)
    try:
        parcel_uuid = UUID(str((event.metadata or {}).get(DELIVERY_METADATA)))
    except ValueError:
        return
    if code is None:
        return
    now = clock.now()
    answer = event.mta_response or event.description or ""
    bounce = Bounce(code, event.recipient or "", answer, event.timestamp or now)
    if not record_bounce(parcel_uuid=parcel_uuid, bounce=bounce, now=now):
        logger.warning("%s tells of a mail that is not ours: %s", esp_name, parcel_uuid)
