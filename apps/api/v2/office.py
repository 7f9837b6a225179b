"""What an accounting office says of an invoice from its own software: booked, a question, a refusal."""

from typing import Any
from uuid import UUID

from ninja import Router
from ninja.decorators import decorate_view

from apps.api.v2.auth import LoginRequest, counted, login
from apps.api.v2.invoice_shapes import invoice_out
from apps.api.v2.schemas import InvoiceOut
from apps.api.v2.tokens import read_json_object
from apps.core import clock
from apps.core.errors import NotFound
from apps.delivery.selectors import get_invoice_of_office
from apps.invoices.services import bookings

router = Router(auth=login)


@router.post("/sales-invoices/{invoice_id}/booked", response=InvoiceOut)
@decorate_view(counted("office"))
def book(request: LoginRequest, invoice_id: UUID) -> Any:
    """Mark an invoice as booked; again changes nothing."""
    invoice = _find(request, invoice_id)
    bookings.book_invoices(invoice_ids=[invoice.pk], actor=request.auth.actor, now=clock.now())
    return _answer(request, invoice_id)


@router.post("/sales-invoices/{invoice_id}/question", response=InvoiceOut)
@decorate_view(counted("office"))
def ask(request: LoginRequest, invoice_id: UUID) -> Any:
    """Ask the company something about an invoice: `{"text"}`."""
    invoice = _find(request, invoice_id)
    bookings.ask_question(
        invoice_uuid=invoice.uuid, text=_read_text(request), actor=request.auth.actor, now=clock.now()
    )
    return _answer(request, invoice_id)


@router.post("/sales-invoices/{invoice_id}/refusal", response=InvoiceOut)
@decorate_view(counted("office"))
def refuse(request: LoginRequest, invoice_id: UUID) -> Any:
    """Refuse an invoice with a reason: `{"text"}`."""
    invoice = _find(request, invoice_id)
    bookings.refuse_invoice(
        invoice_uuid=invoice.uuid, text=_read_text(request), actor=request.auth.actor, now=clock.now()
    )
    return _answer(request, invoice_id)


def _find(request: LoginRequest, invoice_id: UUID) -> Any:
    if request.auth.office is None:
        raise NotFound
    return get_invoice_of_office(office=request.auth.office, invoice_uuid=invoice_id)


def _answer(request: LoginRequest, invoice_id: UUID) -> dict[str, Any]:
    return invoice_out(request, _find(request, invoice_id))


def _read_text(request: LoginRequest) -> str:
    text = read_json_object(request).get("text")
    if not isinstance(text, str):
        raise bookings.TextMissing
    return text
