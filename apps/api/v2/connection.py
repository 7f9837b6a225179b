"""The connection itself: where it stands, so that a software can show it at any time."""

from typing import Any

from ninja import Router
from ninja.decorators import decorate_view

from apps.api.v2 import errors
from apps.api.v2.auth import LoginRequest, counted, login
from apps.api.v2.schemas import ConnectionOut
from apps.core.errors import NotFound
from apps.tokens.selectors import get_credential

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
