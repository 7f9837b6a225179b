"""Turning a token into credentials, such that a lost answer is harmless."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.companies.locks import lock_live_company
from apps.companies.rules import mask_address
from apps.core.errors import DomainError
from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens import secrets
from apps.tokens.models import AccessToken, Connection, ConnectionRequest, Credential, Software
from apps.tokens.rules import (
    REQUEST_TRANSITIONS,
    TOKEN_TRANSITIONS,
    ConnectionState,
    RequestPurpose,
    RequestState,
    TokenState,
    may_exchange_again,
)

USERNAME_PREFIX = "IS-"
USERNAME_LENGTH = 30


class TokenMalformed(DomainError):
    """The text cannot be a token; the check character shows most typing errors."""

    code = "token_malformed"
    sentence = _('This code has a typing error. Copy it again from the e-mail, from "cbt-" to the end.')


class TokenUnknown(DomainError):
    """No such token was ever issued."""

    code = "token_unknown"
    sentence = _("This code is not known. Copy it from the newest e-mail, or ask for a new one.")


class TokenOfOtherSoftware(DomainError):
    """The token was issued for another package."""

    code = "token_other_software"
    sentence = _("This code was made for another software. Ask for a code from the software you want to connect.")


class TokenSuperseded(DomainError):
    """A newer token was mailed since."""

    code = "token_superseded"
    sentence = _("A newer code was sent to %(sent_to)s. Use the code in the newest e-mail.")


class TokenExpired(DomainError):
    """The token's life is over."""

    code = "token_expired"
    sentence = _("This code is no longer valid. Ask for a new one in your invoicing software.")


class TokenUsed(DomainError):
    """The token was exchanged, and the credentials it gave were used."""

    code = "token_used"
    sentence = _("This code was used already. If the software is not connected, ask for a new code.")


class TokenRevoked(DomainError):
    """The token was taken back."""

    code = "token_revoked"
    sentence = _("This code was withdrawn. Ask for a new one in your invoicing software.")


@dataclass(frozen=True, slots=True)
class GivenCredentials:
    """A user name and its password, shown this once."""

    username: str
    password: str


@transaction.atomic
def exchange_token(*, software: Software, text: str, actor: str, now: datetime) -> GivenCredentials:
    """Exchange a token for credentials; the pair given last is the one that works.

    :raises TokenMalformed: and the other `Token…` refusals of this module, by the token's form and state.
    """
    token = _lock_token(software, text)
    _check_exchangeable(token, now)
    is_first = token.state == TokenState.ISSUED
    connection = _live_connection(token, now)
    if is_first:
        _mark_exchanged(token, now)
        if token.request.purpose == RequestPurpose.ROTATE:
            _let_overlap(connection, now)
        _activate_request(token.request, actor=actor, now=now)
        events.record(
            "connection.activated",
            subject_uuid=connection.uuid,
            company_uuid=token.company.uuid,
            actor=actor,
            now=now,
        )
    else:
        token.credentials.filter(voided_at=None).update(voided_at=now)
    return _give_credentials(connection, token, now)


def _lock_token(software: Software, text: str) -> AccessToken:
    """Return the token, locked after its company and request (the order of all locks)."""
    try:
        canonical = secrets.normalise_token(text)
    except secrets.MalformedToken as error:
        raise TokenMalformed from error
    digest = secrets.token_digest(canonical, key=settings.TOKEN_KEY)
    found = AccessToken.objects.filter(digest=digest).first()
    if found is None:
        raise TokenUnknown
    if found.software_id != software.pk:
        raise TokenOfOtherSoftware
    lock_live_company(company_id=found.company_id)
    request = (
        ConnectionRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("company")
        .get(pk=found.request_id)
    )
    token = AccessToken.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=found.pk)
    token.request = request
    return token


def _check_exchangeable(token: AccessToken, now: datetime) -> None:
    match TokenState(token.state):
        case TokenState.ISSUED:
            if token.expires_at <= now:
                raise TokenExpired(expired_at=token.expires_at)
        case TokenState.EXCHANGED:
            _check_repeatable(token, now)
        case TokenState.SUPERSEDED:
            raise TokenSuperseded(superseded_at=token.superseded_at, sent_to=_newest_address(token))
        case TokenState.EXPIRED:
            raise TokenExpired(expired_at=token.expires_at)
        case TokenState.REVOKED:
            raise TokenRevoked


def _check_repeatable(token: AccessToken, now: datetime) -> None:
    last = token.credentials.select_related("connection").order_by("-id").first()
    repeat = timedelta(minutes=settings.TOKEN_REPEAT_MINUTES)
    if last is not None and last.connection is not None and last.connection.state == ConnectionState.REVOKED:
        raise TokenRevoked
    if (
        last is None
        # Only a report of theft, or a newer token's pair, voids the pair that a token gave last.
        or last.voided_at is not None
        or token.exchanged_at is None
        or not may_exchange_again(
            exchanged_at=token.exchanged_at, last_pair_used_at=last.first_used_at, repeat=repeat, now=now
        )
    ):
        raise TokenUsed


def _newest_address(token: AccessToken) -> str:
    newest = AccessToken.objects.filter(company=token.company, software_id=token.software_id).latest("id")
    return mask_address(newest.sent_to)


def _live_connection(token: AccessToken, now: datetime) -> Connection:
    """Return the connection that is not revoked, locked; made when there is none."""
    live = (
        Connection.objects.select_for_update(of=("self",), no_key=True)
        .filter(company=token.company, software_id=token.software_id)
        .exclude(state=ConnectionState.REVOKED)
        .first()
    )
    return live or Connection.objects.create(
        company=token.company, software_id=token.software_id, state=ConnectionState.ACTIVE, activated_at=now
    )


def _let_overlap(connection: Connection, now: datetime) -> None:
    """Let the pairs in use go on beside the new one for some hours."""
    until = now + timedelta(hours=settings.CREDENTIAL_OVERLAP_HOURS)
    connection.credentials.filter(voided_at=None, overlap_until=None).update(overlap_until=until)


def _mark_exchanged(token: AccessToken, now: datetime) -> None:
    check_transition(TOKEN_TRANSITIONS, TokenState(token.state), TokenState.EXCHANGED)
    token.state, token.exchanged_at = TokenState.EXCHANGED, now
    token.save(update_fields=["state", "exchanged_at"])


def _activate_request(request: ConnectionRequest, *, actor: str, now: datetime) -> None:
    check_transition(REQUEST_TRANSITIONS, RequestState(request.state), RequestState.ACTIVATED)
    request.state, request.state_at, request.activated_at = RequestState.ACTIVATED, now, now
    request.save(update_fields=["state", "state_at", "activated_at"])
    events.record(
        "connection_request.activated",
        subject_uuid=request.uuid,
        company_uuid=request.company.uuid if request.company else None,
        actor=actor,
        now=now,
    )


def _give_credentials(connection: Connection, token: AccessToken, now: datetime) -> GivenCredentials:
    username = f"{USERNAME_PREFIX}{uuid4()}"[:USERNAME_LENGTH]
    password = secrets.make_password()
    # A repeated exchange goes on in the line of the pair whose answer was lost.
    earlier = token.credentials.order_by("-id").first()
    Credential.objects.create(
        connection=connection,
        origin_id=earlier.origin_id if earlier else None,
        token=token,
        username=username,
        digest=secrets.password_digest(password),
        created_at=now,
    )
    return GivenCredentials(username, password)
