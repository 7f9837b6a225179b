"""Where an accounting office's documents go: its destinations, their health and log, and what goes where."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounting_offices.selectors import get_visible_office
from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.delivery import destinations, overviews, servers
from apps.delivery.results import retry_failed
from apps.delivery.routing import Route, find_route
from apps.delivery.rules import Channel
from apps.portal import backfill_pages, server_pages
from apps.portal.confirming import Confirmation, answer_confirmation
from apps.portal.destination_forms import BackfillForm, MailDestinationForm, PreviewForm
from apps.portal.forms import AddressForm
from apps.portal.private import when_again
from apps.users.rules import LinkPurpose
from apps.users.selectors import viewer_of
from apps.users.services import TooManyMails

ATTEMPTS_SHOWN: Final = 50
DOCUMENTS_SHOWN: Final = 20
_NEW_DESTINATION: Final = Confirmation(
    LinkPurpose.DESTINATION_CONFIRMATION,
    "portal/confirm_destination.html",
    destinations.confirm_address,
    destinations.renew_confirmation,
)


@login_required
def delivery(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Show an office its destinations, and where the next document of a client goes when one is asked for."""
    office = get_visible_office(viewer=viewer_of(request), office_uuid=office_uuid)
    form = PreviewForm(request.GET if "client" in request.GET else None, office=office, on=clock.today())
    route: Route | None = None
    if form.is_valid():
        route = find_route(company=form.cleaned_data["client"], on=form.cleaned_data["day"], office=office)
    healths = overviews.list_destinations(office=office)
    context = {
        "office": office,
        "healths": healths,
        "failing": sum(health.state == "failing" for health in healths),
        "form": form,
        "route": route,
    }
    return render(request, "portal/delivery.html", context)


@login_required
def add_destination(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Take an address to which an office's documents shall go."""
    viewer, now = viewer_of(request), clock.now()
    office = get_visible_office(viewer=viewer, office_uuid=office_uuid)
    form = MailDestinationForm(request.POST if request.method == "POST" else None, office=office, on=clock.today())
    if form.is_valid():
        try:
            added = destinations.add_mail_destination(
                office=office,
                company=form.cleaned_data["client"],
                channel=Channel(form.cleaned_data["channel"]),
                address=form.cleaned_data["address"],
                actor=f"user:{viewer.uuid}",
                now=now,
            )
        except DomainError as error:
            form.add_error(None, _sentence(error))
        else:
            messages.success(request, _("A link was sent to %(address)s.") % {"address": added.wanted_address})
            return redirect("portal:destination", office_uuid, added.uuid)
    return render(request, "portal/destination_add.html", {"office": office, "form": form})


@login_required
def destination(request: HttpRequest, office_uuid: UUID, destination_uuid: UUID) -> HttpResponse:
    """Show a destination with its log; do with it what a button says."""
    viewer = viewer_of(request)
    health = overviews.get_destination(viewer=viewer, office_uuid=office_uuid, destination_uuid=destination_uuid)
    form = AddressForm(request.POST if request.POST.get("action") == "change" else None)
    asked = request.POST if request.POST.get("action") == "backfill" else None
    period = BackfillForm(asked, office=health.destination.office, on=clock.today())
    if request.method == "POST" and _act(request, health.destination, (form, period), f"user:{viewer.uuid}"):
        return redirect("portal:destination", office_uuid, destination_uuid)
    context = {
        "office": health.destination.office,
        "health": health,
        "shown": health.destination,
        "attempts": overviews.list_attempts(destination=health.destination, newest=ATTEMPTS_SHOWN),
        "not_there": overviews.list_not_there(destination=health.destination, at_most=DOCUMENTS_SHOWN),
        "form": form,
        "period": period,
        "backfills": backfill_pages.list_shown(health.destination),
        "fingerprints": servers.fingerprints_of(health.destination),
    }
    return render(request, "portal/destination.html", context)


def _act(request: HttpRequest, shown: Any, forms: tuple[AddressForm, BackfillForm], actor: str) -> bool:
    """Do what the pressed button names; returns False when a form is shown again with its errors."""
    form, period = forms
    by: dict[str, Any] = {"actor": actor, "now": clock.now()}
    asked: dict[str, Callable[[], str]] = {
        "pause": lambda: _paused(destinations.pause(destination_uuid=shown.uuid, **by)),
        "resume": lambda: _resumed(destinations.resume(destination_uuid=shown.uuid, **by)),
        "remove": lambda: _removed(destinations.remove(destination_uuid=shown.uuid, **by)),
        "retry": lambda: _retried(retry_failed(destination=shown, **by)),
        "again": lambda: _change(shown, shown.wanted_address, by),
        "keep": lambda: _change(shown, shown.address, by),
        "change": lambda: _change(shown, form.cleaned_data["address"], by),
        "backfill": lambda: backfill_pages.ask(shown, period, by),
        "stop": lambda: backfill_pages.stop(shown, request.POST.get("job", ""), by),
    }
    action = request.POST.get("action", "")
    if of_server := server_pages.act(request, shown, by):
        asked[action] = of_server
    if action not in asked:
        raise NotFound
    if (action == "change" and not form.is_valid()) or (action == "backfill" and not period.is_valid()):
        return False
    try:
        if told := asked[action]():
            messages.success(request, told)
    except (NotFound, ValueError):
        messages.warning(request, _("That had changed already."))
    except DomainError as error:
        if action == "change":
            form.add_error("address", _sentence(error))
            return False
        messages.error(request, _sentence(error))
    return not period.errors


def _paused(_changed: Any) -> str:
    return _("Paused. What comes in waits until you resume.")


def _resumed(_changed: Any) -> str:
    return _("It works again. What waited is sent now.")


def _removed(_changed: Any) -> str:
    return _("Removed. Nothing goes there any more.")


def _retried(count: int) -> str:
    return ngettext("%d document is tried again now.", "%d documents are tried again now.", count) % count


def _change(shown: Any, address: str, by: dict[str, Any]) -> str:
    changed = destinations.change_address(destination_uuid=shown.uuid, address=address, **by)
    if not changed.wanted_address:
        return _("The address stays as it is.")
    return _("A link was sent to %(address)s.") % {"address": changed.wanted_address}


def _sentence(error: DomainError) -> str:
    return when_again(error, clock.now()) if isinstance(error, TooManyMails) else str(error)


def confirm_destination(request: HttpRequest, signed: str) -> HttpResponse:
    """Let the reader of an address agree that an office's documents come there."""
    return answer_confirmation(request, signed, _NEW_DESTINATION)
