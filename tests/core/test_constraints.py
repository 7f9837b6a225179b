"""What the tables themselves refuse, whatever the code above them does."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from apps.accounting_offices.models import ClientLink, Mandate
from apps.accounting_offices.services import LinksOverlap, end_client_link, start_client_link
from apps.companies.models import BankAccount, Company
from apps.delivery.models import Feed, FeedEntry
from apps.invoices.models import Invoice
from apps.reconciliation.models import Allocation
from apps.statements.models import Movement, Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.tokens.models import AccessToken, Connection, ConnectionRequest, Credential
from tests.conftest import NOW, react
from tests.factories import registry
from tests.factories.wire import Software, credit, make_coda, make_document
from tests.support.kept import Keep, Kept

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kept_world(keep: Keep[registry.Connected]) -> Kept[registry.Connected]:
    return keep(lambda: build(NOW))


@pytest.fixture
def world(kept_world: Kept[registry.Connected], settings: Any) -> registry.Connected:
    return kept_world.give(settings.BLOB_DIR)


def build(now: datetime) -> registry.Connected:
    company = registry.make_company(now, office=registry.make_office(now))
    account = registry.make_account(now, company)
    connected = registry.connect(now, company, registry.make_software(now))
    Software.of(connected).upload(make_document(company))
    received = receive_coda_file(content=make_coda(account.iban, credit("1210.00")), name="f", actor="t", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)
    react()
    return connected


def copy(model: Any, **changes: Any) -> None:
    """Insert a copy of the model's row with some changes."""
    row = model.objects.defer(None).latest("pk")
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def change(model: Any, **changes: Any) -> None:
    model.objects.update(**changes)


DAY = date(2026, 1, 1)
OTHER = UUID("5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6a")
ANOTHER = UUID("5b9f2c1e-7d3a-4e8b-9c60-1f2e3d4c5b6b")
MERGED_INTO_ITSELF = {"state": "merged", "merged_into": F("id"), "merged_at": datetime(2026, 1, 1, tzinfo=UTC)}
CASES: list[tuple[str, Callable[[], None]]] = [
    ("companies_company_number_form", lambda: change(Company, enterprise_number="2123456749")),
    ("companies_company_number_once", lambda: copy(Company, uuid=OTHER)),
    ("companies_company_merged_dated", lambda: change(Company, state="merged")),
    ("companies_company_merged_into_other", lambda: change(Company, **MERGED_INTO_ITSELF)),
    ("companies_bankaccount_iban_currency", lambda: copy(BankAccount, uuid=OTHER)),
    ("offices_clientlink_no_overlap", lambda: copy(ClientLink, uuid=OTHER)),
    ("offices_clientlink_state_dated", lambda: change(ClientLink, starts_on=None)),
    ("offices_mandate_no_overlap", lambda: copy(Mandate, uuid=OTHER)),
    ("offices_mandate_state_dated", lambda: change(Mandate, starts_on=None)),
    ("tokens_connection_one_live_per_software", lambda: copy(Connection, uuid=OTHER)),
    ("tokens_connection_state_dated", lambda: change(Connection, state="suspended")),
    ("tokens_request_state_dated", lambda: change(ConnectionRequest, activated_at=None)),
    ("tokens_request_waiting_has_reason", lambda: change(ConnectionRequest, state="waiting")),
    ("tokens_token_state_dated", lambda: change(AccessToken, exchanged_at=None)),
    ("tokens_credential_one_owner", lambda: change(Credential, connection=None)),
    ("tokens_credential_one_live_per_token", lambda: copy(Credential, username="IS-other")),
    ("invoices_invoice_number_once", lambda: copy(Invoice, uuid=OTHER)),
    ("invoices_invoice_state_dated", lambda: change(Invoice, accepted_at=None)),
    ("invoices_invoice_year_of_issue", lambda: change(Invoice, issue_year=2025)),
    ("statements_statement_identity_once", lambda: copy(Statement, uuid=OTHER, position=2)),
    ("statements_statement_imported_routed", lambda: change(Statement, account=None)),
    ("statements_movement_ordinal", lambda: copy(Movement, uuid=OTHER)),
    ("reconciliation_allocation_not_zero", lambda: change(Allocation, amount=Decimal(0))),
    ("reconciliation_allocation_sign", lambda: change(Allocation, amount=Decimal(-1))),
    ("delivery_feed_cursor_within", lambda: change(Feed, cursor=99)),
    ("delivery_feedentry_one_document", lambda: change(FeedEntry, statement=None, invoice=None)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "violate"), CASES, ids=[name for name, _violate in CASES])
def test_the_table_refuses(world: registry.Connected, name: str, violate: Callable[[], None]) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        violate()

    assert name in str(refused.value)


def test_rejected_invoices_and_reused_references_are_allowed(world: registry.Connected) -> None:
    change(Invoice, state="rejected", rejected_at=Invoice.objects.get().received_at, payment_state="open")

    copy(Invoice, uuid=OTHER, state="received", accepted_at=None, rejected_at=None)
    copy(Invoice, uuid=ANOTHER, number="2")

    assert Invoice.objects.filter(structured_communication="090933755493").count() == 3


def test_a_second_office_takes_over_on_a_day_and_documents_go_to_the_one_in_force(now: datetime) -> None:
    from apps.accounting_offices.selectors import office_in_force

    first, second = registry.make_office(now, name="Oud"), registry.make_office(now, name="Nieuw")
    company = registry.make_company(now, office=first)
    start: dict[str, Any] = {
        "company_uuid": company.uuid,
        "office_uuid": second.uuid,
        "client_code": "",
        "actor": "t",
        "now": now,
    }

    with pytest.raises(LinksOverlap):
        start_client_link(starts_on=DAY, **start)
    end_client_link(link_uuid=ClientLink.objects.get().uuid, ends_on=DAY, actor="t", now=now)
    start_client_link(starts_on=DAY, **start)

    assert office_in_force(company=company, on=DAY - timedelta(days=1)) == first
    assert office_in_force(company=company, on=DAY) == second
    assert office_in_force(company=company, on=date(2019, 1, 1)) is None
