"""The page of one invoice, for its company and for the office that it was delivered to: the same parts for both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core import clock
from apps.delivery import selectors as deliveries
from apps.delivery.redelivering import ASKED, times_asked
from apps.events.selectors import list_events_of
from apps.invoices import selectors as invoices
from apps.invoices.files import EmbeddedFile, list_files
from apps.invoices.rules import ACTIVE_CONTENT, PaymentState, open_amount
from apps.portal.invoice_changes import VersionRow, list_version_rows
from apps.portal.invoice_day import day_note
from apps.portal.invoice_payment import payment_box
from apps.portal.invoice_reader import Reader, reader_of
from apps.portal.parts import entries_of
from apps.portal.stops import list_stops
from apps.reconciliation.notes_seen import look_at_notes
from apps.reconciliation.selectors import list_allocations, standing_settlement

# What a page shows of a long document; the rest is a page further, or in its files.
LINES: Final = 50
FILES: Final = 50
ROWS: Final = 30
PLACES: Final = 3
# What happened when office and company have said something to each other.
SAID: Final = frozenset({"invoice.questioned", "invoice.refused", "invoice.answered"})


@login_required
def company_invoice(request: HttpRequest, company_uuid: UUID, invoice_uuid: UUID) -> HttpResponse:
    """Show a company one of its invoices, whatever became of it."""
    reader = reader_of(request, invoice_uuid, company_uuid=company_uuid)
    delivered = deliveries.list_deliveries(invoice=reader.invoice)
    context = page_of(reader, delivered, request.GET, now=clock.now())
    return render(request, "portal/company_invoice.html", {**context, "company": reader.place})


@dataclass(frozen=True, slots=True)
class LinePage:
    """The lines of a document that a page shows; `first` and `last` are counted from 1."""

    rows: Sequence[Any]
    first: int
    last: int
    total: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """Findings that say the same of several places: one of them, the first places, and how many more there are."""

    finding: Any
    places: Sequence[str]
    more: int


@dataclass(frozen=True, slots=True)
class Paper:
    """The PDF of an invoice: whether it came along, or is ours, and whether it may act by itself."""

    is_ours: bool
    is_active: bool


def page_of(reader: Reader, delivered: Sequence[Any], query: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
    """Return what the page of an invoice shows. `query` may ask for a page of `lines`, and the `changes` of a version.

    The document in force is read once; a corrected one needs the version before it, too.
    """
    invoice = reader.invoice
    versions = invoices.list_versions(invoice=invoice)
    shown = next(row for row in versions if row.version == invoice.version)
    document = invoices.read_version(shown)
    findings = invoices.list_findings_of(versions[0])
    events = list(list_events_of([invoice.uuid]))
    happened = {event.name for event in events}
    allocations = list(list_allocations(invoice=invoice))
    allocated = sum((row.amount + row.difference for row in allocations), Decimal(0))
    still_open = open_amount(invoice.owed_amount, allocated, PaymentState(invoice.payment_state))
    return {
        "reader": reader,
        "invoice": invoice,
        "document": document,
        "open_amount": still_open,
        "why_url": reader.url("invoice-payments"),
        "allocations": allocations,
        "set_offs": look_at_notes(invoice, has_reader=True).set_offs if invoice.set_off_amount else (),
        "payment": payment_box(invoice, document, still_open),
        "lines": lines_of(document, _number(query.get("lines"))),
        "files": _files(reader, list_files(document)),
        "findings": group_findings(findings),
        "findings_version": versions[0].version if len(versions) > 1 else None,
        "paper": _paper_of(shown, document, findings if shown is versions[0] else invoices.list_findings_of(shown)),
        "versions": _versions(reader, versions, shown, document, _number(query.get("changes"))),
        "corrected_at": _corrected_at(reader, shown),
        "arrivals": invoices.list_arrivals(invoice=invoice),
        "deliveries": delivered,
        "day_note": day_note(reader, delivered, today=clock.brussels_day(now)),
        "stops": list_stops(
            invoice,
            delivered,
            is_check_held=invoice.uuid in invoices.held_checks([invoice]),
            is_office=reader.is_office,
        ),
        "related": [
            (row, reader.url_of(row, "invoice"))
            for row in invoices.list_related(invoice=invoice, office=reader.place if reader.is_office else None)
        ],
        "remarks": invoices.list_remarks(invoice=invoice) if happened & SAID else [],
        "asked": times_asked([invoice.uuid]).get(invoice.uuid) if ASKED in happened else None,
        "settlement": standing_settlement(invoice=invoice) if invoice.payment_state == "settled" else None,
        "entries": entries_of(events),
        "today": clock.brussels_day(now),
        "most_rows": ROWS,
    }


def lines_of(document: Any, page: int) -> LinePage:
    """Return one page of a document's lines; a page that is not there is the first."""
    total = len(document.lines)
    pages = max(1, -(-total // LINES))
    page = page if 1 <= page <= pages else 1
    first = (page - 1) * LINES
    rows = document.lines[first : first + LINES]
    return LinePage(rows, first + 1, first + len(rows), total, page - 1, page + 1 if page < pages else 0)


def group_findings(findings: Sequence[Any]) -> list[FoundGroup]:
    """Return findings with those of one rule that say the same put together, in their order."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for finding in findings:
        groups.setdefault((finding.code, finding.message), []).append(finding)
    return [
        FoundGroup(
            rows[0], list(islice((row.location for row in rows if row.location), PLACES)), max(0, len(rows) - PLACES)
        )
        for rows in groups.values()
    ]


def _number(text: str | None) -> int:
    return int(text) if text and len(text) < 6 and text.isascii() and text.isdecimal() else 0


def _files(reader: Reader, files: Sequence[EmbeddedFile]) -> list[tuple[EmbeddedFile, str]]:
    return [(file, reader.url("invoice-file", file.place)) for file in files[:FILES]]


def _paper_of(shown: Any, document: Any, findings: Sequence[Any]) -> Paper:
    came_along = shown.pdf is not None or any(attachment.is_pdf for attachment in document.attachments)
    return Paper(is_ours=not came_along, is_active=any(found.code == ACTIVE_CONTENT for found in findings))


def _versions(
    reader: Reader, versions: Sequence[Any], shown: Any, document: Any, asked: int
) -> list[tuple[VersionRow, str, str]]:
    # A newer one that was refused, or waits, changed nothing yet.
    usual = shown.version if shown.version > 1 else versions[0].version
    wanted = asked if any(row.version == asked for row in versions) else usual
    rows = list_version_rows(versions, wanted=wanted, known={shown.version: document})
    return [
        (
            row,
            reader.url("invoice-version-xml", row.version.version),
            reader.url("invoice-version-pdf", row.version.version),
        )
        for row in rows[:ROWS]
    ]


def _corrected_at(reader: Reader, shown: Any) -> datetime | None:
    """Return when the version in force took effect, where the office had opened the invoice before that."""
    opened = reader.invoice.opened_at
    is_newer = reader.is_office and opened and shown.judged_at and shown.version > 1 and shown.judged_at > opened
    return shown.judged_at if is_newer else None
