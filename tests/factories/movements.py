"""Money on a bank account, imported from a file as in life."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.companies.models import BankAccount
from apps.statements.coda.writer import MovementDraft
from apps.statements.models import Movement, Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file
from tests.factories.wire import make_coda

DAY = date(2026, 11, 24)


def draft(amount: str, name: str = "Klant NV", *, day: date = DAY, **facts: Any) -> MovementDraft:
    """Return money of a day, from or to somebody."""
    return MovementDraft(amount=Decimal(amount), entry_date=day, value_date=day, counterparty_name=name, **facts)


def book(now: datetime, account: BankAccount, *drafts: MovementDraft) -> list[Movement]:
    """Import a further statement of an account with these movements."""
    number = Statement.objects.filter(iban=account.iban).count() + 1
    content = make_coda(account.iban, *drafts, number=number)
    coda_file = receive_coda_file(content=content, name="a.cod", actor="t", now=now)
    import_coda_file(coda_file_uuid=coda_file.uuid, now=now)
    return list(Movement.objects.filter(statement__coda_file=coda_file).order_by("ordinal"))
