"""Asking for a connection: the ordered checks, and the token once they all pass."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import ClientLink
from apps.accounting_offices.rules import OfficeState
from apps.accounting_offices.selectors import office_in_force
from apps.companies.models import Company
from apps.companies.rules import DELIVERABLE, CompanyState, ContactState
from apps.companies.selectors import find_company
from apps.companies.services import set_contact_state
from apps.core import identifiers
from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens import limits, secrets
from apps.tokens.models import AccessToken, CheckResult, ConnectionRequest, Software
from apps.tokens.rules import (
    OPEN_REQUEST_STATES,
    REQUEST_TRANSITIONS,
    Check,
    Facts,
    RequestState,
    TokenState,
    run_checks,
)
from apps.tokens.services.cases import join_case, leave_case
from apps.tokens.services.moves import free_from_case, move_request, record_news, take_back_token

MAIL_SILENCE: Final = timedelta(minutes=5)
# The reason of a request that was just made; it never leaves the transaction that makes it.
UNCHECKED: Final = "unchecked"


class VatInvalid(DomainError):
    """The text is no possible enterprise number."""

    code = "vat_invalid"
    sentence = _("This is not a possible Belgian enterprise number.")


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """A request after its checks: its token when one was issued, or the code of its refusal."""

    request: ConnectionRequest
    token: AccessToken | None
    refusal_code: str


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
    company = _lock_company(number)
    if company:
        _check_mail_limits(company, software, now)
    request = _open_request(_number_to_ask(number, software, company), software, company, actor=actor, now=now)
    outcome = _run_checks(request, company, actor=actor, now=now)
    if outcome.token is None:
        limits.count_refusal(software_id=software.pk, now=now)
    return outcome


@transaction.atomic
def recheck_request(*, request_uuid: UUID, actor: str, now: datetime) -> RequestOutcome | None:
    """Check a waiting request again; nothing happens when it no longer waits."""
    number = ConnectionRequest.objects.values_list("enterprise_number", flat=True).get(uuid=request_uuid)
    company = _lock_company(number)
    request = (
        ConnectionRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("case")
        .get(uuid=request_uuid)
    )
    if request.state != RequestState.WAITING or request.expires_at <= now:
        return None
    return _run_checks(request, company, actor=actor, now=now)


@transaction.atomic
def give_up_address(
    *, token_uuid: UUID, now: datetime, state: ContactState = ContactState.BOUNCED
) -> RequestOutcome | None:
    """Mark the address of an unused token as undeliverable; its request waits again and its case is opened.

    When another address is on file by now, that one gets a new token instead.
    """
    token = AccessToken.objects.select_related("company").get(uuid=token_uuid)
    company = _lock_company(token.company.enterprise_number)
    request = ConnectionRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=token.request_id)
    contact = getattr(company, "contact_email", None)
    if contact is not None and contact.address == token.sent_to and ContactState(contact.state) in DELIVERABLE:
        set_contact_state(company_uuid=token.company.uuid, state=state, actor="system", now=now)
    if not request.tokens.filter(pk=token.pk, state=TokenState.ISSUED).exists():
        return None
    return _run_checks(request, _lock_company(token.company.enterprise_number), actor="system", now=now)


def recheck_company(*, company_uuid: UUID, now: datetime) -> int:
    """Check every waiting request of a company again, by itself or its number; returns how many were freed."""
    number = Company.objects.values_list("enterprise_number", flat=True).get(uuid=company_uuid)
    return _recheck(Q(enterprise_number=number) | Q(company__uuid=company_uuid), now)


def recheck_office(*, office_uuid: UUID, now: datetime) -> int:
    """Check every waiting request of an office's present clients again; returns how many were freed."""
    clients = ClientLink.objects.holding(brussels_day(now)).filter(office__uuid=office_uuid)
    return _recheck(Q(company__in=clients.values("company")), now)


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


def _lock_company(number: str) -> Company | None:
    """Lock the company of a number, and read it with its address only then: what cures a cause holds the same lock.

    It is locked by its id, since a correction may change its number while we wait.
    """
    found = find_company(enterprise_number=number)
    if found:
        Company.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)
    return find_company(enterprise_number=number)


def _number_to_ask(number: str, software: Software, company: Company | None) -> str:
    """Return the number of the request: a company's two numbers must not make two requests of it."""
    if company is None:
        return number
    open_ones = company.requests.filter(software=software, state__in=OPEN_REQUEST_STATES)
    asked = open_ones.order_by("id").values_list("enterprise_number", flat=True).first()
    return asked or company.enterprise_number


def _open_request(
    number: str, software: Software, company: Company | None, *, actor: str, now: datetime
) -> ConnectionRequest:
    """Return the open request of a number and software, locked; made in state `waiting` when there is none."""
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


def _run_checks(request: ConnectionRequest, company: Company | None, *, actor: str, now: datetime) -> RequestOutcome:
    done = run_checks(gather_facts(company, now))
    request.company = company
    _keep_results(request, done, now)
    failed = next((check for check, passed in done if not passed), None)
    if failed or company is None:
        return _refuse(request, company, failed or Check.COMPANY_KNOWN, actor=actor, now=now)
    return _send(request, company, actor=actor, now=now)


def gather_facts(company: Company | None, now: datetime) -> Facts:
    """Return what the checks look at for a company, or for a number that nobody knows."""
    contact = getattr(company, "contact_email", None) if company else None
    office = office_in_force(company=company, on=brussels_day(now)) if company else None
    return Facts(
        is_company_known=company is not None,
        is_company_active=company is not None and company.state == CompanyState.ACTIVE,
        has_office=office is not None,
        is_office_client=office is not None and office.state == OfficeState.CLIENT,
        has_email=contact is not None,
        is_email_deliverable=contact is not None and ContactState(contact.state) in DELIVERABLE,
        is_mail_available=_is_mail_available(now),
    )


def _is_mail_available(now: datetime) -> bool:
    """Not: all hand-overs of the last five minutes failed (product page, check 11)."""
    since = now - MAIL_SILENCE
    if not AccessToken.objects.filter(mail_failed_at__gt=since).exists():
        return True
    return AccessToken.objects.filter(mailed_at__gt=since).exists()


def _keep_results(request: ConnectionRequest, done: list[tuple[Check, bool]], now: datetime) -> None:
    CheckResult.objects.filter(request=request).delete()
    CheckResult.objects.bulk_create(
        CheckResult(request=request, position=position, code=check.value, passed=passed, checked_at=now)
        for position, (check, passed) in enumerate(done, start=5)
    )


def _refuse(
    request: ConnectionRequest, company: Company | None, failed: Check, *, actor: str, now: datetime
) -> RequestOutcome:
    if request.state != RequestState.WAITING:
        check_transition(REQUEST_TRANSITIONS, RequestState(request.state), RequestState.WAITING)
        take_back_token(request, TokenState.REVOKED, now)
    is_news = (request.state, request.refusal_code) != (RequestState.WAITING, failed.value)
    earlier = request.case
    if is_news:
        request.state, request.refusal_code, request.state_at = RequestState.WAITING, failed.value, now
        request.expires_at = now + timedelta(days=settings.REQUEST_LIFE_DAYS)
    contact = getattr(company, "contact_email", None) if company else None
    request.case = join_case(request=request, address=contact.address if contact else "", now=now)
    request.save(update_fields=["company", "state", "refusal_code", "state_at", "expires_at", "case"])
    if earlier and earlier != request.case:
        leave_case(case=earlier, now=now)
    if is_news:
        record_news(request, "connection_request.refused", actor=actor, now=now, payload={"code": failed.value})
    return RequestOutcome(request, None, failed.value)


def _send(request: ConnectionRequest, company: Company, *, actor: str, now: datetime) -> RequestOutcome:
    """Move to `sending` with a new token; the mail is the reaction to its event."""
    if request.state != RequestState.SENDING:
        check_transition(REQUEST_TRANSITIONS, RequestState(request.state), RequestState.SENDING)
    take_back_token(request, TokenState.SUPERSEDED, now)
    request.expires_at = now + timedelta(days=settings.TOKEN_LIFE_DAYS)
    free_from_case(request, now)
    move_request(request, RequestState.SENDING, "connection_request.passed", actor=actor, now=now)
    token = _issue_token(request, company, now)
    record_news(request, "token.issued", actor=actor, now=now, subject_uuid=token.uuid)
    return RequestOutcome(request, token, "")


def _issue_token(request: ConnectionRequest, company: Company, now: datetime) -> AccessToken:
    uuid = uuid4()
    canonical = secrets.normalise_token(secrets.derive_token(uuid, key=settings.TOKEN_KEY))
    return AccessToken.objects.create(
        uuid=uuid,
        request=request,
        company=company,
        software=request.software,
        digest=secrets.token_digest(canonical, key=settings.TOKEN_KEY),
        state=TokenState.ISSUED,
        sent_to=company.contact_email.address,
        issued_at=now,
        expires_at=request.expires_at,
    )


def _check_mail_limits(company: Company, software: Software, now: datetime) -> None:
    """Count mails from rows, so that a flushed Redis resets nothing that matters.

    One address often serves many clients of an office, so it has a limit of its own, and a wide one.
    """
    of_both = AccessToken.objects.filter(company=company, software=software)
    _check_mails(of_both, settings.TOKEN_MAILS_PER_HOUR, timedelta(hours=1), now)
    _check_mails(of_both, settings.TOKEN_MAILS_PER_DAY, timedelta(days=1), now)
    contact = getattr(company, "contact_email", None)
    if contact is not None:
        of_address = AccessToken.objects.filter(sent_to__iexact=contact.address)
        _check_mails(of_address, settings.TOKEN_MAILS_PER_ADDRESS_PER_DAY, timedelta(days=1), now)


def _check_mails(mails: QuerySet[AccessToken], limit: int, period: timedelta, now: datetime) -> None:
    recent = mails.filter(issued_at__gt=now - period)
    if recent.count() >= limit:
        oldest = recent.aggregate(oldest=Min("issued_at"))["oldest"]
        raise limits.Throttled(retry_after=max(1, int((oldest + period - now).total_seconds())))
