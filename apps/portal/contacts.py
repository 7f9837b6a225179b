"""The address on file: an owner changes it, an accounting office fills in a missing one."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.companies import contacts
from apps.companies import selectors as companies
from apps.companies.rules import mask_address
from apps.core import clock
from apps.core.errors import DomainError
from apps.portal.forms import AddressForm, ClientAddressForm
from apps.portal.lists.keyset import page_or_first
from apps.portal.private import when_again
from apps.users.selectors import viewer_of
from apps.users.services import TooManyMails

PAGE_SIZE = 50


@login_required
def company_contact(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Show members the address on file, and let an owner ask for another one."""
    viewer, now = viewer_of(request), clock.now()
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        address = form.cleaned_data["address"]
        try:
            contacts.ask_contact_change(company_uuid=company.uuid, address=address, asker=viewer, now=now)
        except DomainError as error:
            _explain(form, error, now)
        else:
            text = _("A link was sent to %(address)s. The address is changed once its reader confirms it.")
            messages.success(request, text % {"address": address})
            return redirect("portal:company-contact", company.uuid)
    context = {
        "company": company,
        "contact": companies.contact_of(company),
        "change": companies.open_contact_change(company=company, now=now),
        "may_change": companies.is_owner(company=company, viewer=viewer),
        "form": form,
    }
    return render(request, "portal/company_contact.html", context)


@login_required
def missing_addresses(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Show an office which of its clients have no address on file: codes cannot be sent to them."""
    office = offices.get_visible_office(viewer=viewer_of(request), office_uuid=office_uuid)
    clients = offices.list_clients_without_address(office=office, on=clock.today())
    page = page_or_first(clients, after=request.GET.get("before", ""), size=PAGE_SIZE)
    return render(request, "portal/missing_addresses.html", {"office": office, "page": page})


@login_required
def client_contact(request: HttpRequest, office_uuid: UUID, company_uuid: UUID) -> HttpResponse:
    """Let an office fill in the address of a client that has none."""
    viewer, now = viewer_of(request), clock.now()
    client = offices.get_client_of_office(
        viewer=viewer, office_uuid=office_uuid, company_uuid=company_uuid, on=clock.today()
    )
    form = ClientAddressForm(request.POST if request.method == "POST" else None)
    # From the office's work list back to it, else to the next client without an address.
    is_from_home = request.GET.get("from") == "office"
    if form.is_valid():
        address = form.cleaned_data["address"]
        try:
            contacts.fill_in_contact(company_uuid=client.uuid, address=address, actor=f"user:{viewer.uuid}", now=now)
        except DomainError as error:
            _explain(form, error, now)
        else:
            messages.success(request, _("The e-mail address of %(name)s is on file now.") % {"name": client.name})
            return redirect("portal:office" if is_from_home else "portal:missing-addresses", office_uuid)
    contact = companies.contact_of(client)
    context = {
        "office": offices.get_visible_office(viewer=viewer, office_uuid=office_uuid),
        "client": client,
        "contact": contact,
        "masked_address": mask_address(contact.address) if contact else "",
        "is_from_home": is_from_home,
        "form": form,
    }
    return render(request, "portal/client_contact.html", context)


def _explain(form: AddressForm, error: DomainError, now: datetime) -> None:
    form.add_error(None, when_again(error, now) if isinstance(error, TooManyMails) else str(error))
