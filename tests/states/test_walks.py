"""Random sequences of actions of everybody, over days: no illegal state, whatever the order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.accounting_offices import services as offices
from apps.accounting_offices import transfers
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.rules import LINK_TRANSITIONS, OFFICE_TRANSITIONS
from apps.companies import services as companies
from apps.companies.models import Company, ContactEmail
from apps.companies.rules import CONTACT_TRANSITIONS, CompanyState, ContactState
from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.events.batches import run_all_pending
from apps.events.models import Event
from apps.events.tasks import call_task, call_task_for_many
from apps.tokens import secrets
from apps.tokens.models import (
    AccessToken,
    Connection,
    ConnectionRequest,
    Credential,
    NonActivationCase,
    Software,
)
from apps.tokens.rules import (
    CASE_CODES,
    CASE_TRANSITIONS,
    CONNECTION_TRANSITIONS,
    REQUEST_TRANSITIONS,
    TOKEN_TRANSITIONS,
)
from apps.tokens.services import cases, connections, endings, exchange, mail, requests, rotation, tracking
from tests.conftest import NOW
from tests.factories import registry

M = TypeVar("M", bound=Model)
TABLES: Final[dict[type[Model], Mapping[Any, frozenset[Any]]]] = {
    ConnectionRequest: REQUEST_TRANSITIONS,
    AccessToken: TOKEN_TRANSITIONS,
    Connection: CONNECTION_TRANSITIONS,
    NonActivationCase: CASE_TRANSITIONS,
    ClientLink: LINK_TRANSITIONS,
    AccountingOffice: OFFICE_TRANSITIONS,
    ContactEmail: CONTACT_TRANSITIONS,
}


@dataclass
class Walk:
    """Where a walk is: the clock, and the number that chooses among rows."""

    now: datetime
    choice: int = 0
    seen: dict[tuple[Any, ...], str] = field(default_factory=dict)

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": "walk", "now": self.now}

    def any(self, model: type[M]) -> M | None:
        """Return one of a model's rows."""
        rows = list(model._default_manager.order_by("pk"))
        return rows[self.choice % len(rows)] if rows else None


def _ask(walk: Walk) -> None:
    company, softwares = walk.any(Company), list(Software.objects.order_by("pk"))
    assert company
    requests.request_connection(software=softwares[walk.choice // 7 % 2], vat=company.enterprise_number, **walk.by)


def _exchange(walk: Walk) -> None:
    if token := walk.any(AccessToken):
        plain = secrets.derive_token(token.uuid, key=settings.TOKEN_KEY)
        exchange.exchange_token(software=token.software, text=plain, **walk.by)


def _with(model: type[M], act: Callable[[M, Walk], object]) -> Callable[[Walk], None]:
    def step(walk: Walk) -> None:
        row = walk.any(model)
        if row is not None:
            act(row, walk)

    return step


def _start_link(walk: Walk) -> None:
    company, office = walk.any(Company), list(AccountingOffice.objects.order_by("pk"))[walk.choice // 5 % 2]
    assert company
    offices.start_client_link(
        company_uuid=company.uuid, office_uuid=office.uuid, client_code="", starts_on=brussels_day(walk.now), **walk.by
    )


def _claim(walk: Walk) -> None:
    company, office = walk.any(Company), list(AccountingOffice.objects.order_by("pk"))[walk.choice // 5 % 2]
    assert company
    transfers.claim_client(
        office_uuid=office.uuid, enterprise_number=company.enterprise_number, client_code="",
        starts_on=brussels_day(walk.now), **walk.by,
    )  # fmt: skip


def _react(walk: Walk) -> None:
    run_all_pending(run=call_task, run_many=call_task_for_many, now=walk.now + timedelta(days=365))


def _pick(walk: Walk, words: type[StrEnum]) -> Any:
    return list(words)[walk.choice // 3 % len(words)]


STEPS: Final[dict[str, Callable[[Walk], object]]] = {
    "ask": _ask,
    "exchange": _exchange,
    "mail": _with(AccessToken, lambda row, walk: mail.send_token_mail(token_uuid=row.uuid, now=walk.now)),
    "bounce": _with(AccessToken, lambda row, walk: requests.give_up_address(token_uuid=row.uuid, now=walk.now)),
    "complain": _with(
        AccessToken,
        lambda row, walk: tracking.record_undeliverable(
            token_uuid=row.uuid, state=ContactState.COMPLAINED, now=walk.now
        ),
    ),
    "arrive": _with(
        AccessToken,
        lambda row, walk: tracking.record_delivered(token_uuid=row.uuid, delivered_at=walk.now, now=walk.now),
    ),
    "recheck": lambda walk: requests.recheck_waiting(now=walk.now),
    "expire": lambda walk: endings.expire_requests(now=walk.now),
    "withdraw": _with(ConnectionRequest, lambda row, walk: endings.withdraw_request(request_uuid=row.uuid, **walk.by)),
    "close": _with(
        ConnectionRequest, lambda row, walk: endings.close_request(request_uuid=row.uuid, message="", **walk.by)
    ),
    "renew": _with(
        Connection,
        lambda row, walk: rotation.rotate_credentials(
            connection_uuid=row.uuid, is_stolen=walk.choice % 3 == 0, **walk.by
        ),
    ),
    "revoke": _with(Connection, lambda row, walk: connections.revoke_connection(connection_uuid=row.uuid, **walk.by)),
    "resume": _with(Connection, lambda row, walk: connections.resume_connection(connection_uuid=row.uuid, **walk.by)),
    "use": _with(Credential, lambda row, walk: connections.use_credential_first(credential_id=row.pk, now=walk.now)),
    "follow": lambda walk: connections.follow_client_links(now=walk.now),
    "take case": _with(NonActivationCase, lambda row, walk: cases.take_case(case_uuid=row.uuid, **walk.by)),
    "close case": _with(NonActivationCase, lambda row, walk: cases.close_case(case_uuid=row.uuid, **walk.by)),
    "put address": _with(
        Company,
        lambda row, walk: companies.put_contact_on_file(
            company_uuid=row.uuid, address=f"a{walk.choice % 2}@example.be", **walk.by
        ),
    ),
    "move address": _with(
        Company,
        lambda row, walk: companies.set_contact_state(
            company_uuid=row.uuid, state=_pick(walk, ContactState), **walk.by
        ),
    ),
    "move company": _with(
        Company,
        lambda row, walk: companies.set_company_state(
            company_uuid=row.uuid, state=_pick(walk, CompanyState), **walk.by
        ),
    ),
    "approve office": _with(
        AccountingOffice, lambda row, walk: offices.approve_office(office_uuid=row.uuid, **walk.by)
    ),
    "end office": _with(AccountingOffice, lambda row, walk: offices.end_office(office_uuid=row.uuid, **walk.by)),
    "start link": _start_link,
    "end link": _with(
        ClientLink,
        lambda row, walk: offices.end_client_link(
            link_uuid=row.uuid, ends_on=brussels_day(walk.now) + timedelta(days=walk.choice % 3 * 10), **walk.by
        ),
    ),
    "claim": _claim,
    "confirm": _with(
        ClientLink,
        lambda row, walk: transfers.confirm_transfer(
            link_uuid=row.uuid, starts_on=brussels_day(walk.now) + timedelta(days=walk.choice % 60 - 20), **walk.by
        ),
    ),
    "refuse claim": _with(
        ClientLink, lambda row, walk: transfers.refuse_claim(link_uuid=row.uuid, reason="", **walk.by)
    ),
    "withdraw claim": _with(ClientLink, lambda row, walk: transfers.withdraw_claim(link_uuid=row.uuid, **walk.by)),
    "end due": lambda walk: offices.end_due_links(now=walk.now),
    "react": _react,
}

MOVES = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 200), st.sampled_from([0, 1, 5, 60, 1500, 30_000]))


@pytest.mark.django_db
@given(moves=st.lists(MOVES, min_size=5, max_size=40))
@hypothesis_settings(max_examples=hypothesis_settings().max_examples // 4, suppress_health_check=list(HealthCheck))
def test_no_sequence_leads_to_an_illegal_state(moves: list[tuple[str, int, int]]) -> None:
    current_app.loader.import_default_modules()
    with transaction.atomic():
        walk = _begin()
        for name, choice, minutes in moves:
            walk.now, walk.choice = walk.now + timedelta(minutes=minutes), choice
            events_before = Event.objects.count()
            try:
                STEPS[name](walk)
            except DomainError:
                assert Event.objects.count() == events_before, f"{name} was refused and left a trace"
            _check(walk, name, has_events=Event.objects.count() > events_before)
        transaction.set_rollback(True)


def _begin() -> Walk:
    office = registry.make_office(NOW)
    registry.make_office(NOW, is_client=False)
    registry.make_company(NOW, office=office, email="a0@example.be")
    registry.make_company(NOW, email="a0@example.be")
    for slug in ("robaws", "onfact"):
        registry.make_software(NOW, slug=slug)
    walk = Walk(NOW)
    _check(walk, "begin", has_events=True)
    return walk


def _check(walk: Walk, step: str, *, has_events: bool) -> None:
    moved = _note_states(walk, is_direct=step != "react")
    assert has_events or not moved, f"{step} moved {moved} without an event"
    for request in ConnectionRequest.objects.prefetch_related("tokens").select_related("case"):
        issued = [token for token in request.tokens.all() if token.state == "issued"]
        assert len(issued) == (1 if request.state in {"sending", "token_sent"} else 0), (step, request)
        assert (request.case is not None) == (request.refusal_code in CASE_CODES), (step, request)
        assert request.case is None or request.case.code == request.refusal_code, (step, request)
        assert request.state != "activated" or any(t.state == "exchanged" for t in request.tokens.all()), step
    for case in NonActivationCase.objects.filter(state__in=["open", "in_progress"]):
        assert case.requests.filter(state="waiting").exists(), f"{step}: {case} blocks nothing"
    for company in Company.objects.all():
        for days in range(-40, 80, 7):
            day = brussels_day(walk.now) + timedelta(days=days)
            assert ClientLink.objects.holding(day).filter(company=company).count() <= 1, (step, day)
    for connection in Connection.objects.all():
        assert connection.credentials.exists(), (step, connection)


def _note_states(walk: Walk, *, is_direct: bool) -> list[str]:
    """Compare every row's state with the last one seen: each step must stand in its table."""
    moved = []
    for model, table in TABLES.items():
        # Another address on file is another contact, though it takes the place of the former one.
        identity = ("pk", "address") if model is ContactEmail else ("pk",)
        for *key, state in model._default_manager.values_list(*identity, "state"):
            before = walk.seen.get((model, *key), state)
            if before != state:
                moved.append(f"{model.__name__} {before} → {state}")
                assert state in (table[before] if is_direct else _reachable(table, before)), moved[-1]
            walk.seen[(model, *key)] = state
    return moved


def _reachable(table: Mapping[Any, frozenset[Any]], state: str) -> set[str]:
    found, new = set[str](), {state}
    while new:
        new = {str(after) for one in new for after in table[one]} - found
        found |= new
    return found
