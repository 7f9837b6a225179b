"""The API credentials of an accounting office: its owners make, renew and end them, and see each password once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.companies.rules import MemberRole
from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.portal.forms import PairForm
from apps.portal.private import render_private
from apps.tokens.selectors import list_office_credentials
from apps.tokens.services import office_access as access
from apps.users.selectors import viewer_of


@login_required
def office_access(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Show an office the pairs that work; a sent form makes, renews or ends one."""
    viewer, now = viewer_of(request), clock.now()
    office = offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
    form, given = PairForm(), None
    if request.method == "POST":
        if request.POST.get("action") == "make":
            form = PairForm(request.POST)
        try:
            given = _change(request, office_uuid, form)
        except access.OwnersGiveCredentials as error:
            raise PermissionDenied from error
        except NotFound:
            messages.warning(request, _("That had changed already."))
        except DomainError as error:
            form.add_error(None, str(error))
        if given is None and not form.errors:
            return redirect("portal:office-access", office_uuid)
        if given is not None:
            form = PairForm()
    context = {
        "office": office,
        "pairs": list_office_credentials(office=office, now=now),
        "is_owner": offices.list_office_members(office=office).filter(user=viewer, role=MemberRole.OWNER).exists(),
        "given": given,
        "form": form,
    }
    return render_private(request, "portal/office_access.html", context)


def _change(request: HttpRequest, office_uuid: UUID, form: PairForm) -> access.OfficePair | None:
    """Do what the pressed button says; return a pair whose password must be shown now.

    :raises NotFound: for any other button, and when the pair is gone.
    """
    by: dict[str, Any] = {"office_uuid": office_uuid, "by": viewer_of(request), "now": clock.now()}
    action, username = request.POST.get("action"), request.POST.get("username", "")
    if action == "make":
        return access.make_office_credentials(name=form.cleaned_data["name"], **by) if form.is_valid() else None
    if action == "rotate":
        return access.rotate_office_credentials(username=username, **by)
    if action != "end":
        raise NotFound
    access.end_office_credentials(username=username, **by)
    messages.success(request, _("These credentials no longer work."))
    return None
