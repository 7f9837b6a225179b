"""Two companies that turn out to be one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.apps import apps
from django.conf import settings

from apps.accounting_offices.models import AccountingOffice
from apps.companies.merging.services import merge_companies
from apps.companies.models import BankAccount, Company
from apps.core.clock import brussels_day
from apps.statements.coda.writer import MovementDraft
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.tokens.models import SoftwareKey
from tests.factories import registry
from tests.factories.registry import Connected
from tests.factories.wire import Software, credit, make_coda, make_document

STAFF = "staff:1"


@dataclass(frozen=True)
class Side:
    """One of the two: connected, with an account."""

    company: Company
    account: BankAccount
    login: Connected

    @property
    def software(self) -> Software:
        """Return the client of the wire API with this side's login."""
        return Software.of(self.login)


@dataclass(frozen=True)
class Twins:
    """The company that goes on and the one that ends, both connected with one software."""

    office: AccountingOffice
    key: SoftwareKey
    survivor: Side
    absorbed: Side


def make_side(now: datetime, office: AccountingOffice, key: SoftwareKey, name: str) -> Side:
    """Make a connected company with an account."""
    company = registry.make_company(now, office=office, name=name, email=f"{name.lower()}@example.be")
    return Side(company, registry.make_account(now, company), registry.connect(now, company, key))


def make_twins(now: datetime) -> Twins:
    """Make two companies with the same office and the same software."""
    office, key = registry.make_office(now), registry.make_software(now)
    return Twins(office, key, make_side(now, office, key, "Blijft"), make_side(now, office, key, "Eindigt"))


def merge(
    now: datetime, survivor: Company, absorbed: Company, *, valid_until: date | None = None, leaves_copies: bool = False
) -> Company:
    """Merge two companies as staff do."""
    return merge_companies(
        surviving_uuid=survivor.uuid, absorbed_uuid=absorbed.uuid, valid_until=valid_until or brussels_day(now),
        leaves_copies=leaves_copies, actor=STAFF, now=now,
    )  # fmt: skip


def fill(side: Side, now: datetime, run_reactions: Callable[[], int], *, number: str, statement: int) -> str:
    """Send an invoice and import a statement of one side; returns the invoice's id."""
    sent = side.software.upload(make_document(side.company, number=number, reference=None))
    bank(side.account, now, number=statement)
    run_reactions()
    return str(sent.json()["id"])


def bank(account: BankAccount, now: datetime, *movements: MovementDraft, number: int, days_ago: int = 0) -> None:
    """Import a statement of an account."""
    day = date(2026, 11, 24) - timedelta(days=days_ago)
    content = make_coda(account.iban, *(movements or [credit("50.00", "")]), number=number, day=day)
    received = receive_coda_file(content=content, name=f"{number}.cod", actor="t", now=now)
    import_coda_file(coda_file_uuid=received.uuid, now=now)


def count_rows(*, without: frozenset[str]) -> dict[str, int]:
    """Return how many rows each of our tables has."""
    models = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    counted = {model._meta.label_lower: model._default_manager.count() for model in models}
    return {label: count for label, count in counted.items() if label not in without}


def token_of(outcome_token: object) -> str:
    """Return the plain text of an issued token."""
    from apps.tokens import secrets

    return secrets.derive_token(outcome_token.uuid, key=settings.TOKEN_KEY)  # type: ignore[attr-defined]
