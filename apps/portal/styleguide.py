"""The living style sheet: every part in every state, in the reader's language. In the embedded default only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.portal.forms import NumberField
from apps.portal.parts import Entry, Figure, steps_at
from apps.portal.slips import Slip, slip_of_connection, slip_of_nothing, slip_of_request
from apps.portal.stops import Stop, list_stops, rail
from apps.portal.templatetags.icons import ICONS
from apps.portal.templatetags.words import BADGES
from apps.tokens.checklist import list_checks
from apps.tokens.rules import Check

_AT = datetime(2026, 11, 17, 9, 15, 2, tzinfo=UTC)
_NOBODY = UUID(int=0)
_NUMBER = "0162384730"


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour token: its name, the class that fills with it, what it is for."""

    name: str
    css: str
    use: str


class _Example(forms.Form):
    number = NumberField()
    email = forms.EmailField(label="E-mail")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    agreed = forms.BooleanField(label="OK")


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every part."""
    if not settings.EMBEDDED:
        raise Http404
    context = {
        "colours": _colours(),
        "icons": sorted(ICONS),
        "badges": [(kind, code) for kind, states in BADGES.items() for code in states],
        "form": _Example(),
        "wrong": _Example({"number": "0162.384.703", "email": "koen@"}),
        "slips": _slips(),
        "checks": list_checks(
            [(Check.COMPANY_KNOWN, True), (Check.COMPANY_ACTIVE, True), (Check.OFFICE_LINKED, False)], number=_NUMBER
        ),
        "ways": [(rail(stops), stops) for stops in _ways()],
        "steps": steps_at([_("File"), _("Columns"), _("Preview"), _("Done")], current=2),
        "stats": [Figure(_("Invoices"), 1412), Figure(_("On their way"), 12), Figure(_("Refused"), 3, "stop")],
        "entries": [
            Entry(_AT, "check", _("Received"), by=_("by the invoicing software")),
            Entry(_AT + timedelta(seconds=2), "check", _("Delivered"), note=_("Inbox on this site")),
        ],
        "ending": {
            "title": _("End the connection"),
            "text": _("%(software)s no longer acts for you.") % {"software": "Robaws"},
            "stays": _("What was sent and delivered stays where it is."),
        },
        "changes": [{"label": _("Total"), "was": "€ 4.693,21", "now": "€ 4.963,21"}],
        "chart": _chart(),
        "figures": [("2026-09", "18"), ("2026-10", "24"), ("2026-11", "21")],
    }
    return render(request, "portal/styleguide.html", context)


def _colours() -> list[Colour]:
    return [
        Colour("--bar", "f-bar", "frame"),
        Colour("--accent", "f-accent", "act, progress"),
        Colour("--accent-soft", "f-soft", "chosen"),
        Colour("--ok", "f-ok", "done"),
        Colour("--wait", "f-wait", "a person acts"),
        Colour("--stop", "f-stop", "refused, missing"),
        Colour("--ink", "f-ink", "text"),
        Colour("--ink-2", "f-ink2", "second text"),
        Colour("--line-strong", "f-lines", "edge of controls"),
        Colour("--line", "f-line", "hairline"),
        Colour("--sunken", "f-sunken", "day heads"),
        Colour("--paper", "f-paper", "page"),
        Colour("--surface", "f-surface", "panels"),
    ]


def _slips() -> list[Slip]:
    software = SimpleNamespace(name="Robaws")
    request: dict[str, Any] = {
        "software": software,
        "uuid": _NOBODY,
        "enterprise_number": _NUMBER,
        "state_at": _AT,
        "expires_at": _AT + timedelta(days=90),
    }
    connection = {"software": software, "activated_at": _AT, "suspended_at": _AT, "revoked_at": _AT}
    waiting = SimpleNamespace(pk=1, state="waiting", refusal_code="office_not_client", **request)
    suspended = SimpleNamespace(pk=4, state="suspended", suspension_code="no_accounting_office", **connection)
    return [
        slip_of_request(waiting, company_uuid=_NOBODY),
        slip_of_request(SimpleNamespace(pk=2, state="token_sent", refusal_code="", **request), company_uuid=_NOBODY),
        slip_of_connection(SimpleNamespace(pk=3, state="active", **connection), number=_NUMBER),
        slip_of_connection(suspended, number=_NUMBER),
        slip_of_connection(SimpleNamespace(pk=5, state="revoked", **connection), number=_NUMBER),
        slip_of_nothing(number=_NUMBER, has_office=True),
    ]


def _ways() -> Sequence[list[Stop]]:
    times = {"received_at": _AT, "accepted_at": _AT, "rejected_at": _AT}
    inbox = SimpleNamespace(state="delivered", delivered_at=_AT, fetched_at=None)
    fetched = SimpleNamespace(state="fetched", delivered_at=_AT, fetched_at=_AT)
    accepted = {"state": "accepted", **times}
    return [
        list_stops(SimpleNamespace(state="received", office_state="unseen", **times), []),
        list_stops(SimpleNamespace(state="rejected", office_state="unseen", **times), []),
        list_stops(SimpleNamespace(office_state="unseen", **accepted), [inbox]),
        list_stops(SimpleNamespace(office_state="unseen", **accepted), [fetched]),
        list_stops(SimpleNamespace(office_state="booked", **accepted), [fetched]),
    ]


def _chart() -> SafeString:
    bars = ((0, 18), (1, 24), (2, 21))
    drawn = "".join(
        f'<rect class="h3" x="{60 + 70 * x}" y="{100 - 3 * y}" width="44" height="{3 * y}"/>' for x, y in bars
    )
    return mark_safe(  # noqa: S308
        f'<svg viewBox="0 0 280 110" width="280" height="110" aria-hidden="true">{drawn}'
        '<line class="base" x1="40" y1="100" x2="270" y2="100"/></svg>'
    )
