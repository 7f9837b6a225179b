"""Why an invoice is still open, or how it was paid: a page of its own, and a part of the invoice's page."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from apps.portal.invoice_reader import Reader, reader_of
from apps.reconciliation.explaining import explain_invoice


@login_required
def company_payments(request: HttpRequest, company_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Tell a company about the payment of one of its invoices."""
    reader = reader_of(request, invoice_uuid, company_uuid=company_uuid)
    return _answer(request, reader, {"company": reader.place})


@login_required
def office_payments(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Tell an office about the payment of an invoice that it received, by the statements that it may see."""
    reader = reader_of(request, invoice_uuid, office_uuid=office_uuid)
    return _answer(request, reader, {"office": reader.place})


def _answer(request: HttpRequest, reader: Reader, place: dict[str, Any]) -> HttpResponse:
    """Return the page, or what the invoice's page shows of it when its script asks."""
    is_part = "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers
    explained = explain_invoice(invoice=reader.invoice, office=reader.place if reader.is_office else None)
    context = {
        **place,
        "reader": reader,
        "invoice": reader.invoice,
        "explained": explained,
        "is_part": is_part,
        "why_url": reader.url("invoice-payments"),
    }
    template = "portal/parts/why.html" if is_part else "portal/invoice_payments.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
