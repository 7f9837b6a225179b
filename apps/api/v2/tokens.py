"""Calls 1 and 2: ask for a token, exchange it; and where a request stands."""

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.decorators import decorate_view

from apps.api.v2 import errors
from apps.api.v2.auth import SoftwareRequest, counted, software_key
from apps.api.v2.schemas import CredentialsOut, RequestOut, TokenSentOut
from apps.companies.rules import mask_address
from apps.core import clock
from apps.tokens import selectors
from apps.tokens.services import exchange, requests

router = Router(auth=software_key)


@router.post("/request-access-token/invoicing-software", response={201: TokenSentOut})
@decorate_view(counted("request"))
def request_access_token(request: SoftwareRequest) -> Any:
    """Ask for a token: 201 when it is on its way to the address on file, else the refusal as data."""
    outcome = requests.request_connection(
        software=request.auth, vat=_read_vat(request), actor=f"software:{request.auth.slug}", now=clock.now()
    )
    company = outcome.request.company
    language = errors.language_of(request, company.language if company else "")
    reference = {
        "id": str(outcome.request.uuid),
        "state": outcome.request.state,
        "url": request_url(outcome.request.uuid),
    }
    if outcome.token is None:
        body = errors.check_refusal_body(
            outcome.refusal_code, number=outcome.request.enterprise_number, language=language
        )
        return JsonResponse(body | {"request": reference}, status=errors.STATUSES[outcome.refusal_code])
    with translation.override(language):
        detail = _("A code was sent to %(address)s.") % {"address": mask_address(outcome.token.sent_to)}
    return Status(201, {"detail": detail, "code": "token_sent", "request": reference})


@router.get("/get-credentials/{token}", response=CredentialsOut)
@decorate_view(counted("exchange"))
def get_credentials(request: SoftwareRequest, token: str, response: HttpResponse) -> Any:
    """Exchange a token for credentials; the answer must not be kept by anything in between."""
    response.headers["Cache-Control"] = "no-store"
    return exchange.exchange_token(
        software=request.auth, text=token, actor=f"software:{request.auth.slug}", now=clock.now()
    )


@router.get("/connection-requests/{request_id}", response=RequestOut, url_name="connection-request")
@decorate_view(counted("read"))
def read_request(request: SoftwareRequest, request_id: UUID) -> Any:
    """Say where a request stands, and why it waits."""
    found = selectors.get_visible_request(software=request.auth, request_uuid=request_id)
    token = selectors.issued_token(request=found)
    language = errors.language_of(request, found.company.language if found.company else "")
    refusal = (
        errors.check_refusal_body(found.refusal_code, number=found.enterprise_number, language=language)
        if found.refusal_code
        else None
    )
    return {
        "id": str(found.uuid),
        "state": found.state,
        "since": found.state_at,
        "refusal": refusal,
        "token_expires_at": token.expires_at if token else None,
        "message": found.closing_message or None,
    }


def request_url(request_uuid: UUID) -> str:
    """Return the absolute address of a request."""
    return settings.BASE_URL + reverse("v2:connection-request", args=[request_uuid]) + "/"


def _read_vat(request: HttpRequest) -> str:
    body = read_json_object(request)
    vat = body.get("vat")
    if not isinstance(vat, str) or not vat.strip():
        raise errors.VatMissing
    return vat


def read_json_object(request: HttpRequest) -> dict[str, Any]:
    """Return the body as a JSON object, whatever its declared type.

    :raises MalformedRequest: when it is none.
    :raises RequestTooLarge: when it is longer than any call's body.
    """
    try:
        body = json.loads(request.body)
    except RequestDataTooBig as error:
        raise errors.RequestTooLarge from error
    except (ValueError, RecursionError) as error:
        raise errors.MalformedRequest from error
    if not isinstance(body, dict):
        raise errors.MalformedRequest
    return body
