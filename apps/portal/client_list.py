"""The list of an accounting office's clients: how far each is with connecting, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.accounting_offices import selectors as offices
from apps.core.identifiers import format_enterprise_number
from apps.invoices.selectors import last_invoice_days
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
from apps.portal.templatetags.words import Badge
from apps.tokens.refusals import refusal_body
from apps.tokens.selectors import refusal_codes

STANDINGS: Final[Mapping[str, Badge]] = {
    "refused": Badge("wait", "clock", pgettext_lazy("client", "cannot connect")),
    "waiting": Badge("busy", "half", pgettext_lazy("client", "code on its way")),
    "connected": Badge("ok", "check", pgettext_lazy("client", "connected")),
    "unasked": Badge("off", "ring", pgettext_lazy("client", "not asked yet")),
}
NO_ADDRESS: Final = Badge("stop", "stop", pgettext_lazy("e-mail address", "missing"))
ADDRESSES: Final[Mapping[str, Badge]] = {
    "on_file": Badge("off", "ring", pgettext_lazy("e-mail address", "on file")),
    "verified": Badge("ok", "check", pgettext_lazy("e-mail address", "confirmed")),
    "bounced": Badge("stop", "stop", pgettext_lazy("e-mail address", "bounces")),
    "complained": Badge("wait", "pause", pgettext_lazy("e-mail address", "refused by recipient")),
}


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client as its office sees it."""

    link: Any
    last_invoice_on: date | None
    refusal_code: str

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.link.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return str(self.link.company_name)

    @property
    def standing(self) -> Badge:
        """Return how far it is with connecting."""
        return STANDINGS[self.link.standing]

    @property
    def reason(self) -> str:
        """Return why it cannot connect, in a few words."""
        if not self.refusal_code:
            return ""
        return str(refusal_body(self.refusal_code, number=self.number)["title"])

    @property
    def number(self) -> str:
        """Return its enterprise number as people write it."""
        return format_enterprise_number(self.link.company_number)

    @property
    def address(self) -> Badge:
        """Return what is known of its e-mail address."""
        contact = getattr(self.link.company, "contact_email", None)
        return ADDRESSES[contact.state] if contact else NO_ADDRESS


def declare(
    office: Any, *, today: date, further_counts: Mapping[str, QuerySet[Any]] | None = None
) -> ListDeclaration[Any]:
    """Return the clients of an office as a list."""
    return ListDeclaration(
        name=gettext_lazy("Clients"),
        rows=offices.list_clients(office=office, on=today),
        sorts=(
            Sort("name", gettext_lazy("By name"), Order("company_name", is_descending=False)),
            Sort("code", gettext_lazy("By client code"), Order("client_code", is_descending=False)),
            Sort("newest", gettext_lazy("Newest first"), Order()),
        ),
        columns=COLUMNS,
        row_template="portal/parts/client_row.html",
        present=lambda links: present(office, links),
        search=Search(gettext_lazy("Name, number or client code"), offices.search_clients),
        filters=FILTERS,
        tabs=TABS,
        exported=EXPORTED,
        further_counts=further_counts or {},
        nothing=Nothing(
            gettext_lazy("No clients yet."),
            gettext_lazy("Claim one below, or send us your list."),
            f"{reverse('portal:clients', args=[office.uuid])}#claim",
            gettext_lazy("Claim a client"),
        ),
    )


def present(office: Any, links: Sequence[Any]) -> list[ClientRow]:
    """Return client links as rows, with two queries."""
    company_ids = {link.company_id for link in links}
    days = last_invoice_days(office=office, company_ids=company_ids)
    codes = refusal_codes({link.company_id for link in links if link.standing == "refused"})
    return [ClientRow(link, days.get(link.company_id), codes.get(link.company_id, "")) for link in links]


FILTERS: Final = (
    ChoiceFilter(
        "connection",
        gettext_lazy("Connection"),
        {code: badge.word for code, badge in STANDINGS.items()},
        lambda code: Q(standing=code),
    ),
    ChoiceFilter(
        "address",
        gettext_lazy("E-mail address"),
        {"missing": NO_ADDRESS.word},
        lambda _code: Q(has_address=False),
    ),
)
TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(pgettext_lazy("clients", "Cannot connect"), {"connection": "refused"}),
    Tab(pgettext_lazy("clients", "Code on its way"), {"connection": "waiting"}),
    Tab(pgettext_lazy("clients", "Connected"), {"connection": "connected"}),
    Tab(gettext_lazy("Without an e-mail address"), {"address": "missing"}),
)
COLUMNS: Final = (
    Column(gettext_lazy("Client code")),
    Column(gettext_lazy("Company")),
    Column(gettext_lazy("Number")),
    Column(gettext_lazy("Connection")),
    Column(gettext_lazy("E-mail address")),
    Column(gettext_lazy("Books"), "only-wide"),
    Column(gettext_lazy("Last invoice"), "num"),
)
EXPORTED: Final = (
    ExportColumn(gettext_lazy("Client code"), lambda row: row.link.client_code),
    ExportColumn(gettext_lazy("Company"), lambda row: row.link.company_name),
    ExportColumn(gettext_lazy("Enterprise number"), lambda row: row.number),
    ExportColumn(gettext_lazy("Connection"), lambda row: str(row.standing.word)),
    ExportColumn(gettext_lazy("Reason"), lambda row: row.reason),
    ExportColumn(gettext_lazy("E-mail address"), lambda row: str(row.address.word)),
    ExportColumn(gettext_lazy("Last invoice"), lambda row: row.last_invoice_on),
    ExportColumn(gettext_lazy("Books closed until"), lambda row: row.link.closed_until),
    ExportColumn(gettext_lazy("From"), lambda row: row.link.starts_on),
    ExportColumn(gettext_lazy("Until"), lambda row: row.link.ends_on),
)
