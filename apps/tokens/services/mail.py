"""Handing the token's mail over, at least once, always the same message."""

import smtplib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.db import transaction

from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens import emails
from apps.tokens.models import AccessToken, ConnectionRequest
from apps.tokens.rules import REQUEST_TRANSITIONS, RequestState, TokenState, is_bad_address
from apps.tokens.services import requests
from apps.tokens.services.busy_addresses import warn_busy_address

# Temporary failures of one address count as undeliverable after two days (product page, check 10).
GIVE_UP_AFTER: Final = timedelta(days=2)


class MailNotTaken(Exception):
    """The mail server did not take the message; it is handed over again later."""


def send_token_mail(*, token_uuid: UUID, now: datetime) -> bool:
    """Hand over the mail of an issued token, unless that was done; returns whether it was handed over now.

    A crash between the hand-over and its record repeats the message with the same token and Message-ID.

    An address that the mail server calls bad, or that has failed for two days while others are taken, is
    undeliverable: the request waits again.

    :raises MailNotTaken: when the mail server refuses; the failure is on the token's row.
    """
    token = AccessToken.objects.select_related("company", "software", "request").get(uuid=token_uuid)
    if token.state != TokenState.ISSUED or token.mailed_at is not None:
        return False
    message = emails.token_mail(token)
    try:
        message.send()
    except (smtplib.SMTPException, AnymailError, OSError) as error:
        AccessToken.objects.filter(pk=token.pk).update(mail_failed_at=now)
        has_tried_long = now - token.issued_at >= GIVE_UP_AFTER and _has_taken_others(token)
        if _is_address_refused(error, token.sent_to) or has_tried_long:
            requests.give_up_address(token_uuid=token.uuid, now=now)
            return False
        raise MailNotTaken(str(error)) from error
    _record_hand_over(token, now)
    return True


def _is_address_refused(error: Exception, address: str) -> bool:
    if isinstance(error, AnymailRecipientsRefused):
        return True
    if not isinstance(error, smtplib.SMTPRecipientsRefused) or address not in error.recipients:
        return False
    code, text = error.recipients[address]
    return is_bad_address(code=code, text=text.decode(errors="replace"))


def _has_taken_others(token: AccessToken) -> bool:
    """Our own outage is no fault of the address: did the mail server take any other message meanwhile?"""
    return AccessToken.objects.filter(mailed_at__gt=token.issued_at).exists()


@transaction.atomic
def _record_hand_over(token: AccessToken, now: datetime) -> None:
    request = ConnectionRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=token.request_id)
    AccessToken.objects.filter(pk=token.pk).update(mailed_at=now)
    warn_busy_address(address=token.sent_to, company_uuid=token.company.uuid, now=now)
    # Asked again or exchanged in the meantime: the request has moved on.
    is_still_its_token = request.tokens.filter(pk=token.pk, state=TokenState.ISSUED).exists()
    if request.state != RequestState.SENDING or not is_still_its_token:
        return
    check_transition(REQUEST_TRANSITIONS, RequestState(request.state), RequestState.TOKEN_SENT)
    request.state, request.state_at, request.token_sent_at = RequestState.TOKEN_SENT, now, now
    request.save(update_fields=["state", "state_at", "token_sent_at"])
    events.record("token.sent", subject_uuid=request.uuid, company_uuid=token.company.uuid, actor="system", now=now)
