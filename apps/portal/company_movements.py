"""The money on a company's bank accounts, as the banks delivered it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
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
from apps.portal.amounts import read_amount
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
from apps.portal.lists.exports import communication_cell
from apps.portal.lists.keyset import Order
from apps.portal.periods import PERIODS, within
from apps.statements.selectors import list_movements, search_movements
from apps.users.selectors import viewer_of


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement as its company sees it."""

    movement: Any

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.movement.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return str(self.movement.counterparty_name)


@login_required
def company_movements(request: HttpRequest, company_uuid: UUID) -> HttpResponseBase:
    """List the movements on a company's bank accounts, newest first."""
    now = clock.now()
    company = offices.get_member_company(viewer=viewer_of(request), company_uuid=company_uuid)
    declaration = declare(company, today=brussels_day(now))
    return answer(request, declaration, template="portal/company_movements.html", context={"company": company}, now=now)


def declare(company: Any, *, today: date) -> ListDeclaration[Any]:
    """Return the movements of a company as a list."""
    return ListDeclaration(
        name=gettext_lazy("Payments"),
        rows=list_movements(company=company),
        sorts=(
            Sort("date", gettext_lazy("Newest first"), Order("entry_on")),
            Sort("amount", gettext_lazy("Highest amount first"), Order("amount")),
        ),
        columns=COLUMNS,
        row_template="portal/parts/movement_row.html",
        present=present,
        search=Search(
            gettext_lazy("Name, account, text or amount"),
            lambda rows, text: search_movements(rows, text, read_amount(text)),
        ),
        filters=_filters(today),
        tabs=TABS,
        exported=EXPORTED,
        nothing=Nothing(
            gettext_lazy("No movements yet"),
            gettext_lazy("They come here once your bank delivers your statements (CODA)."),
        ),
    )


def present(rows: Sequence[Any]) -> list[MovementRow]:
    """Return movements as rows."""
    return [MovementRow(row) for row in rows]


def _filters(today: date) -> tuple[ChoiceFilter, ...]:
    return (
        ChoiceFilter("booked", gettext_lazy("Date"), PERIODS, within("entry_on", today=today)),
        ChoiceFilter("direction", gettext_lazy("Direction"), DIRECTIONS, conditions_of),
    )


def conditions_of(direction: str) -> Q:
    """Return what keeps the movements of a direction."""
    return _DIRECTED[direction]


DIRECTIONS: Final = {"in": pgettext_lazy("money", "received"), "out": pgettext_lazy("money", "paid out")}
_DIRECTED: Final = {"in": Q(amount__gt=Decimal(0)), "out": Q(amount__lt=Decimal(0))}
TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(pgettext_lazy("money", "Received"), {"direction": "in"}),
    Tab(pgettext_lazy("money", "Paid out"), {"direction": "out"}),
)
COLUMNS: Final = (
    Column(gettext_lazy("Date")),
    Column(gettext_lazy("Counterparty")),
    Column(gettext_lazy("Communication")),
    Column(gettext_lazy("Amount"), "num"),
)
EXPORTED: Final = (
    ExportColumn(gettext_lazy("Date"), lambda row: row.movement.entry_on),
    ExportColumn(gettext_lazy("Value date"), lambda row: row.movement.value_on),
    ExportColumn(gettext_lazy("Account"), lambda row: row.movement.statement.iban),
    ExportColumn(gettext_lazy("Statement"), lambda row: row.movement.statement.number),
    ExportColumn(gettext_lazy("Counterparty"), lambda row: row.movement.counterparty_name),
    ExportColumn(gettext_lazy("Counterparty's account"), lambda row: row.movement.counterparty_iban),
    ExportColumn(
        gettext_lazy("Structured communication"), lambda row: communication_cell(row.movement.structured_communication)
    ),
    ExportColumn(gettext_lazy("Communication"), lambda row: row.movement.communication),
    ExportColumn(gettext_lazy("Currency"), lambda row: row.movement.currency),
    ExportColumn(gettext_lazy("Amount"), lambda row: row.movement.amount),
)
