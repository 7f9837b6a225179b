"""Connections: suspended, resumed, revoked, and pairs of credentials used for the first time."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from apps.accounting_offices.models import ClientLink
from apps.accounting_offices.rules import OfficeState
from apps.companies.locks import lock_live_company
from apps.core.clock import brussels_day
from apps.core.errors import NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.tokens.models import Connection, ConnectionRequest, Credential
from apps.tokens.rules import (
    CONNECTION_TRANSITIONS,
    OPEN_REQUEST_STATES,
    BankAccess,
    ConnectionState,
    RequestPurpose,
    RequestState,
    TokenState,
    is_pair_void,
)
from apps.tokens.selectors import CredentialsReplaced
from apps.tokens.services.endings import end_request


@transaction.atomic
def revoke_connection(*, connection_uuid: UUID, actor: str, now: datetime) -> Connection:
    """End a connection for good: its credentials stop working at once. Revoking twice changes nothing.

    A code that was to renew its credentials ends with it; a code of an ordinary request still connects anew.
    """
    connection = lock_connection(connection_uuid)
    if connection.state == ConnectionState.REVOKED:
        return connection
    check_transition(CONNECTION_TRANSITIONS, ConnectionState(connection.state), ConnectionState.REVOKED)
    _withdraw_rotation(connection, actor=actor, now=now)
    connection.state, connection.revoked_at = ConnectionState.REVOKED, now
    connection.save(update_fields=["state", "revoked_at"])
    _record(connection, "connection.revoked", actor=actor, now=now)
    return connection


@transaction.atomic
def suspend_connection(*, connection_uuid: UUID, code: str, actor: str, now: datetime) -> Connection:
    """Stop uploads, with the refusal code of the cause; reading goes on. Suspending twice changes nothing."""
    connection = lock_connection(connection_uuid)
    if connection.state == ConnectionState.SUSPENDED:
        return connection
    check_transition(CONNECTION_TRANSITIONS, ConnectionState(connection.state), ConnectionState.SUSPENDED)
    connection.state, connection.suspended_at, connection.suspension_code = (
        ConnectionState.SUSPENDED,
        now,
        code,
    )
    connection.save(update_fields=["state", "suspended_at", "suspension_code"])
    _record(connection, "connection.suspended", actor=actor, now=now, code=code)
    return connection


@transaction.atomic
def resume_connection(*, connection_uuid: UUID, actor: str, now: datetime) -> Connection:
    """Let uploads through again. Resuming twice changes nothing."""
    connection = lock_connection(connection_uuid)
    if connection.state == ConnectionState.ACTIVE:
        return connection
    check_transition(CONNECTION_TRANSITIONS, ConnectionState(connection.state), ConnectionState.ACTIVE)
    connection.state, connection.suspended_at, connection.suspension_code = ConnectionState.ACTIVE, None, ""
    connection.save(update_fields=["state", "suspended_at", "suspension_code"])
    _record(connection, "connection.resumed", actor=actor, now=now)
    return connection


@transaction.atomic
def choose_bank_access(*, connection_uuid: UUID, access: BankAccess, actor: str, now: datetime) -> Connection:
    """Write what the software of a connection sees of its company's money, from its next call on; the same again
    changes nothing.
    """
    connection = lock_connection(connection_uuid)
    if connection.bank_access == access:
        return connection
    connection.bank_access = access
    connection.save(update_fields=["bank_access"])
    _record(connection, "connection.bank_access_chosen", actor=actor, now=now, access=access.value)
    return connection


def follow_client_links(*, now: datetime, company_uuid: UUID | None = None, office_uuid: UUID | None = None) -> int:
    """Suspend connections whose company has no client office today, and resume those that have one again.

    For one company, for an office's clients past and present, or for everybody; returns how many moved.
    """
    holding = ClientLink.objects.holding(brussels_day(now)).filter(company=OuterRef("company"))
    connections = Connection.objects.annotate(
        has_office=Exists(holding), has_client_office=Exists(holding.filter(office__state=OfficeState.CLIENT))
    )
    if company_uuid:
        connections = connections.filter(company__uuid=company_uuid)
    if office_uuid:
        clients = ClientLink.objects.filter(office__uuid=office_uuid)
        connections = connections.filter(company__in=clients.values("company"))
    cut = list(connections.filter(state=ConnectionState.ACTIVE, has_client_office=False).order_by("pk"))
    for row in cut:
        code = "office_not_client" if row.has_office else "no_accounting_office"
        suspend_connection(connection_uuid=row.uuid, code=code, actor="system", now=now)
    cured = list(connections.filter(state=ConnectionState.SUSPENDED, has_client_office=True).order_by("pk"))
    for row in cured:
        resume_connection(connection_uuid=row.uuid, actor="system", now=now)
    return len(cut) + len(cured)


def use_credential_first(*, credential_id: int, now: datetime) -> Credential:
    """Record the first use of a pair; the connection's earlier pairs stop working from here on.

    After a merge of two companies a connection may hold two lines of pairs: an earlier pair then ends only the pairs
    of its own line, a pair given since the merge ends them all. After a renewal the pair that was in use keeps its
    hours of overlap instead (product page, "Credentials").

    :raises CredentialsReplaced: when a newer pair was given in the meantime.
    """
    while True:
        try:
            return _use_first(credential_id, now)
        except _Moved:
            # A merge moved the pair while we waited for its connection: the lock was given back, look again.
            continue


class _Moved(Exception):
    """The pair is another connection's by now."""


@transaction.atomic
def _use_first(credential_id: int, now: datetime) -> Credential:
    connection_id = Credential.objects.values_list("connection_id", flat=True).get(pk=credential_id)
    if connection_id is not None:
        Connection.objects.select_for_update(of=("self",), no_key=True).get(pk=connection_id)
    locked = Credential.objects.select_for_update(of=("self",), no_key=True).select_related(
        "connection", "token__request"
    )
    credential = locked.get(pk=credential_id)
    if credential.connection_id != connection_id:
        raise _Moved
    if is_pair_void(voided_at=credential.voided_at, overlap_until=credential.overlap_until, now=now):
        raise CredentialsReplaced
    if credential.first_used_at is None:
        credential.first_used_at = credential.last_used_at = now
        credential.save(update_fields=["first_used_at", "last_used_at"])
    if credential.connection is not None:
        _earlier_pairs(credential, credential.connection).update(voided_at=now)
    return credential


def _earlier_pairs(credential: Credential, connection: Connection) -> QuerySet[Credential]:
    """Return the pairs that end with the first use of this one."""
    earlier = connection.credentials.filter(voided_at=None, pk__lt=credential.pk)
    if credential.token and credential.token.request.purpose != RequestPurpose.CONNECT:
        earlier = earlier.filter(overlap_until=None)
    return earlier if credential.origin_id is None else earlier.filter(origin_id=credential.origin_id)


def lock_connection(connection_uuid: UUID) -> Connection:
    """Lock a connection, after its company and its open request (the order of all locks).

    :raises NotFound: when there is none.
    """
    found = Connection.objects.filter(uuid=connection_uuid).first()
    if found is None:
        raise NotFound
    company = lock_live_company(company_id=found.company_id)
    requests = ConnectionRequest.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(requests.filter(company=company, software=found.software_id, state__in=OPEN_REQUEST_STATES))
    locked = Connection.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("company", "software").get(pk=found.pk)


def _withdraw_rotation(connection: Connection, *, actor: str, now: datetime) -> None:
    renewals = ConnectionRequest.objects.select_related("case", "company").filter(
        company=connection.company_id, software=connection.software_id, state__in=OPEN_REQUEST_STATES
    )
    for request in renewals.exclude(purpose=RequestPurpose.CONNECT):
        end_request(request, RequestState.WITHDRAWN, TokenState.REVOKED, actor=actor, now=now)


def _record(connection: Connection, name: str, *, actor: str, now: datetime, **particulars: str) -> None:
    events.record(
        name,
        subject_uuid=connection.uuid,
        company_uuid=connection.company.uuid,
        actor=actor,
        now=now,
        payload=particulars,
    )
