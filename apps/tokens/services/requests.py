"""Asking for a connection: the ordered checks, and the token once they all pass."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import ClientLink
from apps.companies.models import Company
from apps.companies.rules import ContactState
from apps.companies.services import set_contact_state
from apps.core import identifiers
from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.tokens import limits
from apps.tokens.models import AccessToken, ConnectionRequest, Software
from apps.tokens.rules import Check, RequestState, TokenState
from apps.tokens.services.checking import RequestOutcome, check_mail_limits, check_request
from apps.tokens.services.opening import lock_company, open_request


class VatInvalid(DomainError):
    """The text is no possible enterprise number."""

    code = "vat_invalid"
    sentence = _("This is not a possible Belgian enterprise number.")


@transaction.atomic
def request_connection(*, software: Software, vat: str, actor: str, now: datetime) -> RequestOutcome:
    """Ask for a connection of a company (any spelling of its number, or a former one) with a software.

    Asking again returns the same open request, re-checks it and, when all pass, issues a new token.

    :raises VatInvalid: when the number is not possible.
    :raises Throttled: when this company or address was mailed too often, or the software refused too often.
    """
    try:
        number = identifiers.normalise_enterprise_number(vat)
    except identifiers.InvalidEnterpriseNumber as error:
        raise VatInvalid from error
    limits.check_refusals(software_id=software.pk, now=now)
    company = lock_company(number)
    if company:
        check_mail_limits(company, software, now)
    request = open_request(number, software, company, actor=actor, now=now)
    outcome = check_request(request, company, actor=actor, now=now)
    if outcome.token is None:
        limits.count_refusal(software_id=software.pk, now=now)
    return outcome


@transaction.atomic
def recheck_request(*, request_uuid: UUID, actor: str, now: datetime) -> RequestOutcome | None:
    """Check a waiting request again; nothing happens when it no longer waits."""
    number = ConnectionRequest.objects.values_list("enterprise_number", flat=True).get(uuid=request_uuid)
    company = lock_company(number)
    request = (
        ConnectionRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("case")
        .get(uuid=request_uuid)
    )
    if request.state != RequestState.WAITING or request.expires_at <= now:
        return None
    return check_request(request, company, actor=actor, now=now)


@transaction.atomic
def give_up_address(
    *, token_uuid: UUID, now: datetime, state: ContactState = ContactState.BOUNCED
) -> RequestOutcome | None:
    """Mark the address of an unused token as undeliverable; its request waits again and its case is opened.

    When another address is on file by now, that one gets a new token instead.
    """
    token = AccessToken.objects.select_related("company").get(uuid=token_uuid)
    company = lock_company(token.company.enterprise_number)
    request = ConnectionRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=token.request_id)
    contact = getattr(company, "contact_email", None) if company else None
    if company and contact and contact.address == token.sent_to and contact.is_deliverable:
        company.contact_email = set_contact_state(company_uuid=company.uuid, state=state, actor="system", now=now)
    if not request.tokens.filter(pk=token.pk, state=TokenState.ISSUED).exists():
        return None
    return check_request(request, company, actor="system", now=now)


def recheck_company(*, company_uuid: UUID, now: datetime) -> int:
    """Check every waiting request of a company again, by itself or its number; returns how many were freed."""
    number = Company.objects.values_list("enterprise_number", flat=True).get(uuid=company_uuid)
    return _recheck(Q(enterprise_number=number) | Q(company__uuid=company_uuid), now)


def recheck_office(*, office_uuid: UUID, now: datetime) -> int:
    """Check every waiting request of an office's present clients again; returns how many were freed.

    By their numbers too: a request that was made before its company was known has no company yet.
    """
    clients = ClientLink.objects.holding(brussels_day(now)).filter(office__uuid=office_uuid)
    numbers = clients.values("company__enterprise_number")
    return _recheck(Q(company__in=clients.values("company")) | Q(enterprise_number__in=numbers), now)


def recheck_waiting(*, now: datetime) -> int:
    """Check every waiting request again, oldest first; returns how many were freed."""
    return _recheck(Q(), now)


def recheck_unmailed(*, now: datetime) -> int:
    """Check the requests that wait for the mail service again; returns how many were freed."""
    return _recheck(Q(refusal_code=Check.MAIL_AVAILABLE), now)


def _recheck(which: Q, now: datetime) -> int:
    waiting = ConnectionRequest.objects.filter(which, state=RequestState.WAITING).order_by("id")
    outcomes = [
        recheck_request(request_uuid=uuid, actor="system", now=now) for uuid in waiting.values_list("uuid", flat=True)
    ]
    return sum(1 for outcome in outcomes if outcome and outcome.token)
