"""The steps that every ending and new start of a request shares; the caller holds the request's lock."""

from datetime import datetime
from uuid import UUID

from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens.models import ConnectionRequest
from apps.tokens.rules import TOKEN_TRANSITIONS, RequestState, TokenState
from apps.tokens.services.cases import leave_case


def take_back_token(request: ConnectionRequest, wanted: TokenState, now: datetime) -> None:
    """Take back the request's unused token, if it has one."""
    token = request.tokens.select_for_update(of=("self",), no_key=True).filter(state=TokenState.ISSUED).first()
    if token is None:
        return
    check_transition(TOKEN_TRANSITIONS, TokenState(token.state), wanted)
    token.state = wanted
    if wanted is TokenState.SUPERSEDED:
        token.superseded_at = now
    elif wanted is TokenState.REVOKED:
        token.revoked_at = now
    token.save(update_fields=["state", "superseded_at", "revoked_at"])
    record_news(request, f"token.{wanted.value}", actor="system", now=now, subject_uuid=token.uuid)


def free_from_case(request: ConnectionRequest, now: datetime) -> None:
    """Take a request out of its case, and resolve the case when that was the last one."""
    case = request.case
    if case is None:
        return
    request.case = None
    request.save(update_fields=["case"])
    leave_case(case=case, now=now)


def move_request(request: ConnectionRequest, state: RequestState, event: str, *, actor: str, now: datetime) -> None:
    """Write a request's new state and its event; the caller has checked the step and holds the lock."""
    request.state, request.state_at, request.refusal_code = state, now, ""
    if state in {RequestState.EXPIRED, RequestState.WITHDRAWN, RequestState.CLOSED}:
        request.ended_at = now
    request.save(update_fields=["company", "state", "state_at", "refusal_code", "expires_at", "ended_at"])
    record_news(request, event, actor=actor, now=now)


def record_news(
    request: ConnectionRequest,
    name: str,
    *,
    actor: str,
    now: datetime,
    subject_uuid: UUID | None = None,
    payload: dict[str, str] | None = None,
) -> None:
    """Record what happened to a request, or to another subject of it."""
    events.record(
        name,
        subject_uuid=subject_uuid or request.uuid,
        company_uuid=request.company.uuid if request.company else None,
        actor=actor,
        now=now,
        payload=payload,
    )
