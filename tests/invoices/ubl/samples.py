"""The sample documents, and a draft to vary."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft

SAMPLES = Path(__file__).parents[2] / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / "ubl" / name).read_bytes()


def attack(name: str) -> bytes:
    return (SAMPLES / "attacks" / name).read_bytes()


SUPPLIER = DraftParty(
    name="Bouwwerken Peeters BV", street="Kerkstraat 12", postcode="9000", city="Gent", enterprise_number="0456789034"
)
CUSTOMER = DraftParty(
    name="Boulangerie Dupont SRL",
    street="Rue de Namur 40",
    postcode="1367",
    city="Ramillies",
    enterprise_number="0765432146",
)


def line(**changes: Any) -> DraftLine:
    values: dict[str, Any] = {
        "description": "Schilderwerken",
        "quantity": Decimal(10),
        "unit_price": Decimal("45.00"),
        "vat_percent": Decimal(21),
    }
    return DraftLine(**{**values, **changes})


def draft(**changes: Any) -> InvoiceDraft:
    values: dict[str, Any] = {
        "number": "2026-0117",
        "issue_date": date(2026, 11, 19),
        "due_date": date(2026, 12, 19),
        "currency": "EUR",
        "supplier": SUPPLIER,
        "customer": CUSTOMER,
        "lines": (line(), line(description="Verf", unit_price=Decimal("19.99"), vat_percent=Decimal(6))),
        "iban": "BE71096123456769",
        "bic": "GKCCBEBB",
        "structured_communication": "090933755493",
    }
    return InvoiceDraft(**{**values, **changes})
