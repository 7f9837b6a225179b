"""A company's own invoices: did each arrive, is it booked, is it paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.clock import brussels_day
from apps.delivery.preparing import Place
from apps.delivery.selectors import deliveries_by_invoice
from apps.invoices import selectors as invoices
from apps.portal.amounts import read_amount
from apps.portal.lists.answers import answer
from apps.portal.lists.archives import archive_actions
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
from apps.portal.lists.exports import communication_cell
from apps.portal.lists.keyset import Order
from apps.portal.periods import PERIODS, within
from apps.portal.stops import Rail, list_stops, rail
from apps.portal.templatetags.words import BADGES, OVERDUE, WORDS
from apps.reconciliation.selectors import still_to_pay, with_allocated
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice as its company sees it; `open` is what is still to be paid of it, with the document's own sign.

    `remark` is the last word of its office and company, while it matters.
    """

    invoice: Any
    open: Decimal
    rail: Rail
    remark: Any = None

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
        total: Decimal = self.invoice.total_amount
        return -total if self.invoice.document_type == "credit_note" else total


@login_required
def company_invoices(request: HttpRequest, company_uuid: UUID) -> HttpResponseBase:
    """List the invoices that a company's software sent, newest first."""
    now, viewer = clock.now(), viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    declaration = declare(company, actor=f"user:{viewer.uuid}", now=now)
    return answer(request, declaration, template="portal/company_invoices.html", context={"company": company}, now=now)


def declare(company: Any, *, actor: str, now: datetime) -> ListDeclaration[Any]:
    """Return the invoices of a company as a list."""
    return ListDeclaration(
        name=gettext_lazy("Invoices"),
        rows=with_allocated(invoices.list_invoices(company=company)),
        sorts=(
            Sort("date", gettext_lazy("Newest first"), Order("issue_date")),
            Sort("amount", gettext_lazy("Highest amount first"), Order("total_amount")),
        ),
        columns=COLUMNS,
        row_template="portal/parts/invoice_row.html",
        present=present,
        search=Search(
            gettext_lazy("Number, customer, amount or text"),
            lambda rows, text: invoices.search_invoices(rows, text, read_amount(text)),
        ),
        filters=_filters(brussels_day(now)),
        tabs=TABS,
        exported=EXPORTED,
        actions=archive_actions(Place(company=company), actor=actor, now=now),
        nothing=Nothing(
            gettext_lazy("No invoices yet"),
            gettext_lazy("They come here as soon as your connected software sends them."),
        ),
    )


def present(rows: Sequence[Any]) -> list[InvoiceRow]:
    """Return invoices that were read by `with_allocated` as rows, with one query; two more for what waits."""
    delivered, held = deliveries_by_invoice(rows), invoices.held_checks(rows)
    said = invoices.last_remarks([row.pk for row in rows if row.office_state in ("questioned", "refused")])
    return [
        InvoiceRow(
            row,
            still_to_pay(row),
            rail(list_stops(row, delivered.get(row.pk, ()), is_check_held=row.uuid in held)),
            said.get(row.pk),
        )
        for row in rows
    ]


def _filters(today: date) -> tuple[ChoiceFilter, ...]:
    def in_payment(code: str) -> Q:
        if code == "due":
            return invoices.still_to_be_paid()
        return invoices.overdue(today=today) if code == "late" else Q(state="accepted", payment_state=code)

    return (
        ChoiceFilter("issued", gettext_lazy("Date"), PERIODS, within("issue_date", today=today)),
        ChoiceFilter(
            "state",
            gettext_lazy("Check"),
            {code: BADGES["invoice"][code].word for code in ("received", "rejected")},
            lambda code: Q(state=code),
        ),
        ChoiceFilter(
            "office", gettext_lazy("At your accountant"), OFFICE, lambda code: Q(state="accepted", office_state=code)
        ),
        ChoiceFilter("payment", gettext_lazy("Payment"), PAYMENT, in_payment),
    )


OFFICE: Final = {
    **{code: badge.word for code, badge in BADGES["office"].items()},
    # One that was fetched may have been seen: all that is sure is that it is not booked.
    "unseen": pgettext_lazy("accounting office", "not booked yet"),
}
PAYMENT: Final = {
    "due": pgettext_lazy("payment", "still to be paid"),
    "late": OVERDUE.word,
    **{code: badge.word for code, badge in BADGES["payment"].items()},
}
TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(pgettext_lazy("invoices", "Refused"), {"state": "rejected"}),
    Tab(gettext_lazy("Your accountant asks"), {"office": "questioned"}),
    Tab(gettext_lazy("Still to be paid"), {"payment": "due"}),
    Tab(pgettext_lazy("invoices", "Overdue"), {"payment": "late"}),
)
COLUMNS: Final = (
    Column(gettext_lazy("Number")),
    Column(gettext_lazy("Customer")),
    Column(gettext_lazy("Date")),
    Column(gettext_lazy("Total"), "num"),
    Column(gettext_lazy("At your accountant")),
    Column(gettext_lazy("Payment")),
    Column(gettext_lazy("Still to be paid"), "num"),
)
EXPORTED: Final = (
    ExportColumn(gettext_lazy("Document"), lambda row: str(WORDS["document"][row.invoice.document_type])),
    ExportColumn(gettext_lazy("Number"), lambda row: row.invoice.number),
    ExportColumn(gettext_lazy("Customer"), lambda row: row.invoice.customer_name),
    ExportColumn(gettext_lazy("Date"), lambda row: row.invoice.issue_date),
    ExportColumn(gettext_lazy("Due date"), lambda row: row.invoice.due_date),
    ExportColumn(
        gettext_lazy("Structured communication"), lambda row: communication_cell(row.invoice.structured_communication)
    ),
    ExportColumn(gettext_lazy("Currency"), lambda row: row.invoice.currency),
    ExportColumn(gettext_lazy("Without VAT"), lambda row: row.invoice.net_amount),
    ExportColumn(gettext_lazy("VAT"), lambda row: row.invoice.vat_amount),
    ExportColumn(gettext_lazy("Total"), lambda row: row.invoice.total_amount),
    ExportColumn(gettext_lazy("Still to be paid"), lambda row: row.open if row.invoice.state == "accepted" else None),
    ExportColumn(gettext_lazy("At your accountant"), lambda row: row.rail.word),
    ExportColumn(gettext_lazy("Payment"), lambda row: str(BADGES["payment"][row.invoice.payment_state].word)),
)
