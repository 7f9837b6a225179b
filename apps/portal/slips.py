"""States that explain themselves: what, since when, why, who acts, what must happen, until when, what follows.

One shape for every page. What is refused is told by the same data as the API's (`apps.tokens.refusals`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.display import day
from apps.core.identifiers import format_enterprise_number
from apps.portal.templatetags.portal import date_of
from apps.tokens.refusals import REFUSALS, refusal_body


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do about a state: a page to go to, or a form to send. `kind` is primary, danger or plain."""

    label: str
    url: str
    kind: str = ""
    is_post: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A state with everything that its reader may ask."""

    id: str
    tone: str
    glyph: str
    what: str
    why: str
    who: str
    action: str
    follows: str
    since: datetime | None = None
    until: datetime | None = None
    who_email: str = ""
    message: str = ""
    actions: Sequence[Action] = ()


def slip_of_request(request: Any, *, company_uuid: UUID) -> Slip:
    """Return the slip of an open connection request (its software joined)."""
    return _refused(request, company_uuid) if request.refusal_code else _under_way(request, company_uuid)


def _refused(request: Any, company_uuid: UUID) -> Slip:
    refusal = refusal_body(request.refusal_code, number=format_enterprise_number(request.enterprise_number))
    is_ours = refusal["actor"] == "us"
    return Slip(
        id=f"request-{request.pk}",
        tone="busy" if is_ours else "wait",
        glyph="half" if is_ours else "clock",
        what=_("Waiting to connect %(software)s: %(title)s")
        % {"software": request.software.name, "title": refusal["title"][:1].lower() + refusal["title"][1:]},
        since=request.state_at,
        why=refusal["cause"],
        who=refusal["contact"]["name"],
        who_email=refusal["contact"].get("email", ""),
        action=refusal["remedy"],
        until=request.expires_at,
        follows=_("The code is then sent to the e-mail address on file, by itself."),
        message="" if is_ours else refusal["message"],
        actions=_request_actions(request, company_uuid, _("Check again now")),
    )


def _under_way(request: Any, company_uuid: UUID) -> Slip:
    software = {"software": request.software.name}
    is_sent = request.state == "token_sent"
    return Slip(
        id=f"request-{request.pk}",
        tone="busy",
        glyph="half",
        what=(_("The code for %(software)s was sent") if is_sent else _("The code for %(software)s is being sent"))
        % software,
        since=request.state_at,
        why=_("All checks passed. The code goes to the e-mail address on file, where only your company reads it."),
        who=_("Your company") if is_sent else _("Nobody: it goes on by itself"),
        action=(
            _("Paste the code from the e-mail in %(software)s.") % software if is_sent else _("You need to do nothing.")
        ),
        until=request.expires_at,
        follows=_("Your invoices then reach your accounting office, and payments come back to %(software)s.")
        % software,
        actions=_request_actions(request, company_uuid, _("Send a new code")),
    )


def _request_actions(request: Any, company_uuid: UUID, again: str) -> list[Action]:
    place = [company_uuid, request.uuid]
    return [
        Action(again, reverse("portal:send-code", args=place), is_post=True),
        Action(_("Withdraw the request"), reverse("portal:withdraw-request", args=place), "quiet", is_post=True),
    ]


def slip_of_connection(connection: Any, *, number: str, actions: Sequence[Action] = ()) -> Slip:
    """Return the slip of a connection that is active, suspended or ended; `number` is ten digits."""
    software = {"software": connection.software.name}
    if connection.state == "suspended":
        return _suspended(connection, format_enterprise_number(number), actions)
    if connection.state == "revoked":
        return Slip(
            id=f"connection-{connection.pk}",
            tone="off",
            glyph="dash",
            what=_("%(software)s no longer acts for you") % software,
            since=connection.revoked_at,
            why=_("The connection was ended."),
            who=_("Nobody"),
            action=_("You need to do nothing. To connect again, ask for it in %(software)s.") % software,
            follows=_("What was sent and delivered stays where it is."),
            actions=actions,
        )
    return Slip(
        id=f"connection-{connection.pk}",
        tone="ok",
        glyph="check",
        what=_("Connected with %(software)s since %(day)s")
        % {**software, "day": day(date_of(connection.activated_at))},
        since=connection.activated_at,
        why=_("%(software)s used the code that was sent to your company.") % software,
        who=_("Nobody: it goes on by itself"),
        action=_("You need to do nothing."),
        follows=_("Every invoice from %(software)s reaches your accounting office; payments come back to it.")
        % software,
        actions=actions,
    )


def _suspended(connection: Any, number: str, actions: Sequence[Action]) -> Slip:
    code = connection.suspension_code
    refusal = refusal_body(code if code in REFUSALS else "connection_suspended", number=number)
    return Slip(
        id=f"connection-{connection.pk}",
        tone="wait",
        glyph="pause",
        what=_("The connection with %(software)s is suspended") % {"software": connection.software.name},
        since=connection.suspended_at,
        why=refusal["cause"],
        who=refusal["contact"]["name"],
        action=refusal["remedy"],
        follows=_("Then sending invoices works again, by itself. What was delivered stays readable."),
        message=refusal["message"],
        actions=actions,
    )


def slip_of_nothing(*, number: str, has_office: bool) -> Slip:
    """Return the slip of a company that asked for no connection yet: an accounting office comes first."""
    if not has_office:
        refusal = refusal_body("no_accounting_office", number=format_enterprise_number(number))
        return Slip(
            id="connection-none",
            tone="wait",
            glyph="clock",
            what=_("Not connected with invoicing software yet"),
            why=refusal["cause"],
            who=refusal["contact"]["name"],
            action=refusal["remedy"],
            follows=_("Ask for the connection in your invoicing software, with your enterprise number."),
        )
    return Slip(
        id="connection-none",
        tone="off",
        glyph="ring",
        what=_("Not connected with invoicing software yet"),
        why=_("No invoicing software has asked to act for your company."),
        who=_("Your company"),
        action=_("Ask for the connection in your invoicing software, with your enterprise number."),
        follows=_("A code is sent to the e-mail address on file. Paste it in your software."),
        actions=[Action(_("How, for each software"), reverse("portal:software-list"))],
    )


def subject_of_message() -> str:
    """Return the subject of a message that is ready to send."""
    return _("Connecting our invoicing software through %(site)s") % {"site": settings.SITE_NAME}
