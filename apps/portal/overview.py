"""A company's own pages: am I connected, did my invoices arrive, who paid; and who acts for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounting_offices import selectors as offices
from apps.companies.selectors import contact_of, is_owner
from apps.core import clock
from apps.delivery import selectors as deliveries
from apps.delivery.account_lists import accounts_in_need
from apps.invoices import selectors as invoices
from apps.portal import company_invoices, company_movements
from apps.portal.slips import Action, Slip, slip_of_connection, slip_of_nothing, slip_of_request, subject_of_message
from apps.portal.templatetags.words import BADGES
from apps.reconciliation.selectors import list_open_totals, with_allocated
from apps.statements.selectors import list_movements
from apps.tokens import selectors as tokens
from apps.tokens.checklist import checks_of_request
from apps.users.selectors import viewer_of

NEWEST: Final = 8
# What "did my invoices arrive" looks back on.
ARRIVAL_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing that a company should do now."""

    title: str
    text: str
    action: Action


@login_required
def company(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Answer the three questions of a company, name its one next step, and show what is newest."""
    viewer, today = viewer_of(request), clock.today()
    shown, office_name = offices.get_member_company_and_office(viewer=viewer, company_uuid=company_uuid, on=today)
    asked = list(tokens.list_open_requests(company=shown).prefetch_related(None))
    requests = [(row, slip_of_request(row, company_uuid=shown.uuid)) for row in asked]
    connections = [row for row in tokens.list_connections(company=shown) if row.state != "revoked"]
    number = shown.enterprise_number
    suspended = [slip_of_connection(row, number=number) for row in connections if row.state == "suspended"]
    newest = list(with_allocated(invoices.list_invoices(company=shown))[:NEWEST])
    arrivals = deliveries.count_arrivals(company=shown, since=today - timedelta(days=ARRIVAL_DAYS))
    nothing = slip_of_nothing(number=number, has_office=bool(office_name))
    context = {
        "company": shown,
        "office_name": office_name,
        "connections": connections,
        "requests": requests,
        "slips": _slips_of_home(requests, connections, suspended, nothing),
        "next_step": _next_step(shown, requests, suspended, arrivals),
        "arrivals": arrivals,
        "arrival_days": ARRIVAL_DAYS,
        "accounts": [(row, BADGES["health"][row.code]) for row in accounts_in_need(company=shown)],
        "totals": list_open_totals(company=shown, today=today),
        "rows": company_invoices.present(newest),
        "invoice_columns": company_invoices.COLUMNS,
        "movements": company_movements.present(list(list_movements(company=shown)[:5])),
        "movement_columns": company_movements.COLUMNS,
        "today": today,
    }
    return render(request, "portal/company.html", context)


def _slips_of_home(
    requests: Sequence[tuple[Any, Slip]], connections: Sequence[Any], suspended: Sequence[Slip], nothing: Slip
) -> list[Slip]:
    """Return what explains why nothing works yet; once a software is connected, its own page tells the rest."""
    if any(row.state == "active" for row in connections):
        return []
    return [*suspended, *(slip for _row, slip in requests)] or [nothing]


def _next_step(
    company: Any, requests: Sequence[tuple[Any, Slip]], suspended: Sequence[Slip], arrivals: Any
) -> NextStep | None:
    for row, slip in requests:
        page = _request_page(company, row)
        if row.state == "token_sent":
            return NextStep(slip.action, slip.follows, Action(_("Where is the code?"), page, "primary"))
        if slip.message:
            return NextStep(
                slip.what, slip.action, Action(_("Write to %(name)s") % {"name": slip.who}, page, "primary")
            )
    if suspended:
        page = reverse("portal:company-connections", args=[company.uuid])
        first = suspended[0]
        return NextStep(first.what, first.action, Action(_("See what must happen"), page, "primary"))
    if arrivals.rejected:
        page = reverse("portal:company-invoices", args=[company.uuid]) + "?state=rejected"
        title = ngettext(
            "One invoice was refused and did not reach your accounting office",
            "%(count)s invoices were refused and did not reach your accounting office",
            arrivals.rejected,
        ) % {"count": arrivals.rejected}
        return NextStep(
            title, _("Correct them in your software and send them again."), Action(_("See why"), page, "primary")
        )
    return None


def _request_page(company: Any, request: Any) -> str:
    return reverse("portal:company-request", args=[company.uuid, request.uuid])


@login_required
def company_connections(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Show who acts for a company: every software with its state, and what an owner may do about it."""
    viewer = viewer_of(request)
    shown = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    may_change = is_owner(viewer=viewer, company=shown)
    rows = list(tokens.list_connections(company=shown))
    office = offices.office_in_force(company=shown, on=clock.today())
    context = {
        "company": shown,
        "office": office,
        "may_change": may_change,
        "connections": [(row, _connection_slip(shown, row, may_change=may_change)) for row in _standing(rows)],
        "ended": [row for row in rows if row.state == "revoked"],
        "requests": [
            (row, slip_of_request(row, company_uuid=shown.uuid)) for row in tokens.list_open_requests(company=shown)
        ],
        "nothing": slip_of_nothing(number=shown.enterprise_number, has_office=office is not None),
    }
    return render(request, "portal/company_connections.html", context)


def _standing(rows: Iterable[Any]) -> list[Any]:
    return [row for row in rows if row.state != "revoked"]


def _connection_slip(company: Any, connection: Any, *, may_change: bool) -> Slip:
    actions: list[Action] = []
    if may_change:
        pages = {
            step: reverse("portal:change-connection", args=[company.uuid, connection.uuid, step])
            for step in ("renew", "stolen", "end")
        }
        actions = [
            Action(_("What it sees of your bank"), reverse("portal:bank-access", args=[company.uuid, connection.uuid])),
            Action(_("Renew the credentials"), pages["renew"]),
            Action(_("They were stolen"), pages["stolen"]),
            Action(_("End the connection"), pages["end"], "danger"),
        ]
    return slip_of_connection(connection, number=company.enterprise_number, actions=actions)


@login_required
def company_request(request: HttpRequest, company_uuid: UUID, request_uuid: UUID) -> HttpResponse:
    """Explain an open connection request: its state, every check, and the message for whoever must act."""
    viewer = viewer_of(request)
    shown = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    asked = tokens.get_request_of(company=shown, request_uuid=request_uuid)
    context = {
        "company": shown,
        "asked": asked,
        "slip": slip_of_request(asked, company_uuid=shown.uuid),
        "checks": checks_of_request(asked),
        "contact": contact_of(company=shown),
        "subject": subject_of_message(),
    }
    return render(request, "portal/company_request.html", context)
