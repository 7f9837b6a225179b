"""Handing the token's mail over, at least once, always the same message."""

import smtplib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from anymail.exceptions import AnymailError, AnymailRecipientsRefused
from django.db import transaction
from django.db.models import Max

from apps.companies.rules import ContactState
from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens import emails
from apps.tokens.models import AccessToken, ConnectionRequest
from apps.tokens.rules import REQUEST_TRANSITIONS, RequestState, TokenState, is_address_refused
from apps.tokens.services import requests, tracking
from apps.tokens.services.busy_addresses import warn_busy_address
from apps.tokens.services.facts import MAIL_SILENCE

# Temporary failures of one address count as undeliverable after two days (product page, check 10).
GIVE_UP_AFTER: Final = timedelta(days=2)
SEND_TASK: Final = "tokens.send_token_mail"


class MailNotTaken(Exception):
    """The mail server did not take the message; it is handed over again later."""


def send_token_mail(*, token_uuid: UUID, now: datetime) -> bool:
    """Hand over the mail of an issued token, unless that was done; returns whether it was handed over now.

    A crash between the hand-over and its record repeats the message with the same token and Message-ID.

    An address that the mail server says does not exist, or that has failed for two days while others are taken, is
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
        if _is_fault_of_address(error):
            tracking.record_undeliverable(token_uuid=token.uuid, state=ContactState.BOUNCED, now=now)
            return False
        AccessToken.objects.filter(pk=token.pk).update(mail_failed_at=now)
        if now - token.issued_at >= GIVE_UP_AFTER and _has_taken_others(token):
            requests.give_up_address(token_uuid=token.uuid, now=now)
            return False
        raise MailNotTaken(str(error)) from error
    _record_hand_over(token, now)
    return True


def hasten_mails(*, now: datetime) -> int:
    """Make the mails that failed due at once, whatever their wait: the mail server takes messages again."""
    return events.bring_forward(task=SEND_TASK, now=now)


def _is_fault_of_address(error: Exception) -> bool:
    """Tell whether the mail server, or service, refused this one address for good."""
    if isinstance(error, AnymailRecipientsRefused):
        return True
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    answers = error.recipients.values()
    return all(is_address_refused(code, _as_text(answer)) for code, answer in answers)


def _as_text(answer: bytes | str) -> str:
    return answer if isinstance(answer, str) else answer.decode("ascii", "replace")


def _has_taken_others(token: AccessToken) -> bool:
    """Our own outage is no fault of the address: did the mail server take any other message meanwhile?"""
    return AccessToken.objects.filter(mailed_at__gt=token.issued_at).exists()


@transaction.atomic
def _record_hand_over(token: AccessToken, now: datetime) -> None:
    request = ConnectionRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=token.request_id)
    if _ends_an_outage(now):
        events.record("mail.recovered", subject_uuid=token.uuid, actor="system", now=now)
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


def _ends_an_outage(now: datetime) -> bool:
    """Tell whether the mail server takes a message after failures and five minutes, or more, without any taken."""
    last = AccessToken.objects.filter(mailed_at__isnull=False).aggregate(at=Max("mailed_at"))["at"]
    failed = AccessToken.objects.filter(mail_failed_at__isnull=False)
    if last is None:
        return failed.exists()
    return last < now - MAIL_SILENCE and failed.filter(mail_failed_at__gt=last).exists()
