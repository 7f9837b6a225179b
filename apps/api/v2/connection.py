"""The connection itself: where it stands, so that a software can show it at any time, and its end."""

from typing import Any

from ninja import Router, Status
from ninja.decorators import decorate_view

from apps.api.v2 import errors
from apps.api.v2.auth import LoginRequest, counted, login, login_to_end
from apps.api.v2.schemas import ConnectionOut
from apps.core import clock
from apps.core.errors import NotFound
from apps.tokens.selectors import get_credential
from apps.tokens.services.connections import revoke_connection

router = Router(auth=login)


@router.get("", response=ConnectionOut)
@decorate_view(counted("read"))
def read_connection(request: LoginRequest) -> Any:
    """Say where the caller's connection stands, and why it is suspended when it is."""
    connection, company = request.auth.connection, request.auth.company
    if connection is None or company is None:
        raise NotFound
    refusal = (
        errors.check_refusal_body(
            connection.suspension_code, number=company.enterprise_number, language=errors.language_of(request)
        )
        if connection.suspension_code
        else None
    )
    pair = get_credential(caller=request.auth)
    return {
        "state": connection.state,
        "since": connection.suspended_at or connection.activated_at,
        "company": {
            "id": str(company.uuid),
            "enterprise_number": f"BE{company.enterprise_number}",
            "name": company.name,
        },
        "credentials": {
            "given_at": pair.created_at,
            "first_used_at": pair.first_used_at,
            "overlap_until": pair.overlap_until,
        },
        "refusal": refusal,
    }


@router.delete("", response={204: None}, auth=login_to_end)
@decorate_view(counted("disconnect"))
def end_connection(request: LoginRequest) -> Any:
    """End the caller's connection for good; again changes nothing, so a lost answer may be asked for again."""
    caller = request.auth
    if caller.connection is None:
        raise NotFound
    revoke_connection(connection_uuid=caller.connection.uuid, actor=caller.actor, now=clock.now())
    return Status(204, None)
