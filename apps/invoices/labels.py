"""What the codes of sales invoices are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.invoices.rules import (
    ArrivalOutcome,
    DocumentType,
    InvoiceState,
    Layer,
    OfficeViewState,
    PaymentState,
    RemarkKind,
    Severity,
)

DOCUMENT_TYPES: Final[Mapping[str, Promise]] = {
    DocumentType.INVOICE: _("Invoice"),
    DocumentType.CREDIT_NOTE: _("Credit note"),
}
INVOICE_STATES: Final[Mapping[str, Promise]] = {
    InvoiceState.RECEIVED: pgettext_lazy("invoice", "received"),
    InvoiceState.ACCEPTED: pgettext_lazy("invoice", "accepted"),
    InvoiceState.REJECTED: pgettext_lazy("invoice", "rejected"),
}
PAYMENT_STATES: Final[Mapping[str, Promise]] = {
    PaymentState.OPEN: pgettext_lazy("payment", "open"),
    PaymentState.PARTIALLY_PAID: pgettext_lazy("payment", "partly paid"),
    PaymentState.PAID: pgettext_lazy("payment", "paid"),
    PaymentState.OVERPAID: pgettext_lazy("payment", "overpaid"),
    PaymentState.CREDITED: pgettext_lazy("payment", "credited"),
    PaymentState.SETTLED: pgettext_lazy("payment", "settled"),
}
OFFICE_VIEW_STATES: Final[Mapping[str, Promise]] = {
    OfficeViewState.UNSEEN: pgettext_lazy("accounting office", "not seen yet"),
    OfficeViewState.BOOKED: pgettext_lazy("accounting office", "booked"),
    OfficeViewState.QUESTIONED: pgettext_lazy("accounting office", "question open"),
    OfficeViewState.REFUSED: pgettext_lazy("accounting office", "refused"),
}
REMARK_KINDS: Final[Mapping[str, Promise]] = {
    RemarkKind.QUESTION: pgettext_lazy("remark", "question of the accounting office"),
    RemarkKind.REFUSAL: pgettext_lazy("remark", "refusal by the accounting office"),
    RemarkKind.ANSWER: pgettext_lazy("remark", "answer of the company"),
}
ARRIVAL_OUTCOMES: Final[Mapping[str, Promise]] = {
    ArrivalOutcome.FIRST: pgettext_lazy("arrival", "first time"),
    ArrivalOutcome.DUPLICATE: pgettext_lazy("arrival", "the same again"),
    ArrivalOutcome.CORRECTION: pgettext_lazy("arrival", "corrected version"),
    ArrivalOutcome.REJECTED: pgettext_lazy("arrival", "rejected"),
}
SEVERITIES: Final[Mapping[str, Promise]] = {
    Severity.FATAL: pgettext_lazy("finding", "fatal"),
    Severity.WARNING: pgettext_lazy("finding", "warning"),
    Severity.INFORMATION: pgettext_lazy("finding", "for information"),
}
LAYERS: Final[Mapping[str, str | Promise]] = {
    Layer.XML: "XML",
    Layer.SCHEMA: pgettext_lazy("rules", "UBL schema"),
    Layer.EN16931: "EN 16931",
    Layer.PEPPOL: "Peppol",
    Layer.BELGIUM: "UBL.BE",
    Layer.HOUSE: pgettext_lazy("rules", "our own rules"),
    Layer.PDF: "PDF",
}
