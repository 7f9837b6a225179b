"""What an owner does with a software that acts for the company: renew its credentials, report a theft, end it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.core.identifiers import format_enterprise_number
from apps.portal.templatetags.portal import instant
from apps.tokens.limits import Throttled
from apps.tokens.refusals import refusal_body
from apps.tokens.selectors import get_owned_connection
from apps.tokens.services.checking import RequestOutcome
from apps.tokens.services.connections import revoke_connection
from apps.tokens.services.rotation import rotate_credentials
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class Step:
    """What a page asks to confirm; each text may name %(software)s."""

    title: Promise
    what: Promise
    stays: Promise
    button: Promise
    is_ending: bool = False


STEPS: Final[dict[str, Step]] = {
    "renew": Step(
        gettext_lazy("Renew the credentials of %(software)s?"),
        gettext_lazy(
            "A code is sent to the e-mail address on file. Paste it in %(software)s, which then gets new credentials."
        ),
        gettext_lazy("The present credentials work until the code is used, and 24 hours longer. Nothing is lost."),
        gettext_lazy("Send the code"),
    ),
    "stolen": Step(
        gettext_lazy("Were the credentials of %(software)s stolen?"),
        gettext_lazy(
            "They stop working at once, and %(software)s with them. A code is sent to the e-mail address on file; "
            "paste it in %(software)s to go on."
        ),
        gettext_lazy("What was sent and delivered stays where it is."),
        gettext_lazy("Block them and send the code"),
        is_ending=True,
    ),
    "end": Step(
        gettext_lazy("End the connection with %(software)s?"),
        gettext_lazy(
            "%(software)s can no longer send invoices to your accounting office nor read your bank transactions here."
        ),
        gettext_lazy("What was sent and delivered stays where it is. You can connect again with a new code."),
        gettext_lazy("End the connection"),
        is_ending=True,
    ),
}


@login_required
def change_connection(request: HttpRequest, company_uuid: UUID, connection_uuid: UUID, step: str) -> HttpResponse:
    """Ask an owner to confirm, then do it."""
    if step not in STEPS:
        raise Http404
    viewer = viewer_of(request)
    connection = get_owned_connection(viewer=viewer, company_uuid=company_uuid, connection_uuid=connection_uuid)
    if request.method != "POST":
        return render(request, "portal/change_connection.html", _texts(STEPS[step], connection))
    actor, now = f"user:{viewer.uuid}", clock.now()
    if step == "end":
        revoke_connection(connection_uuid=connection.uuid, actor=actor, now=now)
        messages.success(request, _("%(software)s no longer acts for you.") % {"software": connection.software.name})
    else:
        _renew(request, connection_uuid, is_stolen=step == "stolen", actor=actor, now=now)
    return redirect("portal:company-connections", company_uuid)


def _texts(step: Step, connection: Any) -> dict[str, Any]:
    names = {"software": connection.software.name}
    texts = {name: str(getattr(step, name)) % names for name in ("title", "what", "stays", "button")}
    return {"company": connection.company, "connection": connection, "is_ending": step.is_ending, **texts}


def _renew(request: HttpRequest, connection_uuid: UUID, *, is_stolen: bool, actor: str, now: datetime) -> None:
    try:
        outcome = rotate_credentials(connection_uuid=connection_uuid, is_stolen=is_stolen, actor=actor, now=now)
    except Throttled as error:
        again_at = now + timedelta(seconds=error.params["retry_after"])
        messages.error(
            request, _("A code was asked for too often. Ask again after %(at)s.") % {"at": instant(again_at)}
        )
        return
    _tell(request, outcome, is_stolen=is_stolen)


def _tell(request: HttpRequest, outcome: RequestOutcome, *, is_stolen: bool) -> None:
    if is_stolen:
        messages.success(request, _("The credentials no longer work."))
    if outcome.token:
        messages.success(request, _("A code is on its way to the e-mail address on file."))
        return
    number = format_enterprise_number(outcome.request.enterprise_number)
    messages.warning(request, refusal_body(outcome.refusal_code, number=number)["detail"])
