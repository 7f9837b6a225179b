"""Where the software of a maker is told what happens: its endpoints, and what each was told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.portal.lists.answers import answer
from apps.portal.lists.declaration import ChoiceFilter, Column, ListDeclaration, Nothing, Sort, Tab
from apps.portal.lists.keyset import Order
from apps.portal.periods import midnight
from apps.portal.private import render_private
from apps.portal.webhook_forms import EndpointForm, NewEndpointForm, ReplayForm
from apps.tokens.vendors import get_software_of, get_visible_vendor, list_software_of
from apps.users.selectors import viewer_of
from apps.webhooks import selectors, services
from apps.webhooks.rules import TEST, Topic

ATTEMPTS_SHOWN: Final = 50
_COLUMNS: Final = (
    Column(gettext_lazy("Happened")),
    Column(gettext_lazy("Event")),
    Column(gettext_lazy("State")),
    Column(gettext_lazy("Last answer")),
)
_TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(gettext_lazy("Waiting"), {"state": "pending"}),
    Tab(gettext_lazy("Given up"), {"state": "failed"}),
)
_STATES: Final = {
    "pending": gettext_lazy("Waiting"),
    "delivered": gettext_lazy("Arrived"),
    "failed": gettext_lazy("Given up"),
}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as the log shows it, with its last attempt."""

    message: Any
    attempt: Any

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.message.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return str(self.message.topic)


@login_required
def webhooks(request: HttpRequest, vendor_uuid: UUID) -> HttpResponse:
    """Show a maker where its software is told what happens."""
    vendor = get_visible_vendor(viewer=viewer_of(request), vendor_uuid=vendor_uuid)
    context = {"vendor": vendor, "healths": selectors.list_endpoints(vendor=vendor)}
    return render_private(request, "portal/webhooks.html", context)


@login_required
def add_endpoint(request: HttpRequest, vendor_uuid: UUID) -> HttpResponse:
    """Take an address; the answer shows its secret, this once."""
    viewer = viewer_of(request)
    vendor = get_visible_vendor(viewer=viewer, vendor_uuid=vendor_uuid)
    form = NewEndpointForm(
        request.POST if request.method == "POST" else None, softwares=list_software_of(vendor=vendor)
    )
    if form.is_valid():
        try:
            made = services.add_endpoint(
                software=get_software_of(vendor=vendor, software_uuid=UUID(form.cleaned_data["software"])),
                url=form.cleaned_data["url"],
                topics=form.cleaned_data["topics"],
                actor=f"user:{viewer.uuid}",
                now=clock.now(),
            )
        except DomainError as error:
            form.add_error("url" if isinstance(error, services.AddressNotUsable) else None, str(error))
        else:
            return _show_secret(request, vendor, made, is_new=True)
    return render_private(request, "portal/endpoint_form.html", {"vendor": vendor, "form": form})


@login_required
def change_endpoint(request: HttpRequest, vendor_uuid: UUID, endpoint_uuid: UUID) -> HttpResponse:
    """Take another address, or other events."""
    viewer = viewer_of(request)
    shown = selectors.get_endpoint(viewer=viewer, vendor_uuid=vendor_uuid, endpoint_uuid=endpoint_uuid).endpoint
    form = EndpointForm(
        request.POST if request.method == "POST" else None, initial={"url": shown.url, "topics": shown.topics}
    )
    if form.is_valid():
        try:
            services.change_endpoint(
                endpoint_uuid=endpoint_uuid, actor=f"user:{viewer.uuid}", now=clock.now(), **form.cleaned_data
            )
        except DomainError as error:
            form.add_error("url", str(error))
        else:
            messages.success(request, _("Changed. What waits goes to this address now."))
            return redirect("portal:endpoint", vendor_uuid, endpoint_uuid)
    context = {"vendor": shown.software.vendor, "shown": shown, "form": form}
    return render_private(request, "portal/endpoint_form.html", context)


@login_required
def endpoint(request: HttpRequest, vendor_uuid: UUID, endpoint_uuid: UUID) -> HttpResponseBase:
    """Show an endpoint with what it was told; do with it what a button says."""
    viewer, now = viewer_of(request), clock.now()
    health = selectors.get_endpoint(viewer=viewer, vendor_uuid=vendor_uuid, endpoint_uuid=endpoint_uuid)
    asked = request.POST if request.POST.get("action") == "replay" else None
    today = clock.today()
    form = ReplayForm(asked, initial={"first": today - timedelta(days=1), "last": today})
    by: dict[str, Any] = {"endpoint_uuid": endpoint_uuid, "actor": f"user:{viewer.uuid}", "now": now}
    if request.POST.get("action") == "rotate":
        made = services.rotate_secret(**by)
        return _show_secret(request, health.endpoint.software.vendor, made, is_new=False)
    if request.method == "POST" and _act(request, form, by):
        return redirect("portal:endpoint", vendor_uuid, endpoint_uuid)
    context = {
        "vendor": health.endpoint.software.vendor,
        "health": health,
        "shown": health.endpoint,
        "form": form,
    }
    return answer(request, _log(health.endpoint), template="portal/endpoint.html", context=context, now=now)


@login_required
def message(request: HttpRequest, vendor_uuid: UUID, endpoint_uuid: UUID, message_uuid: UUID) -> HttpResponse:
    """Show what was sent, and what was answered each time; send it again when the button says so."""
    viewer = viewer_of(request)
    shown = selectors.get_endpoint(viewer=viewer, vendor_uuid=vendor_uuid, endpoint_uuid=endpoint_uuid).endpoint
    found = selectors.get_message(endpoint=shown, message_uuid=message_uuid)
    if request.method == "POST":
        try:
            services.replay_message(
                endpoint_uuid=endpoint_uuid, message_uuid=message_uuid, actor=f"user:{viewer.uuid}", now=clock.now()
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("It is sent again within seconds."))
        return redirect("portal:webhook-message", vendor_uuid, endpoint_uuid, message_uuid)
    context = {
        "vendor": shown.software.vendor,
        "shown": shown,
        "message": found,
        "attempts": selectors.list_attempts(message=found, newest=ATTEMPTS_SHOWN),
    }
    return render_private(request, "portal/webhook_message.html", context)


def _show_secret(request: HttpRequest, vendor: Any, made: services.NewSecret, *, is_new: bool) -> HttpResponse:
    """Show a secret in the answer itself: it lies in no session, and a page that is loaded again has it no more."""
    context = {"vendor": vendor, "shown": made.endpoint, "secret": made.secret, "is_new": is_new}
    return render_private(request, "portal/endpoint_secret.html", context)


def _act(request: HttpRequest, form: ReplayForm, by: dict[str, Any]) -> bool:
    """Do what the pressed button names; returns False when the form is shown again with its errors."""
    asked: dict[str, Callable[[], str]] = {
        "pause": lambda: _said(services.pause(**by), _("Paused. What happens waits until you resume.")),
        "resume": lambda: _said(services.resume(**by), _("It works again. What waited is sent now.")),
        "off": lambda: _said(services.switch_off(**by), _("Switched off. It is told nothing any more.")),
        "test": lambda: _said(services.send_test(**by), _("A test message is sent within seconds.")),
        "replay": lambda: _replay(form, by),
    }
    action = request.POST.get("action", "")
    if action not in asked:
        raise NotFound
    if action == "replay" and not form.is_valid():
        return False
    try:
        messages.success(request, asked[action]())
    except DomainError as error:
        messages.error(request, str(error))
    return True


def _said(_changed: object, sentence: str) -> str:
    return sentence


def _replay(form: ReplayForm, by: dict[str, Any]) -> str:
    count = services.replay_period(
        since=midnight(form.cleaned_data["first"]),
        until=midnight(form.cleaned_data["last"] + timedelta(days=1)),
        is_failed_only=form.cleaned_data["which"] == "failed",
        **by,
    )
    return ngettext("%d message is sent again.", "%d messages are sent again.", count) % count


def _log(shown: Any) -> ListDeclaration[Any]:
    topics = {topic.value: topic.value for topic in Topic} | {TEST: TEST}
    return ListDeclaration(
        name=gettext_lazy("Messages"),
        heading="h2",
        rows=selectors.list_messages(endpoint=shown),
        sorts=(Sort("newest", gettext_lazy("Newest first"), Order("id")),),
        columns=_COLUMNS,
        row_template="portal/parts/message_row.html",
        present=_present,
        filters=(
            ChoiceFilter("state", gettext_lazy("State"), _STATES, lambda code: Q(state=code)),
            ChoiceFilter("topic", gettext_lazy("Event"), topics, lambda code: Q(topic=code)),
        ),
        tabs=_TABS,
        nothing=Nothing(
            gettext_lazy("Nothing was told yet"),
            gettext_lazy("Messages appear here as soon as something happens. Send a test message to try it."),
        ),
    )


def _present(rows: Any) -> list[MessageRow]:
    last = selectors.last_statuses(rows)
    return [MessageRow(row, last.get(row.pk)) for row in rows]
