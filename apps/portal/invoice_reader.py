"""Who reads an invoice, from which place: its company, or an office that it was delivered to. Nobody else finds it."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from apps.accounting_offices import selectors as offices
from apps.core.errors import NotFound
from apps.delivery import selectors as deliveries
from apps.invoices import selectors as invoices
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class Reader:
    """An invoice with the place from which somebody reads it; `place` is a company or an office."""

    kind: Literal["company", "office"]
    place: Any
    invoice: Any

    @property
    def is_office(self) -> bool:
        """Say whether an accounting office reads it."""
        return self.kind == "office"

    @property
    def page(self) -> str:
        """Return where its page is."""
        return self.url("invoice")

    @property
    def pdf(self) -> str:
        """Return where its PDF is, to look at."""
        return self.url("invoice-pdf")

    @property
    def xml(self) -> str:
        """Return where its document is, to download."""
        return self.url("invoice-xml")

    def url(self, name: str, *more: Any) -> str:
        """Return a page or file of the invoice, in the reader's own place."""
        return self.url_of(self.invoice, name, *more)

    def url_of(self, invoice: Any, name: str, *more: Any) -> str:
        """Return a page or file of an invoice that the reader may see, in the same place."""
        return reverse(f"portal:{self.kind}-{name}", args=[self.place.uuid, invoice.uuid, *more])


def reader_of(
    request: HttpRequest, invoice_uuid: UUID, *, company_uuid: UUID | None = None, office_uuid: UUID | None = None
) -> Reader:
    """Return the signed-in person as the reader of an invoice, from the place that the address names.

    :raises NotFound: for who has no right there, or an invoice that is not there.
    """
    viewer = viewer_of(request)
    if company_uuid is not None:
        invoice = invoices.get_invoice_of_member(viewer=viewer, company_uuid=company_uuid, invoice_uuid=invoice_uuid)
        return Reader("company", invoice.company, invoice)
    if office_uuid is None:
        raise NotFound
    invoice = deliveries.get_delivered_invoice(viewer=viewer, office_uuid=office_uuid, invoice_uuid=invoice_uuid)
    office = invoice.office
    if office is None or office.uuid != office_uuid:
        office = offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
    return Reader("office", office, invoice)
