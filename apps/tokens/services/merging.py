"""Requests, cases, tokens, connections and logins, once two companies are one: no software loses its login."""

from datetime import datetime
from typing import Final

from django.db.models import F, Max, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.companies.merging.movers import Merge, Mover
from apps.companies.models import Company
from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens.models import AccessToken, Connection, ConnectionRequest, Credential, NonActivationCase
from apps.tokens.rules import (
    CONNECTION_TRANSITIONS,
    OPEN_REQUEST_STATES,
    REQUEST_PROGRESS,
    CaseState,
    ConnectionState,
    RequestState,
)
from apps.tokens.services.cases import join_case, leave_case
from apps.tokens.services.endings import close_request

CLOSING_MESSAGE: Final = _("Your company was registered twice. The other request for this software goes on.")
OPEN_CASES: Final = (CaseState.OPEN, CaseState.IN_PROGRESS)


def move(merge: Merge) -> None:
    """Move everything of this app: one open request per software, one live connection per software."""
    _close_second_requests(merge)
    _move_requests(merge)
    _move_cases(merge)
    AccessToken.objects.filter(company=merge.absorbed).update(company=merge.survivor)
    _move_connections(merge)


def _close_second_requests(merge: Merge) -> None:
    """Of two open requests for one software the one further on stays; the survivor's when both are as far."""
    locked = ConnectionRequest.objects.select_for_update(of=("self",), no_key=True)
    rows = locked.filter(_of(merge.survivor) | _of(merge.absorbed), state__in=OPEN_REQUEST_STATES).order_by("pk")
    own = {row.software_id: row for row in rows if _is_of(merge.survivor, row)}
    for other in rows:
        mine = own.get(other.software_id)
        if mine is None or mine == other:
            continue
        is_further = REQUEST_PROGRESS[RequestState(other.state)] > REQUEST_PROGRESS[RequestState(mine.state)]
        with translation.override(merge.survivor.language):
            message = str(CLOSING_MESSAGE)
        closed = mine if is_further else other
        close_request(request_uuid=closed.uuid, message=message, actor=merge.actor, now=merge.now)


def _of(company: Company) -> Q:
    """A request made before the company was known has its number only."""
    return Q(company=company) | Q(company=None, enterprise_number=company.enterprise_number)


def _is_of(company: Company, request: ConnectionRequest) -> bool:
    if request.company_id is not None:
        return request.company_id == company.pk
    return request.enterprise_number == company.enterprise_number


def _move_requests(merge: Merge) -> None:
    """Move them all; an open one is for the survivor's number from now on, so that asking again finds it."""
    requests = ConnectionRequest.objects.filter(_of(merge.absorbed))
    requests.filter(state__in=OPEN_REQUEST_STATES).update(
        enterprise_number=merge.survivor.enterprise_number, company=merge.survivor
    )
    requests.update(company=merge.survivor)


def _move_cases(merge: Merge) -> None:
    """An open case of the absorbed number goes on under the survivor's, or joins the one that is open there."""
    cases = NonActivationCase.objects.select_for_update(of=("self",), no_key=True).filter(company=merge.absorbed)
    standing = NonActivationCase.objects.filter(key=merge.survivor.enterprise_number, state__in=OPEN_CASES).values_list(
        "code", flat=True
    )
    known = set(standing)
    for case in cases.order_by("pk"):
        is_own = case.state in OPEN_CASES and case.key == merge.absorbed.enterprise_number
        if is_own and case.code in known:
            _join_standing(case, merge.now)
        elif is_own:
            case.key = merge.survivor.enterprise_number
            case.save(update_fields=["key"])
    cases.update(company=merge.survivor)


def _join_standing(case: NonActivationCase, now: datetime) -> None:
    for request in case.requests.select_related("company").order_by("pk"):
        request.case = join_case(request=request, address="", now=now)
        request.save(update_fields=["case"])
    leave_case(case=case, now=now)


def _move_connections(merge: Merge) -> None:
    """Move connections; of two live ones with a software the one used last stays and takes over the other's pairs."""
    locked = Connection.objects.select_for_update(of=("self",), no_key=True)
    rows = list(locked.filter(company__in=[merge.survivor, merge.absorbed]).order_by("pk"))
    live = [row for row in rows if row.state != ConnectionState.REVOKED]
    own = {row.software_id: row for row in live if row.company_id == merge.survivor.pk}
    for other in live:
        mine = own.get(other.software_id)
        if mine is not None and mine != other:
            kept, emptied = _by_last_use(mine, other)
            _take_over(kept, emptied, merge)
    Connection.objects.filter(company=merge.absorbed).update(company=merge.survivor)


def _by_last_use(mine: Connection, other: Connection) -> tuple[Connection, Connection]:
    """Return the connection that was used last, or made last when neither was, and the other one."""
    pair = Credential.objects.filter(connection__in=[mine, other]).values_list("connection")
    used = dict(pair.annotate(last=Max("last_used_at")))
    mine_at, other_at = (used.get(row.pk) or row.activated_at for row in (mine, other))
    return (other, mine) if other_at > mine_at else (mine, other)


def _take_over(kept: Connection, emptied: Connection, merge: Merge) -> None:
    """Move the pairs of one connection to another, each remembering its line, and end the emptied one."""
    pairs = Credential.objects.filter(connection__in=[kept, emptied])
    list(pairs.select_for_update(of=("self",), no_key=True).order_by("pk"))
    pairs.filter(origin=None).update(origin=F("connection"))
    pairs.filter(connection=emptied).update(connection=kept)
    check_transition(CONNECTION_TRANSITIONS, ConnectionState(emptied.state), ConnectionState.REVOKED)
    emptied.state, emptied.revoked_at = ConnectionState.REVOKED, merge.now
    emptied.save(update_fields=["state", "revoked_at"])
    events.record(
        "connection.merged",
        subject_uuid=emptied.uuid,
        company_uuid=merge.survivor.uuid,
        actor=merge.actor,
        now=merge.now,
        payload={"into": str(kept.uuid)},
    )


MOVER: Final = Mover(
    kinds={
        ConnectionRequest: "company",
        NonActivationCase: "company",
        AccessToken: "company",
        Connection: "company",
        Credential: "connection__company",
    },
    move=move,
)
