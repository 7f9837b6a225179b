"""A company's member acts on its open request: asks for a new code, or withdraws."""

from datetime import datetime
from uuid import UUID

from apps.companies.models import Company
from apps.core.errors import NotFound
from apps.tokens.models import ConnectionRequest
from apps.tokens.rules import OPEN_REQUEST_STATES, SoftwareState
from apps.tokens.selectors import SoftwareDisabled
from apps.tokens.services.checking import RequestOutcome
from apps.tokens.services.endings import withdraw_request
from apps.tokens.services.requests import request_connection


def ask_for_new_code(*, company: Company, request_uuid: UUID, actor: str, now: datetime) -> RequestOutcome:
    """Ask again for the software of a company's open request: it is re-checked, and a new code is mailed.

    :raises NotFound: when it is no open request of this company.
    :raises SoftwareDisabled: when the software may no longer connect.
    :raises Throttled: when this company or address was mailed too often.
    """
    request = _get_open(company, request_uuid)
    if request.software.state == SoftwareState.DISABLED:
        raise SoftwareDisabled
    return request_connection(software=request.software, vat=request.enterprise_number, actor=actor, now=now)


def withdraw_as_member(*, company: Company, request_uuid: UUID, actor: str, now: datetime) -> ConnectionRequest:
    """Withdraw a company's open request; its code stops working.

    :raises NotFound: when it is no open request of this company.
    :raises IllegalTransition: when it ended in the meantime.
    """
    return withdraw_request(request_uuid=_get_open(company, request_uuid).uuid, actor=actor, now=now)


def _get_open(company: Company, request_uuid: UUID) -> ConnectionRequest:
    open_ones = ConnectionRequest.objects.filter(company=company, state__in=OPEN_REQUEST_STATES)
    request = open_ones.select_related("software").filter(uuid=request_uuid).first()
    if request is None:
        raise NotFound
    return request
