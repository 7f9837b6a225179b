"""Whom a software acts for, and what it asked for, as lists for its maker."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.core import clock
from apps.core.identifiers import format_enterprise_number
from apps.portal.lists.answers import answer
from apps.portal.lists.declaration import (
    ChoiceFilter,
    Column,
    ExportColumn,
    ListDeclaration,
    Nothing,
    Search,
    Sort,
    Tab,
)
from apps.portal.lists.keyset import Order
from apps.portal.templatetags.words import BADGES
from apps.tokens import vendors
from apps.tokens.refusals import REFUSALS
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection as the maker of the software sees it; who ended it is known by the number only."""

    connection: Any

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.connection.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return format_enterprise_number(self.connection.company.enterprise_number)

    @property
    def name(self) -> str:
        """Return the company's name, while the software acts for it."""
        return "" if self.connection.state == "revoked" else str(self.connection.company.name)

    @property
    def since(self) -> datetime:
        """Return since when it is as it is."""
        told = {"revoked": self.connection.revoked_at, "suspended": self.connection.suspended_at}
        instant: datetime = told.get(self.connection.state, self.connection.activated_at)
        return instant


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request as the maker of the software sees it."""

    request: Any

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.request.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return format_enterprise_number(self.request.enterprise_number)

    @property
    def reason(self) -> str:
        """Return why it waits, in a few words; blank when it does not."""
        code = self.request.refusal_code
        return str(REFUSALS[code].title) if code in REFUSALS else str(code)


def connection_rows(rows: Iterable[Any]) -> list[ConnectionRow]:
    """Return connections as rows."""
    return [ConnectionRow(row) for row in rows]


def request_rows(rows: Iterable[Any]) -> list[RequestRow]:
    """Return requests as rows."""
    return [RequestRow(row) for row in rows]


@login_required
def vendor_connections(request: HttpRequest, vendor_uuid: UUID, software_uuid: UUID) -> HttpResponseBase:
    """List the companies that a software acts for, or did."""
    context = _place(request, vendor_uuid, software_uuid)
    declaration: ListDeclaration[Any] = ListDeclaration(
        name=gettext_lazy("Connections"),
        rows=vendors.list_connections_of(software=context["shown"]),
        sorts=(NEWEST,),
        columns=(Column(gettext_lazy("Company")), Column(gettext_lazy("State")), Column(gettext_lazy("Since"))),
        row_template="portal/parts/vendor_connection_row.html",
        present=connection_rows,
        search=Search(gettext_lazy("Enterprise number"), vendors.find_connections),
        filters=(_states("connection"),),
        tabs=CONNECTION_TABS,
        exported=CONNECTIONS_EXPORTED,
        nothing=Nothing(
            gettext_lazy("It acts for no company yet."),
            gettext_lazy("A company stands here once it has given its code to your software."),
        ),
        table_class="table table--static",
        heading="h1",
    )
    return answer(request, declaration, template=TEMPLATE, context=context, now=clock.now())


@login_required
def vendor_requests(request: HttpRequest, vendor_uuid: UUID, software_uuid: UUID) -> HttpResponseBase:
    """List what a software asked for, and what became of it."""
    context = _place(request, vendor_uuid, software_uuid)
    declaration: ListDeclaration[Any] = ListDeclaration(
        name=gettext_lazy("Requests"),
        rows=vendors.list_requests_of(software=context["shown"]),
        sorts=(NEWEST,),
        columns=(
            Column(gettext_lazy("Enterprise number")),
            Column(gettext_lazy("State")),
            Column(gettext_lazy("Reason")),
            Column(gettext_lazy("Since")),
        ),
        row_template="portal/parts/vendor_request_row.html",
        present=request_rows,
        search=Search(gettext_lazy("Enterprise number"), vendors.find_requests),
        filters=(_states("request"),),
        tabs=REQUEST_TABS,
        exported=REQUESTS_EXPORTED,
        nothing=Nothing(
            gettext_lazy("It has asked for no connection yet."),
            gettext_lazy("Each request of your software stands here, with the reason while it waits."),
        ),
        table_class="table table--static",
    )
    return answer(request, declaration, template=TEMPLATE, context=context, now=clock.now())


def _place(request: HttpRequest, vendor_uuid: UUID, software_uuid: UUID) -> dict[str, Any]:
    maker, shown = vendors.get_visible_software(
        viewer=viewer_of(request), vendor_uuid=vendor_uuid, software_uuid=software_uuid
    )
    return {"vendor": maker, "shown": shown}


def _states(kind: str) -> ChoiceFilter:
    """Return the filter by the states of a connection or a request."""
    words = {state: badge.word for state, badge in BADGES[kind].items()}
    return ChoiceFilter("state", gettext_lazy("State"), words, lambda state: Q(state=state))


TEMPLATE: Final = "portal/vendor_list.html"
NEWEST: Final = Sort("newest", gettext_lazy("Newest first"), Order())
CONNECTION_TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(pgettext_lazy("connections", "Active"), {"state": "active"}),
    Tab(pgettext_lazy("connections", "Suspended"), {"state": "suspended"}),
    Tab(pgettext_lazy("connections", "Ended"), {"state": "revoked"}),
)
REQUEST_TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(gettext_lazy("Waiting"), {"state": "waiting"}),
    Tab(pgettext_lazy("requests", "Code sent"), {"state": "token_sent"}),
    Tab(pgettext_lazy("requests", "Activated"), {"state": "activated"}),
)
CONNECTIONS_EXPORTED: Final = (
    ExportColumn(gettext_lazy("Enterprise number"), lambda row: row.label),
    ExportColumn(gettext_lazy("Company"), lambda row: row.name),
    ExportColumn(gettext_lazy("State"), lambda row: str(BADGES["connection"][row.connection.state].word)),
    ExportColumn(gettext_lazy("Since"), lambda row: clock.brussels_day(row.since)),
)
REQUESTS_EXPORTED: Final = (
    ExportColumn(gettext_lazy("Enterprise number"), lambda row: row.label),
    ExportColumn(gettext_lazy("State"), lambda row: str(BADGES["request"][row.request.state].word)),
    ExportColumn(gettext_lazy("Reason"), lambda row: row.reason),
    ExportColumn(gettext_lazy("Since"), lambda row: clock.brussels_day(row.request.state_at)),
)
