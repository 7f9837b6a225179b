"""Sales invoices and findings as the wire shows them: one, or many with a fixed number of queries."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import HttpRequest
from django.utils import translation

from apps.api.v2 import errors
from apps.core.money import format_amount
from apps.delivery.overviews import describe
from apps.delivery.selectors import deliveries_by_invoice
from apps.events.selectors import list_events_of
from apps.invoices import selectors
from apps.invoices.sentences import message_of, remedy_of
from apps.reconciliation.selectors import list_open_amounts

# What a reader sees of the trail; the names are the wire's own and never change.
TIMELINE: Final = {
    "invoice.received": "received",
    "invoice.arrived_again": "arrived_again",
    "invoice.corrected": "corrected",
    "invoice.accepted": "validated",
    "invoice.correction_accepted": "correction_validated",
    "invoice.correction_rejected": "correction_rejected",
    "invoice.rejected": "rejected",
    "reaction.held": "held_for_support",
    "invoice.purged": "purged",
    "invoice.delivered": "delivered",
    "invoice.fetched": "fetched",
    "invoice.redelivery_asked": "redelivery_asked",
    "invoice.booked": "booked",
    "invoice.questioned": "questioned",
    "invoice.answered": "answered",
    "invoice.refused": "refused",
    "invoice.reopened": "reopened",
    "invoice.payment_changed": "payment_changed",
}


# What the worker does with an invoice from its judgement on.
BY_THE_WORKER: Final = frozenset({"validated", "rejected", "delivered", "payment_changed"})


def invoice_out(request: HttpRequest, invoice: Any, *, duplicate: bool = False, version: int = 0) -> dict[str, Any]:
    """Return an invoice as the wire shows it; `version` is the one the caller's upload became, else that in force."""
    (body,) = invoices_out(request, [invoice])
    return body | {"duplicate": duplicate, "version": version or invoice.version}


def invoices_out(request: HttpRequest, invoices: Sequence[Any]) -> list[dict[str, Any]]:
    """Return invoices as the wire shows them, with five queries whatever their number."""
    open_amounts = list_open_amounts(invoices)
    timelines: dict[Any, list[dict[str, Any]]] = {}
    for event in list_events_of([invoice.uuid for invoice in invoices]):
        if event.name in TIMELINE:
            timelines.setdefault(event.subject_uuid, []).append(_step_out(event))
    with translation.override(errors.language_of(request)):
        findings = {
            invoice_id: [finding_out(finding) for finding in found]
            for invoice_id, found in selectors.findings_by_invoice(invoices).items()
        }
        delivered = {
            invoice_id: [_delivery_out(row) for row in rows]
            for invoice_id, rows in deliveries_by_invoice(invoices).items()
        }
    return [
        _as_of_its_state(
            invoice,
            _facts_out(invoice)
            | {
                "open_amount": format_amount(open_amounts[invoice.pk]),
                "deliveries": delivered.get(invoice.pk, []),
                "timeline": timelines.get(invoice.uuid, []),
                "findings": findings.get(invoice.pk, []),
            },
        )
        for invoice in invoices
    ]


def _as_of_its_state(invoice: Any, body: dict[str, Any]) -> dict[str, Any]:
    """Return the answer without what a quick worker did after the invoice was read: it is received, and no more."""
    if invoice.state != "received":
        return body
    told = [step for step in body["timeline"] if step["event"] not in BY_THE_WORKER]
    return body | {"deliveries": [], "findings": [], "timeline": told}


def _facts_out(invoice: Any) -> dict[str, Any]:
    return {
        "id": str(invoice.uuid),
        "document_model": "sales_invoice",
        "document_type": invoice.document_type,
        "invoice_number": invoice.number,
        "issue_date": invoice.issue_date,
        "due_date": invoice.due_date,
        "currency": invoice.currency,
        "total_amount": format_amount(invoice.total_amount),
        "payable_amount": format_amount(invoice.payable_amount),
        "customer_name": invoice.customer_name,
        "structured_communication": invoice.structured_communication or None,
        "state": invoice.state,
        "state_modified_at": invoice.rejected_at or invoice.accepted_at or invoice.received_at,
        "changed_at": invoice.changed_at,
        "duplicate": False,
        "payment_state": invoice.payment_state,
        "version": invoice.version,
        "office_state": invoice.office_state,
    }


def _delivery_out(delivery: Any) -> dict[str, Any]:
    """Write a delivery in the active language."""
    detail = describe(delivery)
    return {"channel": delivery.channel, "state": delivery.state, "at": delivery.state_at, "detail": detail}


def _step_out(event: Any) -> dict[str, Any]:
    return {"event": TIMELINE[event.name], "at": event.at, "actor": event.actor.partition(":")[0]}


def finding_out(finding: Any) -> dict[str, Any]:
    """Write a finding, kept or not, in the active language."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "layer": finding.layer,
        "location": finding.location,
        "message": message_of(finding.code, finding.message, finding.params),
        "remedy": remedy_of(finding.code, finding.layer),
    }
