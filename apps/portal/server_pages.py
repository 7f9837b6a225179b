"""A server that takes an office's files: adding it, changing its account, and what its own buttons do."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounting_offices.selectors import get_visible_office
from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.delivery import overviews, servers
from apps.portal.destination_forms import ServerChangeForm, ServerForm
from apps.users.selectors import viewer_of


@login_required
def add_server(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Take a server to which an office's documents shall go, and ask it for its key."""
    viewer, now = viewer_of(request), clock.now()
    office = get_visible_office(viewer=viewer, office_uuid=office_uuid)
    form = ServerForm(request.POST if request.method == "POST" else None, office=office, on=clock.today())
    if form.is_valid():
        filled_in = form.cleaned_data
        server = servers.Server(
            **{name: filled_in[name] for name in ("host", "port", "username", "folder", "password")}
        )
        actor = f"user:{viewer.uuid}"
        try:
            added = servers.add_server(office=office, company=filled_in["client"], server=server, actor=actor, now=now)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            _tell(request, servers.look_at_key(destination_uuid=added.uuid), "")
            return redirect("portal:destination", office_uuid, added.uuid)
    return render(request, "portal/server_form.html", {"office": office, "form": form})


@login_required
def change_server(request: HttpRequest, office_uuid: UUID, destination_uuid: UUID) -> HttpResponse:
    """Take another account or folder on a server."""
    viewer = viewer_of(request)
    health = overviews.get_destination(viewer=viewer, office_uuid=office_uuid, destination_uuid=destination_uuid)
    shown = health.destination
    if shown.channel != "sftp" or shown.state == "removed":
        raise NotFound
    present = {"username": shown.username, "folder": shown.folder, "keeps": True}
    form = ServerChangeForm(request.POST if request.method == "POST" else None, initial=present)
    if form.is_valid():
        servers.change_server(
            destination_uuid=shown.uuid,
            username=form.cleaned_data["username"],
            folder=form.cleaned_data["folder"],
            password=None if form.cleaned_data["keeps"] else form.cleaned_data["password"],
            actor=f"user:{viewer.uuid}",
            now=clock.now(),
        )
        messages.success(request, _("Changed. Try it, to see that it works."))
        return redirect("portal:destination", office_uuid, shown.uuid)
    return render(request, "portal/server_form.html", {"office": shown.office, "form": form, "shown": shown})


def act(request: HttpRequest, shown: Any, by: dict[str, Any]) -> Callable[[], str] | None:
    """Return what a button of a server does, or nothing for another button. It tells by itself what went wrong."""
    if shown.channel != "sftp":
        return None
    asked: dict[str, Callable[[], str]] = {
        "look": lambda: _tell(request, servers.look_at_key(destination_uuid=shown.uuid), _("This is its key now.")),
        "try": lambda: _tell(
            request,
            servers.try_server(destination_uuid=shown.uuid),
            _("It works: we logged in, wrote a small file and deleted it."),
        ),
        "confirm": lambda: _confirm(shown, request.POST.get("fingerprint", ""), by),
    }
    return asked.get(request.POST.get("action", ""))


def _confirm(shown: Any, fingerprint: str, by: dict[str, Any]) -> str:
    servers.confirm_key(destination_uuid=shown.uuid, fingerprint=fingerprint, **by)
    return _("The key is confirmed. Documents go to this server from now on.")


def _tell(request: HttpRequest, trial: servers.Trial, good: str) -> str:
    """Return the good news, or show the bad ones and return nothing."""
    if not trial.sentence:
        return good
    said = f" ({trial.answer})" if trial.answer else ""
    messages.error(request, f"{trial.sentence}{said}")
    return ""
