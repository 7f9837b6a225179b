"""Checking a request: refused with the reason and its case, or passed with a token on its way.

The caller holds the locks of the company and of the request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db.models import QuerySet

from apps.companies.members import enclose_first_member_link
from apps.companies.models import Company
from apps.core.row_limits import seconds_to_wait
from apps.core.states import check_transition
from apps.tokens import limits, secrets
from apps.tokens.models import AccessToken, CheckResult, ConnectionRequest, Software
from apps.tokens.rules import REQUEST_TRANSITIONS, Check, RequestState, TokenState, run_checks
from apps.tokens.services.cases import join_case, leave_case
from apps.tokens.services.facts import gather_facts
from apps.tokens.services.moves import free_from_case, move_request, record_news, take_back_token


@dataclass(frozen=True, slots=True)
class RequestOutcome:
    """A request after its checks: its token when one was issued, or the code of its refusal."""

    request: ConnectionRequest
    token: AccessToken | None
    refusal_code: str


def check_request(request: ConnectionRequest, company: Company | None, *, actor: str, now: datetime) -> RequestOutcome:
    """Run the checks: the request gets a token, or waits with the code of the first that fails."""
    done = run_checks(gather_facts(company, now))
    request.company = company
    _keep_results(request, done, now)
    failed = next((check for check, passed in done if not passed), None)
    if failed or company is None:
        return _refuse(request, company, failed or Check.COMPANY_KNOWN, actor=actor, now=now)
    return _send(request, company, actor=actor, now=now)


def check_mail_limits(company: Company, software: Software, now: datetime) -> None:
    """Return when a mail more may be sent.

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
    if wait := seconds_to_wait(mails, at="issued_at", limit=limit, period=period, now=now):
        raise limits.Throttled(retry_after=wait)


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
    enclose_first_member_link(company_uuid=company.uuid, enclosed_in=token.letter, now=now)
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
