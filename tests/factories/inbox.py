"""Invoices in an office's inbox, as rows: as many as a test wants, without documents."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.delivery.models import Delivery
from apps.invoices.models import Invoice
from apps.tokens.models import Software


def deliver(
    now: datetime, office: AccountingOffice, company: Company, numbers: Sequence[str], **facts: Any
) -> list[Invoice]:
    """Deliver accepted invoices with these numbers to an office, the first one first, an hour between them."""
    software = Software.objects.first()
    assert software is not None
    common: dict[str, Any] = {
        "software": software, "document_type": "invoice", "issue_date": now.date(), "issue_year": now.year,
        "currency": "EUR", "net_amount": Decimal("100.00"), "vat_amount": Decimal("21.00"),
        "total_amount": Decimal("121.00"), "payable_amount": Decimal("121.00"), "customer_name": "Klant NV",
        "state": "accepted", "received_at": now, "accepted_at": now, "changed_at": now, **facts,
    }  # fmt: skip
    invoices = Invoice.objects.bulk_create(Invoice(company=company, number=number, **common) for number in numbers)
    Delivery.objects.bulk_create(
        Delivery(
            invoice=invoice, office=office, channel="inbox", state="delivered", state_at=now,
            delivered_at=now + timedelta(hours=position),
        )
        for position, invoice in enumerate(invoices)
    )  # fmt: skip
    return invoices
