"""A maker of software: its packages, whom each acts for, what became of its requests, and how its calls went."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.portal.vendor_lists import connection_rows, request_rows
from apps.portal.vendor_start import start_of
from apps.sandbox.selectors import list_marks
from apps.tokens import vendors
from apps.tokens.labels import CALLS
from apps.tokens.services import software as softwares
from apps.users.selectors import viewer_of

DAYS_SHOWN: Final = 14
ROWS_SHOWN: Final = 5


@login_required
def vendor(request: HttpRequest, vendor_uuid: UUID) -> HttpResponse:
    """Show a maker its packages."""
    shown = vendors.get_visible_vendor(viewer=viewer_of(request), vendor_uuid=vendor_uuid)
    context = {"vendor": shown, "softwares": vendors.list_software_of(vendor=shown), "start": start_of(shown)}
    return render(request, "portal/vendor.html", context)


@login_required
def vendor_software(request: HttpRequest, vendor_uuid: UUID, software_uuid: UUID) -> HttpResponseBase:
    """Show one package: keys, connections, requests and calls; a button gives a further key or ends one."""
    viewer = viewer_of(request)
    maker, shown = vendors.get_visible_software(viewer=viewer, vendor_uuid=vendor_uuid, software_uuid=software_uuid)
    if request.method == "POST":
        _act(request, shown, f"user:{viewer.uuid}")
        return redirect("portal:vendor-software", vendor_uuid, software_uuid)
    use = vendors.list_use(software=shown, today=clock.today(), days=DAYS_SHOWN)
    keys = list(vendors.list_keys(software=shown))
    context = {
        "vendor": maker,
        "shown": shown,
        "keys": keys,
        "working": sum(1 for key in keys if key.disabled_at is None),
        "connections": connection_rows(vendors.list_connections_of(software=shown).order_by("-id")[:ROWS_SHOWN]),
        "requests": request_rows(vendors.list_requests_of(software=shown).order_by("-id")[:ROWS_SHOWN]),
        "calls": _calls(use),
        "mark": next(iter(list_marks(software=shown)), None),
        "days": DAYS_SHOWN,
    }
    return render(request, "portal/vendor_software.html", context)


def _calls(use: Any) -> list[dict[str, Any]]:
    """Return each kind of call that was made: how often it succeeded, how often it was refused, and the share."""
    rows = []
    for kind, label in CALLS.items():
        good = sum(day.counts.get(kind, 0) for day in use)
        refused = sum(day.counts.get(f"{kind}_refused", 0) for day in use)
        if total := good + refused:
            rows.append({"label": label, "good": good, "refused": refused, "share": round(100 * refused / total, 1)})
    return rows


def _act(request: HttpRequest, shown: Any, actor: str) -> None:
    """Do what the pressed button names.

    :raises NotFound: for any other button, and for another one's key.
    """
    action = request.POST.get("action")
    try:
        if action == "give":
            softwares.give_further_key(software_uuid=shown.uuid, actor=actor, now=clock.now())
            messages.success(
                request, _("There is a further key. Both work: move your installations, then end the former.")
            )
        elif action == "end":
            key = request.POST.get("key", "")
            softwares.end_key(software_uuid=shown.uuid, key=key, actor=actor, now=clock.now())
            messages.success(request, _("This key no longer works."))
        else:
            raise NotFound
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, str(error))
