"""The page of one bank statement, for its company and for its office: the same for both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.core import clock
from apps.core.languages import reader_language
from apps.portal.amounts import read_amount
from apps.portal.company_movements import DIRECTIONS, conditions_of
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
from apps.portal.statement_reader import StatementReader, statement_reader_of
from apps.statements import selectors as statements
from apps.statements.coda.transaction_codes import describe

ROWS: Final = 200
FINDINGS: Final = 40


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a statement; `total` is the movement that it is a part of, where that is not shown just above."""

    movement: Any
    kind: str
    total: Any = None

    @property
    def key(self) -> str:
        """Return what names the row in a form."""
        return str(self.movement.uuid)

    @property
    def label(self) -> str:
        """Return how a person calls the row."""
        return str(self.movement.counterparty_name)


@login_required
def statement_page(request: HttpRequest, statement_uuid: UUID, **place: UUID) -> HttpResponseBase:
    """Show a statement with its findings and every movement; `?export=` hands the movements over as a file."""
    reader = statement_reader_of(request, statement_uuid, **place)
    statement = reader.statement
    before, after = statements.neighbours_of(statement=statement)
    totals = statements.total_up(statement=statement)
    findings = list(statements.list_statement_findings(statement=statement)[:FINDINGS])
    context = {
        "reader": reader,
        "statement": statement,
        "account_company": statement.account.company,
        "office" if reader.is_office else "company": reader.place,
        "totals": totals,
        "findings": findings,
        "is_conflict": any(finding.code == "statement_conflict" for finding in findings),
        "before_url": reader.url_of(before) if before else "",
        "after_url": reader.url_of(after) if after else "",
        "period_url": reader.period_url,
        "files": [(label, reader.file_url(name)) for name, label in FILES.items()],
    }
    declaration = declare(reader, is_empty=not totals.lines)
    return answer(request, declaration, template="portal/statement.html", context=context, now=clock.now())


def declare(reader: StatementReader, *, is_empty: bool) -> ListDeclaration[Any]:
    """Return the lines of a statement as a list, in the order of the bank."""
    lines = _lines(reader)
    if is_empty:
        return lines
    return replace(
        lines,
        search=Search(
            gettext_lazy("Name, account, text or amount"),
            lambda rows, text: statements.search_movements(rows, text, read_amount(text)),
        ),
        filters=(ChoiceFilter("direction", gettext_lazy("Direction"), DIRECTIONS, conditions_of),),
        tabs=TABS,
        exported=EXPORTED,
    )


def _lines(reader: StatementReader) -> ListDeclaration[Any]:
    """Return the lines with nothing to look for or to take along, as an empty statement has them."""
    statement = reader.statement
    return ListDeclaration(
        name=gettext_lazy("Movements"),
        heading="h2",
        file_name=statement.file_stem,
        rows=statements.list_lines(statement=statement),
        sorts=(Sort("bank", gettext_lazy("As the bank wrote them"), Order("ordinal", is_descending=False)),),
        columns=COLUMNS,
        row_template="portal/parts/statement_line.html",
        present=lambda rows: present(statement, rows),
        nothing=_nothing(reader),
        page_size=ROWS,
    )


def present(statement: Any, rows: Sequence[Any]) -> list[LineRow]:
    """Return lines as rows, with the totals of details that stand apart from them: at most one query."""
    language = reader_language()
    shown = {row.ordinal for row in rows}
    apart = {row.parent_ordinal for row in rows if row.parent_ordinal} - shown
    totals = statements.list_totals_of(statement=statement, ordinals=apart)
    # Told once: the parts of a total stand together.
    return [
        LineRow(row, describe(row.transaction_code, language), totals.pop(row.parent_ordinal, None)) for row in rows
    ]


def _nothing(reader: StatementReader) -> Nothing:
    if reader.is_replaced:
        return Nothing(
            gettext_lazy("Nothing of this statement counts"),
            gettext_lazy("Another one with the same number counts in its place."),
        )
    if reader.is_held:
        return Nothing(
            gettext_lazy("Nothing of this statement counts yet"),
            gettext_lazy("Its movements show here once the bank sends it whole, or we have released it."),
        )
    return Nothing(
        gettext_lazy("No movements"), gettext_lazy("The bank reports that nothing moved. The balance stays as it was.")
    )


FILES: Final = {
    "cod": gettext_lazy("CODA"),
    "xml": gettext_lazy("CODAPlus"),
    "pdf": gettext_lazy("PDF"),
    "camt": gettext_lazy("CAMT.053"),
}
TABS: Final = (
    Tab(gettext_lazy("All")),
    Tab(pgettext_lazy("money", "Received"), {"direction": "in"}),
    Tab(pgettext_lazy("money", "Paid out"), {"direction": "out"}),
)
COLUMNS: Final = (
    Column(gettext_lazy("No."), "num"),
    Column(gettext_lazy("Date")),
    Column(gettext_lazy("Counterparty")),
    Column(gettext_lazy("Communication")),
    Column(gettext_lazy("Amount"), "num"),
)
EXPORTED: Final = (
    ExportColumn(gettext_lazy("Account"), lambda row: row.movement.statement.iban),
    ExportColumn(gettext_lazy("Statement"), lambda row: row.movement.statement.number),
    ExportColumn(gettext_lazy("Statement date"), lambda row: row.movement.statement.new_balance_on),
    ExportColumn(gettext_lazy("Sequence"), lambda row: row.movement.sequence),
    ExportColumn(gettext_lazy("Detail"), lambda row: row.movement.detail),
    ExportColumn(gettext_lazy("Date"), lambda row: row.movement.entry_on),
    ExportColumn(gettext_lazy("Value date"), lambda row: row.movement.value_on),
    ExportColumn(gettext_lazy("Transaction code"), lambda row: row.movement.transaction_code),
    ExportColumn(gettext_lazy("Kind"), lambda row: row.kind),
    ExportColumn(gettext_lazy("Counterparty"), lambda row: row.movement.counterparty_name),
    ExportColumn(gettext_lazy("Counterparty's account"), lambda row: row.movement.counterparty_iban),
    ExportColumn(gettext_lazy("Counterparty's BIC"), lambda row: row.movement.counterparty_bic),
    ExportColumn(
        gettext_lazy("Structured communication"), lambda row: communication_cell(row.movement.structured_communication)
    ),
    ExportColumn(gettext_lazy("Communication"), lambda row: row.movement.communication),
    ExportColumn(gettext_lazy("Information of the bank"), lambda row: row.movement.information),
    ExportColumn(gettext_lazy("Customer's reference"), lambda row: row.movement.customer_reference),
    ExportColumn(gettext_lazy("Bank reference"), lambda row: row.movement.bank_reference),
    ExportColumn(gettext_lazy("Currency"), lambda row: row.movement.currency),
    # Apart, so that the sum of the first of both is what the balance changed by.
    ExportColumn(gettext_lazy("Amount"), lambda row: None if row.movement.level else row.movement.amount),
    ExportColumn(gettext_lazy("Amount of a detail"), lambda row: row.movement.amount if row.movement.level else None),
)
