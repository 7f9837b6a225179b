"""How a request ends without a connection: its time is over, its company withdraws it, staff close it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from apps.core.errors import NotFound
from apps.core.states import check_transition
from apps.tokens.models import ConnectionRequest
from apps.tokens.rules import OPEN_REQUEST_STATES, REQUEST_TRANSITIONS, RequestState, TokenState
from apps.tokens.services.moves import free_from_case, move_request, take_back_token

SWEEP_SIZE: Final = 500


@transaction.atomic
def expire_requests(*, now: datetime) -> int:
    """End open requests whose life is over; returns how many."""
    overdue = (
        ConnectionRequest.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("case", "company")
        .filter(state__in=OPEN_REQUEST_STATES, expires_at__lte=now)
        .order_by("id")[:SWEEP_SIZE]
    )
    for request in overdue:
        end_request(request, RequestState.EXPIRED, TokenState.EXPIRED, actor="system", now=now)
    return len(overdue)


@transaction.atomic
def withdraw_request(*, request_uuid: UUID, actor: str, now: datetime) -> ConnectionRequest:
    """End a request that its company did not want; its token stops working. Withdrawing twice changes nothing.

    :raises NotFound: when there is no such request.
    :raises IllegalTransition: when it has ended otherwise.
    """
    request = _lock(request_uuid)
    if request.state != RequestState.WITHDRAWN:
        end_request(request, RequestState.WITHDRAWN, TokenState.REVOKED, actor=actor, now=now)
    return request


@transaction.atomic
def close_request(*, request_uuid: UUID, message: str, actor: str, now: datetime) -> ConnectionRequest:
    """End a request with a message from staff to its end user. Closing twice changes nothing.

    :raises NotFound: when there is no such request.
    :raises IllegalTransition: when it has ended otherwise.
    """
    request = _lock(request_uuid)
    if request.state == RequestState.CLOSED:
        return request
    request.closing_message = message
    request.save(update_fields=["closing_message"])
    end_request(request, RequestState.CLOSED, TokenState.REVOKED, actor=actor, now=now)
    return request


def end_request(
    request: ConnectionRequest, state: RequestState, token_state: TokenState, *, actor: str, now: datetime
) -> None:
    """End a request in the caller's transaction, which holds its lock; its unused token ends with it.

    :raises IllegalTransition: when it has ended otherwise.
    """
    check_transition(REQUEST_TRANSITIONS, RequestState(request.state), state)
    take_back_token(request, token_state, now)
    free_from_case(request, now)
    move_request(request, state, f"connection_request.{state.value}", actor=actor, now=now)


def _lock(request_uuid: UUID) -> ConnectionRequest:
    request = (
        ConnectionRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("case", "company", "software")
        .filter(uuid=request_uuid)
        .first()
    )
    if request is None:
        raise NotFound
    return request
