"""What the mail service tells afterwards of a mail: it arrived, it came back, its reader complained."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.companies.models import ContactEmail
from apps.companies.rules import ContactState
from apps.companies.services import set_contact_state, set_state_of_address
from apps.events import services as events
from apps.tokens.models import AccessToken
from apps.tokens.services import requests
from apps.users.models import MailedLink


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


def record_undeliverable_link(*, link_uuid: UUID, state: ContactState, now: datetime) -> bool:
    """Record the same of a mail that carried a link; returns whether the link is one of ours."""
    sent_to = MailedLink.objects.filter(uuid=link_uuid).values_list("address", flat=True).first()
    if sent_to is None:
        return False
    set_state_of_address(address=sent_to, state=state, actor="mail service", now=now)
    return True


def record_delivered(*, token_uuid: UUID, delivered_at: datetime, now: datetime) -> bool:
    """Record that a token's mail arrived; returns whether the token is one of ours.

    An address that bounced before that moment works again, for every company that has it. A complaint stands: it is
    the reader's word, not the server's.
    """
    token = AccessToken.objects.select_related("company").filter(uuid=token_uuid).first()
    if token is None:
        return False
    _note_delivery(token, delivered_at, now)
    bounced = ContactEmail.objects.filter(
        address__iexact=token.sent_to, state=ContactState.BOUNCED, undeliverable_at__lt=delivered_at
    )
    for company_uuid in bounced.order_by("company_id").values_list("company__uuid", flat=True):
        set_contact_state(company_uuid=company_uuid, state=ContactState.ON_FILE, actor="mail service", now=now)
    return True


@transaction.atomic
def _note_delivery(token: AccessToken, delivered_at: datetime, now: datetime) -> None:
    if AccessToken.objects.filter(pk=token.pk, delivered_at=None).update(delivered_at=delivered_at):
        events.record(
            "token.delivered",
            subject_uuid=token.uuid,
            company_uuid=token.company.uuid,
            actor="mail service",
            now=now,
        )
