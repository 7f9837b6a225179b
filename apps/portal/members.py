"""Who has access to a company, an office or a maker of software: its members see it, its owners change it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounting_offices import members as office_members
from apps.accounting_offices import selectors as offices
from apps.companies import members as company_members
from apps.companies import selectors as companies
from apps.companies.membership import OwnerOnly
from apps.companies.rules import LANGUAGES, MemberRole
from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.portal.forms import ADDRESS_ERRORS
from apps.portal.private import when_again
from apps.tokens import vendors
from apps.tokens.services import vendors as vendor_members
from apps.users.rules import LinkPurpose
from apps.users.selectors import list_open_links, viewer_of
from apps.users.services import TooManyMails

ROLES = [(MemberRole.MEMBER.value, gettext_lazy("Member")), (MemberRole.OWNER.value, gettext_lazy("Owner"))]


class InvitationForm(forms.Form):
    """Whom an owner invites, as what, in which language."""

    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages=ADDRESS_ERRORS,
    )
    role = forms.ChoiceField(label=gettext_lazy("Access"), choices=ROLES)
    language = forms.ChoiceField(label=gettext_lazy("Language of the e-mail"), choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=gettext_lazy("Language of the e-mail"),
            choices=[(code, translation.get_language_info(code)["name_local"]) for code in LANGUAGES],
        )


class RoleForm(forms.Form):
    """The role that a member gets."""

    user = forms.UUIDField()
    role = forms.ChoiceField(choices=ROLES)


class MemberForm(forms.Form):
    """The member who goes."""

    user = forms.UUIDField()


class WithdrawalForm(forms.Form):
    """The invitation that is taken back."""

    link = forms.UUIDField()


@dataclass(frozen=True, slots=True)
class Desk:
    """The members' page of one place: what it shows, and the services that it asks."""

    shown: dict[str, Any]
    members: QuerySet[Any]
    invitation: LinkPurpose
    place_uuid: UUID
    invite: Callable[..., object]
    change_role: Callable[..., object]
    remove: Callable[..., object]
    withdraw: Callable[..., object]


@login_required
def members_of_company(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Show who has access to a company, and let its owners change it."""
    company = offices.get_member_company(viewer=viewer_of(request), company_uuid=company_uuid)
    desk = Desk(
        shown={"company": company, "place": company},
        members=companies.list_company_members(company=company),
        invitation=LinkPurpose.COMPANY_INVITATION,
        place_uuid=company.uuid,
        invite=partial(company_members.invite_company_member, company_uuid=company.uuid),
        change_role=partial(company_members.change_company_role, company_uuid=company.uuid),
        remove=partial(company_members.remove_company_member, company_uuid=company.uuid),
        withdraw=partial(company_members.withdraw_company_invitation, company_uuid=company.uuid),
    )
    return _members(request, desk)


@login_required
def members_of_office(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Show who has access to an accounting office, and let its owners change it."""
    office = offices.get_visible_office(viewer=viewer_of(request), office_uuid=office_uuid)
    desk = Desk(
        shown={"office": office, "place": office},
        members=offices.list_office_members(office=office),
        invitation=LinkPurpose.OFFICE_INVITATION,
        place_uuid=office.uuid,
        invite=partial(office_members.invite_office_member, office_uuid=office.uuid),
        change_role=partial(office_members.change_office_role, office_uuid=office.uuid),
        remove=partial(office_members.remove_office_member, office_uuid=office.uuid),
        withdraw=partial(office_members.withdraw_office_invitation, office_uuid=office.uuid),
    )
    return _members(request, desk)


@login_required
def members_of_vendor(request: HttpRequest, vendor_uuid: UUID) -> HttpResponse:
    """Show who has access for a maker of software, and let its owners change it."""
    vendor = vendors.get_visible_vendor(viewer=viewer_of(request), vendor_uuid=vendor_uuid)
    desk = Desk(
        shown={"vendor": vendor, "place": vendor},
        members=vendors.list_vendor_members(vendor=vendor),
        invitation=LinkPurpose.VENDOR_INVITATION,
        place_uuid=vendor.uuid,
        invite=partial(vendor_members.invite_vendor_member, vendor_uuid=vendor.uuid),
        change_role=partial(vendor_members.change_vendor_role, vendor_uuid=vendor.uuid),
        remove=partial(vendor_members.remove_vendor_member, vendor_uuid=vendor.uuid),
        withdraw=partial(vendor_members.withdraw_vendor_invitation, vendor_uuid=vendor.uuid),
    )
    return _members(request, desk)


def _members(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = InvitationForm(initial={"language": desk.shown["place"].language, "role": MemberRole.MEMBER.value})
    if request.method == "POST":
        if request.POST.get("action") == "invite":
            form = InvitationForm(request.POST)
        if _change(request, desk, form):
            is_still_here = any(row.user_id == request.user.pk for row in desk.members.all())
            return redirect(request.path if is_still_here else "portal:home")
    viewer, rows = viewer_of(request), list(desk.members.all())
    context = {
        **desk.shown,
        "members": rows,
        "is_owner": any(row.user_id == viewer.pk and row.role == MemberRole.OWNER for row in rows),
        "owner_count": sum(1 for row in rows if row.role == MemberRole.OWNER),
        "invitations": list_open_links(purpose=desk.invitation, subject_uuid=desk.place_uuid),
        "form": form,
        "now": clock.now(),
    }
    return render(request, "portal/members.html", context)


def _change(request: HttpRequest, desk: Desk, form: InvitationForm) -> bool:
    """Ask the service that the pressed button names; returns False when the form is shown again with its errors.

    :raises PermissionDenied: when the viewer is no owner.
    """
    asked: dict[str, tuple[forms.Form, Callable[[dict[str, Any]], str]]] = {
        "invite": (form, lambda filled_in: _invite(request, desk, filled_in)),
        "change_role": (RoleForm(request.POST), lambda filled_in: _change_role(request, desk, filled_in)),
        "remove": (MemberForm(request.POST), lambda filled_in: _remove(request, desk, filled_in)),
        "withdraw": (WithdrawalForm(request.POST), lambda filled_in: _withdraw(request, desk, filled_in)),
    }
    if request.POST.get("action") not in asked:
        raise NotFound
    checked, ask = asked[request.POST["action"]]
    if not checked.is_valid():
        if checked is form:
            return False
        raise NotFound
    try:
        messages.success(request, ask(checked.cleaned_data))
    except OwnerOnly as error:
        raise PermissionDenied from error
    except NotFound:
        # Somebody else was faster: the page shows how things stand now.
        messages.warning(request, _("That had changed already."))
    except DomainError as error:
        sentence = when_again(error, clock.now()) if isinstance(error, TooManyMails) else str(error)
        if checked is form:
            form.add_error("address", sentence)
            return False
        messages.error(request, sentence)
    return True


def _invite(request: HttpRequest, desk: Desk, filled_in: dict[str, Any]) -> str:
    desk.invite(
        by=viewer_of(request),
        address=filled_in["address"],
        role=MemberRole(filled_in["role"]),
        language=filled_in["language"],
        now=clock.now(),
    )
    return _("The invitation is on its way to %(address)s.") % {"address": filled_in["address"]}


def _change_role(request: HttpRequest, desk: Desk, filled_in: dict[str, Any]) -> str:
    role = MemberRole(filled_in["role"])
    desk.change_role(by=viewer_of(request), user_uuid=filled_in["user"], role=role, now=clock.now())
    return _("The access is changed.")


def _remove(request: HttpRequest, desk: Desk, filled_in: dict[str, Any]) -> str:
    desk.remove(by=viewer_of(request), user_uuid=filled_in["user"], now=clock.now())
    return _("The access is taken away.")


def _withdraw(request: HttpRequest, desk: Desk, filled_in: dict[str, Any]) -> str:
    desk.withdraw(by=viewer_of(request), link_uuid=filled_in["link"], now=clock.now())
    return _("The invitation is withdrawn. Its link no longer works.")
