"""Pages for companies and accountants: plain, server-rendered."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.core import clock
from apps.core.errors import IllegalTransition
from apps.delivery import selectors as deliveries
from apps.delivery import services as delivery_services
from apps.delivery.rules import Channel, DeliveryState
from apps.portal.forms import EnquiryForm
from apps.portal.invoice_page import page_of
from apps.portal.invoice_reader import reader_of
from apps.portal.private import render_private, speak
from apps.tokens import selectors as tokens
from apps.tokens.services import endings
from apps.tokens.vendors import list_all_places
from apps.users.selectors import viewer_of


def home(request: HttpRequest) -> HttpResponse:
    """Explain the service to a visitor; show a person their places, or go there when there is only one.

    Staff who have none work in the back-office.
    """
    if not request.user.is_authenticated:
        software = tokens.list_live_software()
        form = EnquiryForm(software=software.values_list("slug", "name"))
        return render(request, "portal/welcome.html", {"form": form, "softwares": software})
    places = list_all_places(viewer=viewer_of(request))
    if len(places) == 1:
        return redirect(f"portal:{places[0].kind}", places[0].uuid)
    if not places and viewer_of(request).is_staff:
        return redirect("admin:index")
    return render(request, "portal/home.html", {"places": places})


@login_required
def office_invoice(request: HttpRequest, office_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Show an office one invoice; looking at it is what fetches it from the inbox."""
    reader = reader_of(request, invoice_uuid, office_uuid=office_uuid)
    invoice = reader.invoice
    delivered = deliveries.list_deliveries(invoice=invoice)
    if any(row.channel == Channel.INBOX and row.state == DeliveryState.DELIVERED for row in delivered):
        delivery_services.fetch_invoice(
            invoice_id=invoice.pk, channel=Channel.INBOX, actor=f"user:{viewer_of(request).uuid}", now=clock.now()
        )
        delivered = deliveries.list_deliveries(invoice=invoice)
    context = page_of(reader, delivered, request.GET, now=clock.now())
    return render(request, "portal/office_invoice.html", {**context, "office": reader.place})


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
