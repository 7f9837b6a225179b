"""When a sent invoice may still be corrected: until its office booked it, or closed the books of its day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.accounting_offices.selectors import closed_until_on
from apps.core.clock import brussels_day
from apps.events.selectors import last_event_of
from apps.invoices.models import Invoice
from apps.invoices.rules import OfficeViewState, is_locked


@dataclass(frozen=True, slots=True)
class Closed:
    """Why an invoice is not corrected any more: a code, and who or what with since when or until when."""

    code: str
    params: dict[str, Any]


def closed_to_corrections(invoice: Invoice, *, issue_date: date) -> Closed | None:
    """Return why a version dated `issue_date` comes too late for an invoice; None when it does not.

    Both the day in force and the new one count: neither may lie in closed books. The caller holds the locks of the
    company and the invoice, so that nothing is booked or closed meanwhile.
    """
    if is_locked(OfficeViewState(invoice.office_state)):
        at = _booked_at(invoice)
        params = {"locked_by": _booked_by(invoice), "locked_at": at, "locked_on": brussels_day(at).isoformat()}
        return Closed("invoice_locked", params)
    until = closed_until_on(company_id=invoice.company_id, days=(invoice.issue_date, issue_date))
    return Closed("period_closed", {"closed_until": until.isoformat()}) if until is not None else None


def _booked_by(invoice: Invoice) -> str:
    return invoice.office.name if invoice.office is not None else ""


def _booked_at(invoice: Invoice) -> datetime:
    booked = last_event_of(invoice.uuid, "invoice.booked")
    return booked.at if booked is not None else invoice.changed_at
