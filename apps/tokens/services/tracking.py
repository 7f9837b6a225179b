"""What the mail service tells afterwards of a mail that carried a token."""

from datetime import datetime
from uuid import UUID

from apps.companies.rules import ContactState
from apps.companies.services import set_state_of_address
from apps.tokens.models import AccessToken
from apps.tokens.services import requests


def record_undeliverable(*, token_uuid: UUID, state: ContactState, now: datetime) -> bool:
    """Record that a token's mail bounced hard or was complained about; returns whether the token is one of ours.

    Its own request waits again, and every other company with that address is told the same. A mail service may tell
    it any number of times.
    """
    sent_to = AccessToken.objects.filter(uuid=token_uuid).values_list("sent_to", flat=True).first()
    if sent_to is None:
        return False
    requests.give_up_address(token_uuid=token_uuid, state=state, now=now)
    set_state_of_address(address=sent_to, state=state, actor="mail service", now=now)
    return True
