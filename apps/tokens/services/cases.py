"""Non-activation cases: one open case per cause, collecting the requests it blocks."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.core.errors import NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens.models import ConnectionRequest, NonActivationCase
from apps.tokens.rules import CASE_CODES, CASE_TRANSITIONS, CaseState


def join_case(*, request: ConnectionRequest, address: str, now: datetime) -> NonActivationCase | None:
    """Return the open case for a refused request's cause, opened when there is none.

    Call it in the transaction that refuses the request. An address that does not work is one case for all its
    companies; every other cause is the company's own.
    """
    code = request.refusal_code
    if code not in CASE_CODES:
        return None
    by_address = code == "email_undeliverable"
    case, opened = NonActivationCase.objects.get_or_create(
        code=code,
        key=address.lower() if by_address else request.enterprise_number,
        state__in=[CaseState.OPEN, CaseState.IN_PROGRESS],
        defaults={
            "state": CaseState.OPEN,
            "opened_at": now,
            "company": None if by_address else request.company,
        },
    )
    if opened:
        events.record(
            "case.opened",
            subject_uuid=case.uuid,
            company_uuid=request.company.uuid if request.company else None,
            actor="system",
            now=now,
            payload={"code": code},
        )
    return case


def leave_case(*, case: NonActivationCase, now: datetime) -> None:
    """Resolve a case that blocks no request any more. Call it in the transaction that frees the request."""
    locked = NonActivationCase.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    if locked.requests.exists() or locked.state not in {CaseState.OPEN, CaseState.IN_PROGRESS}:
        return
    _end(locked, CaseState.RESOLVED, "case.resolved", actor="system", now=now)


@transaction.atomic
def take_case(*, case_uuid: UUID, actor: str, now: datetime) -> NonActivationCase:
    """Start working on an open case; taking it twice changes nothing."""
    case = _lock_case(case_uuid)
    if case.state == CaseState.IN_PROGRESS:
        return case
    check_transition(CASE_TRANSITIONS, CaseState(case.state), CaseState.IN_PROGRESS)
    case.state = CaseState.IN_PROGRESS
    case.save(update_fields=["state"])
    events.record("case.taken", subject_uuid=case.uuid, actor=actor, now=now)
    return case


@transaction.atomic
def close_case(*, case_uuid: UUID, actor: str, now: datetime) -> NonActivationCase:
    """Close a case without its cause being cured; its requests go on waiting. Closing twice changes nothing."""
    case = _lock_case(case_uuid)
    if case.state == CaseState.CLOSED:
        return case
    check_transition(CASE_TRANSITIONS, CaseState(case.state), CaseState.CLOSED)
    _end(case, CaseState.CLOSED, "case.closed", actor=actor, now=now)
    return case


def _end(case: NonActivationCase, state: CaseState, event: str, *, actor: str, now: datetime) -> None:
    case.state = state
    case.ended_at = now
    case.save(update_fields=["state", "ended_at"])
    events.record(event, subject_uuid=case.uuid, actor=actor, now=now)


def _lock_case(case_uuid: UUID) -> NonActivationCase:
    case = NonActivationCase.objects.select_for_update(of=("self",), no_key=True).filter(uuid=case_uuid).first()
    if case is None:
        raise NotFound
    return case
