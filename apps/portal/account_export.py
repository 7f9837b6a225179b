"""A period of a bank account as one file, for people with other tools: sent while it is read, and of a bounded size."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.core.errors import NotFound
from apps.core.languages import reader_language
from apps.core.spreadsheets import Cell, write_csv, write_xlsx
from apps.portal.forms import AccountPeriodForm
from apps.portal.lists.counting import count_up_to
from apps.portal.lists.exports import FORMATS, MOST_ROWS
from apps.portal.lists.words import in_digits
from apps.portal.statement_files import CAMT, CAMT_ENDING, headers_of
from apps.portal.statement_page import EXPORTED, LineRow
from apps.statements import selectors as statements
from apps.statements.coda.transaction_codes import describe
from apps.statements.services.camt_files import write_camt
from apps.users.selectors import viewer_of

# A workbook is made before it is sent; the others are sent while they are read.
MOST_LINES: Final = {"csv": 100_000, "xlsx": MOST_ROWS, CAMT: 100_000}
_AT_ONCE: Final = 2_000


@login_required
def account_export(
    request: HttpRequest, account_uuid: UUID, company_uuid: UUID | None = None, office_uuid: UUID | None = None
) -> HttpResponseBase:
    """Ask for a period of an account and a kind of file, and hand it over."""
    viewer = viewer_of(request)
    office: Any = None
    if company_uuid is not None:
        account = statements.get_account_of_member(viewer=viewer, company_uuid=company_uuid, account_uuid=account_uuid)
        context: dict[str, Any] = {"company": account.company}
    elif office_uuid is not None:
        account = statements.get_account_of_office(viewer=viewer, office_uuid=office_uuid, account_uuid=account_uuid)
        office = offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
        context = {"office": office}
    else:
        raise NotFound
    rows = statements.list_statements_of(account=account, office=office)
    form = AccountPeriodForm(request.GET if "kind" in request.GET else None, initial=_initial(rows))
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        found = list(rows.filter(new_balance_on__range=(chosen["first"], chosen["last"])))
        if reason := _why_not(found, chosen["kind"]):
            form.add_error(None, reason)
        else:
            return _file(account, found, chosen)
    context |= {"form": form, "account": account, "account_company": account.company}
    return render(request, "portal/account_export.html", context)


def _initial(rows: Any) -> dict[str, date]:
    """Offer the month of the newest statement."""
    newest = rows.last()
    return {"first": newest.new_balance_on.replace(day=1), "last": newest.new_balance_on} if newest else {}


def _why_not(found: Sequence[Any], kind: str) -> str:
    if not found:
        return _("There is no statement in this period.")
    most = MOST_LINES[kind]
    lines = statements.list_lines_of(statements=found)
    if not count_up_to({"lines": lines}, bound=most)["lines"].is_exact:
        return _("Such a file holds at most %(most)s lines, and this period has more. Choose a shorter one.") % {
            "most": in_digits(most)
        }
    return ""


def _file(account: Any, found: Sequence[Any], chosen: dict[str, Any]) -> StreamingHttpResponse:
    kind, period = chosen["kind"], f"{chosen['first']}_{chosen['last']}"
    stem = f"{account.iban}_{account.currency}_{period}"
    if kind == CAMT:
        newest = max(statement.stored_at for statement in found)
        pieces = write_camt(found, message_uuid=uuid5(account.uuid, period), created_at=newest)
        headers = headers_of(f"{stem}.{CAMT_ENDING}")
        return StreamingHttpResponse(pieces, content_type="application/xml", headers=headers)
    write = write_csv if kind == "csv" else write_xlsx
    headers = headers_of(f"{stem}.{kind}")
    return StreamingHttpResponse(write(_table(_lines(found))), content_type=FORMATS[kind], headers=headers)


def _lines(found: Sequence[Any]) -> Iterator[LineRow]:
    language = reader_language()
    rows = statements.list_lines_of(statements=found).iterator(chunk_size=_AT_ONCE)
    return (LineRow(row, describe(row.transaction_code, language)) for row in rows)


def _table(rows: Iterable[LineRow]) -> Iterator[list[Cell]]:
    # Said before the answer begins: whoever sends it may speak another language.
    heads: list[Cell] = [str(column.label) for column in EXPORTED]

    def table() -> Iterator[list[Cell]]:
        yield heads
        for row in rows:
            yield [column.cell(row) for column in EXPORTED]

    return table()
