"""The invoices of the connected demo company, with what its customers paid of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from apps.core.structured_communication import make_structured_communication
from apps.demo.world import CUSTOMERS, DemoCompany
from apps.invoices.ubl import DraftLine, DraftParty, InvoiceDraft, build_invoice
from apps.statements.coda.writer import MovementDraft


@dataclass(frozen=True, slots=True)
class DemoInvoice:
    """A document and the payment that follows it, if one does."""

    document: bytes
    payment: MovementDraft | None


# Days ago, lines (description, quantity, price, VAT), part that was paid.
_SALES = (
    (75, (("Brood en gebak, levering september", "1", "412.50", "6"),), "0"),
    (40, (("Brood en gebak, levering oktober", "1", "398.00", "6"),), "1"),
    (33, (("Taarten recepties", "6", "38.50", "6"), ("Levering", "1", "25.00", "21")), "1"),
    (20, (("Ontbijtmanden", "24", "17.90", "6"),), "0.5"),
    (
        6,
        (("Brood en gebak, levering november", "1", "433.20", "6"), ("Huur vitrine", "1", "60.00", "21")),
        "0",
    ),
)


def demo_invoices(company: DemoCompany, *, today: date, paid_on: date) -> list[DemoInvoice]:
    """Return the company's sales of the last months; payments are booked on `paid_on`."""
    return [
        _sale(company, serial, today - timedelta(days=days_ago), lines, Decimal(part), paid_on)
        for serial, (days_ago, lines, part) in enumerate(_SALES, start=1)
    ]


def _sale(
    company: DemoCompany,
    serial: int,
    day: date,
    lines: tuple[tuple[str, str, str, str], ...],
    part: Decimal,
    paid_on: date,
) -> DemoInvoice:
    customer, iban = CUSTOMERS[serial % len(CUSTOMERS)]
    reference = make_structured_communication(int(f"26{serial:08d}"))
    drafts = tuple(
        DraftLine(description=text, quantity=Decimal(quantity), unit_price=Decimal(price), vat_percent=Decimal(vat))
        for text, quantity, price, vat in lines
    )
    draft = InvoiceDraft(
        number=f"{day.year}-{100 + serial:04d}",
        issue_date=day,
        due_date=day + timedelta(days=30),
        currency="EUR",
        supplier=DraftParty(
            name=company.name, street="Marktplein 1", postcode="9880", city="Aalter",
            enterprise_number=company.enterprise_number,
        ),
        customer=DraftParty(
            name=customer, street="Stationsstraat 12", postcode="9000", city="Gent",
            enterprise_number=f"0101{serial:04d}{97 - int(f'0101{serial:04d}') % 97:02d}",
        ),
        lines=drafts,
        buyer_reference=None,
        order_reference=f"PO-{4700 + serial}",
        structured_communication=reference,
        iban=company.iban,
        bic=company.bic,
    )  # fmt: skip
    total = sum((line.net_amount * (1 + line.vat_percent / 100) for line in drafts), Decimal(0))
    payment = MovementDraft(
        amount=(total * part).quantize(Decimal("0.01")), entry_date=paid_on, value_date=paid_on,
        structured_communication=reference, counterparty_name=customer, counterparty_iban=iban,
    ) if part else None  # fmt: skip
    return DemoInvoice(build_invoice(draft), payment)
