"""Pages for companies and accountants: plain, server-rendered."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.accounting_offices import selectors as offices
from apps.companies.selectors import is_owner
from apps.core import clock
from apps.core.errors import IllegalTransition
from apps.core.identifiers import format_enterprise_number
from apps.delivery import selectors as deliveries
from apps.delivery import services as delivery_services
from apps.delivery.rules import Channel
from apps.events.selectors import list_events_of
from apps.invoices import selectors as invoices
from apps.portal.lists.keyset import Order, page_or_first
from apps.portal.private import render_private, speak
from apps.reconciliation.selectors import list_allocations, list_open_amounts
from apps.statements.selectors import list_movements
from apps.tokens import selectors as tokens
from apps.tokens.checklist import checks_of_request
from apps.tokens.refusals import refusal_body
from apps.tokens.services import endings
from apps.users.selectors import viewer_of

PAGE_SIZE = 50


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the places where the person has rights, or go there when there is only one."""
    places = offices.list_places(viewer=viewer_of(request))
    if len(places) == 1:
        name = "portal:company" if places[0].kind == "company" else "portal:inbox"
        return redirect(name, places[0].uuid)
    return render(request, "portal/home.html", {"places": places})


@login_required
def company(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Show a company its connections, what waits, its newest invoices with what is paid, and its movements."""
    shown = offices.get_member_company(viewer=viewer_of(request), company_uuid=company_uuid)
    page = page_or_first(
        invoices.list_invoices(company=shown),
        order=Order("issue_date"),
        after=request.GET.get("invoices", ""),
        size=PAGE_SIZE,
    )
    open_amounts = list_open_amounts(page.rows)
    requests = tokens.list_open_requests(company=shown)
    context = {
        "company": shown,
        "is_owner": is_owner(viewer=viewer_of(request), company=shown),
        "office": offices.office_in_force(company=shown, on=clock.today()),
        "connections": tokens.list_connections(company=shown),
        "requests": [(row, _refusal(row), checks_of_request(row)) for row in requests],
        "invoices": [(row, open_amounts[row.pk]) for row in page.rows],
        "invoices_cursor": page.next_cursor,
        "movements": page_or_first(
            list_movements(company=shown),
            order=Order("entry_on"),
            after=request.GET.get("movements", ""),
            size=PAGE_SIZE,
        ),
        "today": clock.today(),
    }
    return render(request, "portal/company.html", context)


@login_required
def office_invoice(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Show an office one invoice; looking at it is what fetches it from the inbox."""
    viewer = viewer_of(request)
    invoice = deliveries.get_delivered_invoice(viewer=viewer, office_uuid=office_uuid, invoice_uuid=invoice_uuid)
    delivery_services.fetch_invoice(
        invoice_id=invoice.pk, channel=Channel.INBOX, actor=f"user:{viewer.uuid}", now=clock.now()
    )
    context = {
        "office": offices.get_visible_office(viewer=viewer, office_uuid=office_uuid),
        "invoice": invoice,
        "open_amount": list_open_amounts([invoice])[invoice.pk],
        "document": invoices.read_ubl_in_force(invoice),
        "findings": invoices.list_findings(invoice=invoice),
        "allocations": list_allocations(invoice=invoice),
        "deliveries": deliveries.list_deliveries(invoice=invoice),
        "events": list_events_of([invoice.uuid]),
        "today": clock.today(),
    }
    return render(request, "portal/office_invoice.html", context)


@login_required
def office_paper(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID, file_format: str) -> HttpResponse:
    """Hand an office the document as received, or its PDF."""
    invoice = deliveries.get_delivered_invoice(
        viewer=viewer_of(request), office_uuid=office_uuid, invoice_uuid=invoice_uuid
    )
    if file_format == "xml":
        # As a download: a browser would run what an XML document may ask for.
        return HttpResponse(
            invoices.read_document(invoice),
            content_type="application/xml",
            headers={"Content-Disposition": f'attachment; filename="{invoice.uuid}.xml"'},
        )
    return HttpResponse(
        invoices.read_pdf(invoice, language=invoice.company.language),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{invoice.uuid}.pdf"',
            "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        },
    )


def withdraw(request: HttpRequest, signed: str) -> HttpResponse:
    """Let the reader of a token mail withdraw its request. No sign-in: only they have the link.

    Looking changes nothing, since mail scanners look too; the button does.
    """
    shown = tokens.get_request_by_withdrawal(signed=signed)
    if request.method == "POST":
        try:
            shown = endings.withdraw_request(request_uuid=shown.uuid, actor="mail link", now=clock.now())
        except IllegalTransition:
            return redirect("portal:withdraw", signed)
    if shown.company:
        speak(request, shown.company.language)
    return render_private(request, "portal/withdraw.html", {"request_shown": shown})


def _refusal(request: Any) -> dict[str, Any] | None:
    """Return why a connection request waits, as data, or nothing when it does not."""
    if not request.refusal_code:
        return None
    return refusal_body(request.refusal_code, number=format_enterprise_number(request.enterprise_number))
