"""The inbox of an accounting office: the invoices it received, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.clock import brussels_day
from apps.core.identifiers import format_enterprise_number
from apps.delivery import selectors as deliveries
from apps.delivery.preparing import Place
from apps.delivery.rules import Channel
from apps.delivery.services import fetch_invoice
from apps.invoices.selectors import search_invoices
from apps.invoices.services.bookings import book_invoices
from apps.portal.amounts import read_amount
from apps.portal.lists.answers import answer
from apps.portal.lists.archives import archive_actions
from apps.portal.lists.bulk import sums_text
from apps.portal.lists.declaration import (
    BulkAction,
    ChoiceFilter,
    Column,
    ExportColumn,
    Found,
    ListDeclaration,
    Nothing,
    Search,
    Sort,
    Tab,
    TextFilter,
)
from apps.portal.lists.keyset import Order
from apps.portal.lists.words import in_digits
from apps.portal.periods import PERIODS, midnight, within
from apps.portal.stops import Rail, rail_of_delivered
from apps.portal.templatetags.words import BADGES, WORDS
from apps.reconciliation.selectors import list_open_amounts
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An invoice as an inbox shows it. The amount of a credit note is what it takes off."""

    invoice: Any
    client_code: str
    open_amount: Decimal
    rail: Rail

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.invoice.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return str(self.invoice.number)

    @property
    def currency(self) -> str:
        """Return the currency of its amounts."""
        return str(self.invoice.currency)

    @property
    def amount(self) -> Decimal:
        """Return its total."""
        return self.signed(self.invoice.total_amount)

    @property
    def day(self) -> date:
        """Return the day on which it came."""
        return brussels_day(self.invoice.delivered_at)

    @property
    def is_new(self) -> bool:
        """Tell whether nobody opened it yet."""
        return self.invoice.opened_at is None

    def signed(self, amount: Decimal) -> Decimal:
        """Return an amount as what it adds to a sum."""
        return -amount if self.invoice.document_type == "credit_note" else amount


@login_required
def inbox(request: HttpRequest, office_uuid: UUID) -> HttpResponseBase:
    """Show an accounting office the invoices it received; mark the chosen ones as booked."""
    viewer, now = viewer_of(request), clock.now()
    office = offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
    declaration = declare(office, actor=f"user:{viewer.uuid}", now=now)
    return answer(request, declaration, template="portal/inbox.html", context={"office": office}, now=now)


def declare(office: Any, *, actor: str, now: datetime) -> ListDeclaration[Any]:
    """Return the inbox of an office as a list."""
    return ListDeclaration(
        name=gettext_lazy("Inbox"),
        rows=deliveries.list_inbox(office=office),
        sorts=(
            Sort("received", gettext_lazy("Newest first"), Order("delivered_at"), has_days=True),
            Sort("amount", gettext_lazy("Highest amount first"), Order("total_amount")),
        ),
        columns=COLUMNS,
        table_class="inbox",
        row_template="portal/parts/inbox_row.html",
        present=lambda invoices: present(office, invoices),
        search=Search(
            gettext_lazy("Number, customer, amount or text"),
            lambda invoices, text: search_invoices(invoices, text, read_amount(text)),
        ),
        filters=_filters(office, brussels_day(now)),
        tabs=TABS,
        exported=EXPORTED,
        actions=(
            BulkAction("book", gettext_lazy("Mark as booked"), lambda rows: _book(office, rows, actor=actor, now=now)),
            *archive_actions(Place(office=office), actor=actor, now=now, on_read=lambda row: _fetch(row, actor, now)),
        ),
        nothing=Nothing(
            gettext_lazy("Nothing received yet."),
            gettext_lazy("Invoices of your clients come here as soon as their software sends them."),
        ),
    )


def present(office: Any, invoices: Sequence[Any]) -> list[InboxRow]:
    """Return invoices as rows, with three queries."""
    open_amounts = list_open_amounts(invoices)
    codes = offices.client_codes(office=office, company_ids={invoice.company_id for invoice in invoices})
    fetched = deliveries.fetched_invoices([invoice.pk for invoice in invoices])
    return [
        InboxRow(
            invoice,
            codes.get(invoice.company_id, ""),
            open_amounts[invoice.pk],
            rail_of_delivered(office_state=invoice.office_state, is_fetched=invoice.pk in fetched),
        )
        for invoice in invoices
    ]


def _filters(office: Any, today: date) -> tuple[ChoiceFilter | TextFilter, ...]:
    return (
        ChoiceFilter(
            "received", gettext_lazy("Received"), PERIODS, within("delivered_at", today=today, begins=midnight)
        ),
        TextFilter(
            "client",
            gettext_lazy("Company"),
            gettext_lazy("Client code or number"),
            lambda text: _find_client(office, text),
            gettext_lazy("None of your clients has the code or number “%(text)s”."),
        ),
        ChoiceFilter(
            "office",
            gettext_lazy("Books"),
            {code: badge.word for code, badge in BADGES["office"].items()},
            lambda code: Q(office_state=code),
        ),
        ChoiceFilter(
            "payment",
            gettext_lazy("Payment"),
            {code: badge.word for code, badge in BADGES["payment"].items()},
            lambda code: Q(payment_state=code),
        ),
        ChoiceFilter(
            "new",
            gettext_lazy("Opened"),
            {"yes": pgettext_lazy("invoices", "new only")},
            lambda _code: Q(opened_at__isnull=True),
        ),
    )


def _find_client(office: Any, text: str) -> Found | None:
    links = offices.find_clients(office=office, text=text)
    if not links:
        return None
    companies = {link.company_id for link in links}
    return Found(Q(company_id__in=companies), links[0].company_name if len(companies) == 1 else text)


def _fetch(invoice: Any, actor: str, now: datetime) -> None:
    fetch_invoice(invoice_id=invoice.pk, channel=Channel.INBOX, actor=actor, now=now)


def _book(office: Any, invoices: Sequence[Any], *, actor: str, now: datetime) -> str:
    unbooked = [invoice for invoice in invoices if invoice.office_state != "booked"]
    booked = book_invoices(invoice_ids=[invoice.pk for invoice in unbooked], actor=actor, now=now)
    if not booked:
        return _("All of them were booked already.")
    sums = sums_text(present(office, unbooked))
    sentence = ngettext(
        "%(number)s invoice marked as booked: %(sums)s.", "%(number)s invoices marked as booked: %(sums)s.", booked
    )
    return sentence % {"number": in_digits(booked), "sums": sums}


COLUMNS: Final = (
    Column(pgettext_lazy("invoices", "New"), "k-dot", is_quiet=True),
    Column(gettext_lazy("Code"), "k-code"),
    Column(gettext_lazy("Company"), "k-who"),
    Column(gettext_lazy("Number"), "k-nr"),
    Column(gettext_lazy("Customer")),
    Column(gettext_lazy("Amount, €"), "k-amt num"),
    Column(pgettext_lazy("on the way of an invoice", "Stop"), "k-rail"),
    Column(gettext_lazy("Payment"), "k-pay"),
    Column(gettext_lazy("Notice"), "k-flag", is_quiet=True),
)
TABS: Final = (
    Tab(gettext_lazy("To book"), {"office": "unseen"}),
    Tab(pgettext_lazy("invoices", "New"), {"new": "yes"}),
    Tab(gettext_lazy("Questions"), {"office": "questioned"}),
    Tab(pgettext_lazy("invoices", "Refused"), {"office": "refused"}),
    Tab(pgettext_lazy("invoices", "Booked"), {"office": "booked"}),
    Tab(gettext_lazy("All")),
)
EXPORTED: Final = (
    ExportColumn(gettext_lazy("Received"), lambda row: row.invoice.delivered_at),
    ExportColumn(gettext_lazy("Client code"), lambda row: row.client_code),
    ExportColumn(gettext_lazy("Company"), lambda row: row.invoice.company.name),
    ExportColumn(
        gettext_lazy("Enterprise number"), lambda row: format_enterprise_number(row.invoice.company.enterprise_number)
    ),
    ExportColumn(gettext_lazy("Document"), lambda row: str(WORDS["document"][row.invoice.document_type])),
    ExportColumn(gettext_lazy("Number"), lambda row: row.invoice.number),
    ExportColumn(gettext_lazy("Customer"), lambda row: row.invoice.customer_name),
    ExportColumn(gettext_lazy("Date"), lambda row: row.invoice.issue_date),
    ExportColumn(gettext_lazy("Due date"), lambda row: row.invoice.due_date),
    ExportColumn(gettext_lazy("Currency"), lambda row: row.currency),
    ExportColumn(gettext_lazy("Without VAT"), lambda row: row.signed(row.invoice.net_amount)),
    ExportColumn(gettext_lazy("VAT"), lambda row: row.signed(row.invoice.vat_amount)),
    ExportColumn(gettext_lazy("Total"), lambda row: row.amount),
    ExportColumn(gettext_lazy("Still to be paid"), lambda row: row.signed(row.open_amount)),
    ExportColumn(gettext_lazy("Books"), lambda row: str(BADGES["office"][row.invoice.office_state].word)),
    ExportColumn(gettext_lazy("Payment"), lambda row: str(BADGES["payment"][row.invoice.payment_state].word)),
)
