"""Finding, or making, the one open request of a number and a software."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from apps.companies.locks import lock_live_company
from apps.companies.models import Company
from apps.companies.selectors import find_company
from apps.events import services as events
from apps.tokens.models import ConnectionRequest, Software
from apps.tokens.rules import OPEN_REQUEST_STATES, RequestState

# The reason of a request that was just made; it never leaves the transaction that makes it.
UNCHECKED: Final = "unchecked"


def lock_company(number: str) -> Company | None:
    """Lock the company of a number, and read it with its address only then: what cures a cause holds the same lock.

    It is locked by its id, since a correction may change its number while we wait, and a merge may make it another's.
    """
    found = find_company(enterprise_number=number)
    if found:
        lock_live_company(company_id=found.pk)
    return find_company(enterprise_number=number)


def open_request(
    number: str, software: Software, company: Company | None, *, actor: str, now: datetime
) -> ConnectionRequest:
    """Return the open request of a number and software, locked; made in state `waiting` when there is none.

    The caller holds the company's lock, and checks the request in the same transaction.
    """
    number = _number_to_ask(number, software, company)
    fresh = ConnectionRequest(
        software=software,
        enterprise_number=number,
        company=company,
        state=RequestState.WAITING,
        refusal_code=UNCHECKED,
        requested_at=now,
        state_at=now,
        expires_at=now + timedelta(days=settings.REQUEST_LIFE_DAYS),
    )
    # ON CONFLICT DO NOTHING: of two simultaneous requests one inserts, both go on with the same row.
    ConnectionRequest.objects.bulk_create([fresh], ignore_conflicts=True)
    request = (
        ConnectionRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("case")
        .get(enterprise_number=number, software=software, state__in=OPEN_REQUEST_STATES)
    )
    if request.uuid == fresh.uuid:
        events.record(
            "connection_request.made",
            subject_uuid=request.uuid,
            company_uuid=company.uuid if company else None,
            actor=actor,
            now=now,
        )
    return request


def _number_to_ask(number: str, software: Software, company: Company | None) -> str:
    """Return the number of the request: a company's two numbers must not make two requests of it."""
    if company is None:
        return number
    open_ones = company.requests.filter(software=software, state__in=OPEN_REQUEST_STATES)
    asked = open_ones.order_by("id").values_list("enterprise_number", flat=True).first()
    return asked or company.enterprise_number
