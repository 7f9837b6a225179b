"""What pays what, as a software sees it: the payments of one of its invoices, and its company's money."""

from typing import Any
from uuid import UUID

from django.utils import translation
from ninja import Router
from ninja.decorators import decorate_view

from apps.api.v2 import errors
from apps.api.v2.auth import LoginRequest, counted, login
from apps.api.v2.schemas import MovementsOut, PaymentsOut
from apps.core.errors import NotFound
from apps.core.money import format_amount
from apps.invoices.changes import read_instant
from apps.invoices.selectors import get_sent_invoice
from apps.reconciliation.explaining import Suggested, explain_invoice
from apps.reconciliation.received import Received, list_received
from apps.reconciliation.sentences import criterion_sentence
from apps.tokens.rules import BankAccess

of_invoices = Router(auth=login)
router = Router(auth=login)
# As the bank has them.
_PLACES = 3


@of_invoices.get("/{invoice_id}/payments", response=PaymentsOut)
@decorate_view(counted("read"))
def read_payments(request: LoginRequest, invoice_id: UUID) -> Any:
    """Read how an invoice that this software sent was paid, or why it is still open, in the caller's language."""
    caller = request.auth
    if caller.company is None or caller.software is None:
        raise NotFound
    invoice = get_sent_invoice(company=caller.company, software=caller.software, invoice_uuid=invoice_id)
    with translation.override(errors.language_of(request)):
        explained = explain_invoice(invoice=invoice, reader=caller.software)
        return {
            "payment_state": invoice.payment_state,
            "open_amount": format_amount(explained.open_amount),
            "allocations": [_allocation_out(row) for row in explained.allocations],
            "credit_notes": [_set_off_out(row) for row in explained.set_offs],
            "suggestions": [_suggestion_out(row) for row in explained.suggestions],
            "explanation": list(explained.sentences),
        }


@router.get("", response=MovementsOut)
@decorate_view(counted("read"))
def list_movements(request: LoginRequest) -> Any:
    """List the money that came in and what took it back, by the instant of storing; all movements where allowed."""
    caller, asked = request.auth, request.GET
    if caller.company is None or caller.software is None:
        raise NotFound
    page = list_received(
        company=caller.company,
        software=caller.software,
        sees_everything=caller.bank_access is BankAccess.EVERYTHING,
        since=read_instant(asked.get("since", "")),
        cursor=asked.get("cursor", ""),
    )
    return {"results": [_received_out(row) for row in page.rows], "next": page.next_cursor}


def movement_out(movement: Any) -> dict[str, Any]:
    """Return a movement as the wire shows it; what the bank does not tell is null."""
    return {
        "id": str(movement.uuid),
        "statement": str(movement.statement.uuid),
        "sequence": movement.sequence,
        "detail": movement.detail,
        "entry_date": movement.entry_on,
        "value_date": movement.value_on,
        "amount": format_amount(movement.amount, _PLACES),
        "currency": movement.currency,
        "counterparty_name": movement.counterparty_name or None,
        "counterparty_iban": movement.counterparty_iban or None,
        "structured_communication": movement.structured_communication or None,
        "communication": movement.communication or None,
    }


def _allocation_out(row: Any) -> dict[str, Any]:
    return {
        "movement": movement_out(row.movement),
        "amount": format_amount(row.amount, _PLACES),
        "difference": format_amount(row.difference, _PLACES),
        "difference_kind": row.difference_kind or None,
        "rule": row.rule,
        "by": row.actor.partition(":")[0],
        "at": row.created_at,
    }


def _set_off_out(row: Any) -> dict[str, Any]:
    return {
        "invoice": str(row.document.uuid),
        "invoice_number": row.number,
        "amount": format_amount(row.amount, _PLACES),
        "by": row.by.partition(":")[0],
        "at": row.at,
    }


def _suggestion_out(row: Suggested) -> dict[str, Any]:
    """Write a suggestion in the active language."""
    return {
        "movement": movement_out(row.movement),
        "amount": format_amount(row.amount, _PLACES),
        "also": list(row.others),
        "score": row.suggestion.score,
        "criteria": [
            {
                "name": criterion.name,
                "met": criterion.is_met,
                "detail": criterion_sentence(criterion, row.movement.currency),
            }
            for criterion in row.suggestion.criteria
        ],
    }


def _received_out(row: Received) -> dict[str, Any]:
    return movement_out(row.movement) | {
        "allocations": [
            {
                "invoice": str(given.invoice.uuid),
                "invoice_number": given.invoice.number,
                "amount": format_amount(given.amount, _PLACES),
                "rule": given.rule,
            }
            for given in row.allocations
        ],
        "suggestions": [
            {
                "invoice": str(proposal.invoice.uuid),
                "invoice_number": proposal.invoice.number,
                "amount": format_amount(proposal.amount, _PLACES),
                "score": proposal.score,
            }
            for proposal in row.proposals
        ],
    }
