"""Pages for companies and accountants: plain, server-rendered."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.errors import IllegalTransition
from apps.delivery import selectors as deliveries
from apps.delivery import services as delivery_services
from apps.delivery.redelivering import times_asked
from apps.delivery.rules import Channel
from apps.events.selectors import list_events_of
from apps.invoices import selectors as invoices
from apps.portal.forms import EnquiryForm
from apps.portal.parts import entries_of
from apps.portal.private import render_private, speak
from apps.portal.stops import list_stops
from apps.reconciliation.selectors import list_allocations, list_open_amounts
from apps.tokens import selectors as tokens
from apps.tokens.services import endings
from apps.users.selectors import viewer_of


def home(request: HttpRequest) -> HttpResponse:
    """Explain the service to a visitor; show a person their places, or go there when there is only one."""
    if not request.user.is_authenticated:
        software = tokens.list_live_software()
        form = EnquiryForm(software=software.values_list("slug", "name"))
        return render(request, "portal/welcome.html", {"form": form, "softwares": software})
    places = offices.list_places(viewer=viewer_of(request))
    if len(places) == 1:
        name = "portal:company" if places[0].kind == "company" else "portal:office"
        return redirect(name, places[0].uuid)
    return render(request, "portal/home.html", {"places": places})


@login_required
def office_invoice(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Show an office one invoice; looking at it is what fetches it from the inbox."""
    viewer = viewer_of(request)
    invoice = deliveries.get_delivered_invoice(viewer=viewer, office_uuid=office_uuid, invoice_uuid=invoice_uuid)
    delivery_services.fetch_invoice(
        invoice_id=invoice.pk, channel=Channel.INBOX, actor=f"user:{viewer.uuid}", now=clock.now()
    )
    delivered = deliveries.list_deliveries(invoice=invoice)
    context = {
        "office": offices.get_visible_office(viewer=viewer, office_uuid=office_uuid),
        "invoice": invoice,
        "open_amount": list_open_amounts([invoice])[invoice.pk],
        "document": invoices.read_ubl_in_force(invoice),
        "findings": invoices.list_findings(invoice=invoice),
        "allocations": list_allocations(invoice=invoice),
        "deliveries": delivered,
        "stops": list_stops(invoice, delivered),
        "entries": entries_of(list_events_of([invoice.uuid])),
        "remarks": invoices.list_remarks(invoice=invoice),
        "asked": times_asked([invoice.uuid]).get(invoice.uuid),
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
