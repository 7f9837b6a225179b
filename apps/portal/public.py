"""Pages that need no sign-in: "Can my company connect?", an office applies, a new address is confirmed.

What they answer never depends on what is known of a number: only a mail to an address on file says that.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.accounting_offices.applications import apply_by_form
from apps.companies import contacts
from apps.core import clock
from apps.core.visitors import TooManyFromHere
from apps.portal.confirming import Confirmation, answer_confirmation
from apps.portal.forms import EnquiryForm, OfficeApplicationForm
from apps.portal.private import answer_too_many, count_sending
from apps.tokens.selectors import list_live_software
from apps.tokens.services.enquiries import enquire
from apps.users.rules import LinkPurpose

_NEW_ADDRESS: Final = Confirmation(
    LinkPurpose.CONTACT_CONFIRMATION,
    "portal/confirm_address.html",
    contacts.confirm_contact_change,
    contacts.renew_confirmation,
)


def can_connect(request: HttpRequest) -> HttpResponse:
    """Take an enterprise number; the answer goes by mail to the address on file, if there is one."""
    software = list_live_software().values_list("slug", "name")
    form = EnquiryForm(request.POST if request.method == "POST" else None, software=software)
    now = clock.now()
    if form.is_valid():
        try:
            count_sending(request, form="can-connect", now=now)
        except TooManyFromHere as error:
            return answer_too_many(request, "portal/can_connect.html", form, error)
        enquire(vat=form.cleaned_data["number"], software_slug=form.cleaned_data["software"], actor="visitor", now=now)
        return redirect("portal:can-connect-asked")
    return render(request, "portal/can_connect.html", {"form": form})


def can_connect_asked(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody who asked."""
    return render(request, "portal/can_connect_asked.html")


def apply_as_office(request: HttpRequest) -> HttpResponse:
    """Take an accounting office's application."""
    form = OfficeApplicationForm(request.POST if request.method == "POST" else None)
    now = clock.now()
    if form.is_valid():
        try:
            count_sending(request, form="office-application", now=now)
        except TooManyFromHere as error:
            return answer_too_many(request, "portal/office_apply.html", form, error)
        fields = dict(form.cleaned_data)
        apply_by_form(enterprise_number=fields.pop("number"), now=now, **fields)
        return redirect("portal:office-applied")
    return render(request, "portal/office_apply.html", {"form": form})


def office_applied(request: HttpRequest) -> HttpResponse:
    """Say the same to everybody who applied."""
    return render(request, "portal/office_applied.html")


def confirm_address(request: HttpRequest, signed: str) -> HttpResponse:
    """Let the reader of a new address of a company confirm it."""
    return answer_confirmation(request, signed, _NEW_ADDRESS)
