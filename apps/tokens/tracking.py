"""The doorway for the mail service's webhooks, which Anymail checks, normalises and hands on as a signal."""

import logging
from typing import Any, Final
from uuid import UUID

from anymail.signals import EventType

from apps.companies.rules import ContactState
from apps.core import clock
from apps.tokens.services.tracking import record_undeliverable

logger = logging.getLogger(__name__)

METADATA_KEY: Final = "token"
STATES: Final = {
    EventType.BOUNCED: ContactState.BOUNCED,
    EventType.REJECTED: ContactState.BOUNCED,
    EventType.COMPLAINED: ContactState.COMPLAINED,
}


def note_mail_event(sender: Any, event: Any, esp_name: str, **_kwargs: Any) -> None:
    """Record a bounce or complaint of a mail that carried a token; everything else is only of interest to the log."""
    del sender
    state = STATES.get(event.event_type)
    token_uuid = _token_of(event)
    if state is None or token_uuid is None:
        return
    if not record_undeliverable(token_uuid=token_uuid, state=state, now=clock.now()):
        logger.warning("%s tells of a token that is not here: %s", esp_name, token_uuid)


def _token_of(event: Any) -> UUID | None:
    try:
        return UUID(str((event.metadata or {}).get(METADATA_KEY)))
    except ValueError:
        return None
