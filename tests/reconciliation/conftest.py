"""A company with an account, invoices that it sends and files that its bank sends."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from django.db.models import F, Sum

from apps.companies.models import BankAccount, Company
from apps.invoices.models import Invoice
from apps.invoices.services.intake import Upload, receive_invoice
from apps.statements.coda.writer import MovementDraft
from tests.factories import registry
from tests.factories.movements import book
from tests.factories.wire import make_document

Bill = Callable[..., Invoice]
Bank = Callable[..., None]


@pytest.fixture
def account(now: datetime) -> BankAccount:
    """Return the account of a company with an accounting office."""
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


@pytest.fixture
def bill(now: datetime, account: BankAccount, run_reactions: Callable[[], int]) -> Bill:
    """Return a function that sends an invoice of 1,210.00, or of what it is told, and lets everything follow."""
    key = registry.make_software(now)

    def billing(number: str = "1", price: str = "1000.00", *, sender: Company | None = None, **kwargs: str) -> Invoice:
        company = sender or account.company
        document = make_document(company, number=number, price=price, **kwargs)  # type: ignore[arg-type]
        upload = Upload(company=company, software=key.software, document=document, pdf=None)
        invoice = receive_invoice(upload=upload, actor="software:robaws", now=now).invoice
        run_reactions()
        return invoice

    return billing


@pytest.fixture
def bank(now: datetime, account: BankAccount, run_reactions: Callable[[], int]) -> Bank:
    """Return a function that brings movements in a file of their own and lets everything follow."""

    def banking(*movements: MovementDraft) -> None:
        book(now, account, *movements)
        run_reactions()

    return banking


def state(invoice: Invoice) -> tuple[str, Decimal]:
    """Return an invoice's payment state and what covers it."""
    invoice.refresh_from_db()
    covered = invoice.allocations.aggregate(total=Sum(F("amount") + F("difference")))["total"] or Decimal(0)
    return invoice.payment_state, covered
