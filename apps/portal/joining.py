"""Following a mailed link into a company, an office or a maker of software: the first member's, or an invitation."""

from contextlib import suppress
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from apps.accounting_offices import members as office_members
from apps.accounting_offices.selectors import LinkedPlace, place_of_link
from apps.companies import members as company_members
from apps.companies.rules import mask_address
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.languages import reader_language
from apps.portal.private import render_private, speak
from apps.tokens.services import vendors as vendor_members
from apps.tokens.vendors import vendor_of_link
from apps.users.rules import FIRST_MEMBER_LINKS, LinkPurpose, LinkStanding
from apps.users.selectors import LinkReading, find_person, has_address, person_or_none, read_link
from apps.users.services import NewPerson, PasswordRefused
from apps.users.sign_in_forms import PASSWORD_HINT

JOIN: Final = {
    "company": company_members.join_company,
    "office": office_members.join_office,
    "vendor": vendor_members.join_vendor,
}
RENEW: Final = {
    "company": company_members.renew_company_link,
    "office": office_members.renew_office_link,
    "vendor": vendor_members.renew_vendor_link,
}


class PasswordForm(forms.Form):
    """The password of a login that is made."""

    password = forms.CharField(
        label=gettext_lazy("Choose a password"),
        help_text=PASSWORD_HINT,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    repeated = forms.CharField(
        label=gettext_lazy("The same password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ; whether it is good enough is the service's to say."""
        filled_in = super().clean() or {}
        if filled_in.get("password") != filled_in.get("repeated"):
            self.add_error("repeated", _("The two passwords differ."))
        return filled_in


def join(request: HttpRequest, signed: str) -> HttpResponse:
    """Show what a link is for, and let its reader in with the button.

    Looking changes nothing, since mail scanners look too.
    """
    reading = read_link(signed=signed, now=clock.now())
    place = _place_of(reading.link)
    speak(request, reading.link.language)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (answer := _follow(request, reading, place, form)):
        return answer
    context = _context(request, reading, place)
    return render_private(request, "portal/join.html", context | {"form": form, "signed": signed})


@require_POST
def send_new_link(request: HttpRequest, signed: str) -> HttpResponse:
    """Mail a new link to the address of this one, if one may be sent; the answer is the same either way."""
    link = read_link(signed=signed, now=clock.now()).link
    place = _place_of(link)
    speak(request, link.language)
    # A limit, or a place that moved on: whoever has an old link in hand is told nothing of it.
    with suppress(DomainError):
        RENEW[place.kind](link_uuid=link.uuid, now=clock.now())
    return render_private(request, "portal/join_sent.html", {"address": mask_address(link.address)})


def _follow(request: HttpRequest, reading: LinkReading, place: LinkedPlace, form: PasswordForm) -> HttpResponse | None:
    """Let the reader in and lead them to their place; None when the page is shown again, and says why by itself."""
    viewer = person_or_none(request.user)
    if viewer is None and not form.is_valid():
        return None
    person = viewer or NewPerson(form.cleaned_data["password"], reader_language())
    try:
        user = JOIN[place.kind](link_uuid=reading.link.uuid, person=person, now=clock.now())
    except PasswordRefused as error:
        form.add_error("password", error.params["reasons"])
        return None
    except DomainError:
        # Somebody was faster, or it is over: the page says how things stand now.
        return redirect(request.path)
    if viewer is None:
        login(request, user)
    messages.success(request, _("You now have access to %(name)s.") % {"name": place.name})
    return redirect(f"portal:{place.kind}", place.uuid)


def _place_of(link: Any) -> LinkedPlace:
    """Return where a link leads.

    :raises NotFound: for a link of another purpose.
    """
    is_of_vendor = link.purpose in {LinkPurpose.VENDOR_FIRST_MEMBER, LinkPurpose.VENDOR_INVITATION}
    return vendor_of_link(link) if is_of_vendor else place_of_link(link)


def _context(request: HttpRequest, reading: LinkReading, place: LinkedPlace) -> dict[str, Any]:
    link, viewer = reading.link, person_or_none(request.user)
    is_first = link.purpose in FIRST_MEMBER_LINKS
    standing = reading.standing
    if standing is LinkStanding.USABLE and not place.is_open:
        standing = LinkStanding.REPLACED
    return {
        "link": link,
        "place": place,
        "is_first": is_first,
        "standing": standing.value,
        "is_taken": is_first and place.has_members and standing is not LinkStanding.USED,
        "address": mask_address(link.address),
        "is_mine": viewer is not None and has_address(person=viewer, address=link.address),
        "has_login": viewer is None and find_person(address=link.address) is not None,
    }
