"""Sales invoices: the facts in force, every version, every upload (arrival), findings, remarks and legal holds."""

from apps.invoices.models.arrivals import Arrival, Finding
from apps.invoices.models.documents import (
    ACCEPTED,
    IN_INBOX,
    STILL_TO_BE_PAID,
    UNDELIVERED,
    Invoice,
    InvoiceFacts,
    InvoiceManager,
    InvoiceVersion,
)
from apps.invoices.models.remarks import InvoiceHold, Remark

__all__ = [
    "ACCEPTED",
    "IN_INBOX",
    "STILL_TO_BE_PAID",
    "UNDELIVERED",
    "Arrival",
    "Finding",
    "Invoice",
    "InvoiceFacts",
    "InvoiceHold",
    "InvoiceManager",
    "InvoiceVersion",
    "Remark",
]
