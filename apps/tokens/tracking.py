"""The doorway for the mail service's webhooks, which Anymail checks, normalises and hands on as a signal."""

import logging
from typing import Any, Final
from uuid import UUID

from anymail.signals import EventType

from apps.companies.rules import ContactState
from apps.core import clock
from apps.tokens.services.tracking import record_delivered, record_undeliverable, record_undeliverable_link

logger = logging.getLogger(__name__)

TOKEN_METADATA: Final = "token"  # noqa: S105 # the name of a field, not a secret
LINK_METADATA: Final = "link"
STATES: Final = {
    EventType.BOUNCED: ContactState.BOUNCED,
    EventType.REJECTED: ContactState.BOUNCED,
    EventType.COMPLAINED: ContactState.COMPLAINED,
}


def note_mail_event(sender: Any, event: Any, esp_name: str, **_kwargs: Any) -> None:
    """Record that a mail arrived, bounced or was complained about; everything else only interests the log."""
    del sender
    token_uuid, link_uuid = _read_id(event, TOKEN_METADATA), _read_id(event, LINK_METADATA)
    state, now, is_ours = STATES.get(event.event_type), clock.now(), True
    if token_uuid and event.event_type == EventType.DELIVERED:
        is_ours = record_delivered(token_uuid=token_uuid, delivered_at=event.timestamp or now, now=now)
    elif token_uuid and state:
        is_ours = record_undeliverable(token_uuid=token_uuid, state=state, now=now)
    elif link_uuid and state:
        is_ours = record_undeliverable_link(link_uuid=link_uuid, state=state, now=now)
    if not is_ours:
        logger.warning("%s tells of a mail that is not ours: %s", esp_name, token_uuid or link_uuid)


def _read_id(event: Any, key: str) -> UUID | None:
    try:
        return UUID(str((event.metadata or {}).get(key)))
    except ValueError:
        return None
