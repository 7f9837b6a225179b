"""Sales invoices: upload one, have one judged without keeping it, read one."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import translation
from ninja import Router, Status
from ninja.decorators import decorate_view

from apps.api.v2 import errors
from apps.api.v2.auth import LoginRequest, counted, login
from apps.api.v2.schemas import InvoiceOut, VerdictOut
from apps.core import clock
from apps.core.errors import NotFound
from apps.core.identifiers import format_enterprise_number
from apps.core.money import format_amount
from apps.delivery.overviews import describe
from apps.delivery.selectors import list_deliveries
from apps.events.selectors import list_events_of
from apps.invoices import selectors
from apps.invoices.rules import ArrivalOutcome
from apps.invoices.sentences import message_of, remedy_of
from apps.invoices.services import intake, validation
from apps.reconciliation.selectors import list_open_amounts
from apps.tokens.rules import ConnectionState

router = Router(auth=login)

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
    "invoice.booked": "booked",
    "invoice.questioned": "questioned",
    "invoice.answered": "answered",
    "invoice.refused": "refused",
    "invoice.reopened": "reopened",
    "invoice.payment_changed": "payment_changed",
}


@router.post("/upload", response={200: InvoiceOut, 201: InvoiceOut})
@decorate_view(counted("upload"))
def upload(request: LoginRequest) -> Any:
    """Take a UBL document (part `file`), with its PDF beside it (part `pdf`) or inside."""
    return _upload(request)


@router.post("", response={200: InvoiceOut, 201: InvoiceOut})
@decorate_view(counted("upload"))
def upload_alias(request: LoginRequest) -> Any:
    """Take a document; another address of `upload`."""
    return _upload(request)


@router.post("/validate", response=VerdictOut)
@decorate_view(counted("validate"))
def validate(request: LoginRequest) -> Any:
    """Judge a document (the parts of `upload`) and keep nothing; for any login, whoever the supplier is."""
    document, pdf = _read_parts(request)
    verdict = validation.ask_verdict(document=document, pdf=pdf, company=request.auth.company)
    with translation.override(errors.language_of(request)):
        return {
            "verdict": verdict.verdict,
            "document_type": verdict.document_type,
            "invoice_number": verdict.invoice_number,
            "findings": [_finding_out(finding) for finding in verdict.findings],
        }


@router.get("/{invoice_id}", response=InvoiceOut)
@decorate_view(counted("read"))
def read_invoice(request: LoginRequest, invoice_id: UUID) -> Any:
    """Read one invoice that this software sent."""
    caller = request.auth
    if caller.company is None or caller.software is None:
        raise NotFound
    invoice = selectors.get_sent_invoice(company=caller.company, software=caller.software, invoice_uuid=invoice_id)
    return invoice_out(request, invoice, duplicate=False, version=invoice.version)


def _upload(request: LoginRequest) -> Any:
    caller = request.auth
    if caller.company is None or caller.software is None or caller.connection is None:
        raise NotFound
    if caller.connection.state == ConnectionState.SUSPENDED:
        raise errors.ConnectionSuspended(
            cause=caller.connection.suspension_code, number=format_enterprise_number(caller.company.enterprise_number)
        )
    document, pdf = _read_parts(request)
    received = intake.receive_invoice(
        upload=intake.Upload(caller.company, caller.software, document, pdf),
        actor=caller.actor,
        now=clock.now(),
    )
    is_duplicate = received.outcome is ArrivalOutcome.DUPLICATE
    body = invoice_out(request, received.invoice, duplicate=is_duplicate, version=received.version)
    return Status(200 if is_duplicate else 201, body)


def _read_parts(request: HttpRequest) -> tuple[bytes, bytes | None]:
    if request.content_type != "multipart/form-data":
        raise errors.UnsupportedMediaType
    # Both parts at their limit and the envelope: anything longer is refused before it is read.
    if int(request.headers.get("Content-Length") or 0) > 2 * settings.MAX_PART_BYTES + 100_000:
        raise _too_large()
    try:
        document, pdf = request.FILES.get("file"), request.FILES.get("pdf")
    except RequestDataTooBig as error:
        raise errors.RequestTooLarge from error
    if document is None:
        raise errors.FileMissing
    return _read_part(document), _read_part(pdf) if pdf is not None else None


def _read_part(part: "UploadedFile[bytes]") -> bytes:
    if part.size is not None and part.size > settings.MAX_PART_BYTES:
        raise _too_large()
    content: bytes = part.read()
    return content


def _too_large() -> errors.FileTooLarge:
    return errors.FileTooLarge(megabytes=settings.MAX_PART_BYTES // 1_000_000)


def invoice_out(request: HttpRequest, invoice: Any, *, duplicate: bool, version: int) -> dict[str, Any]:
    """Return an invoice as the wire shows it; `version` is the one the caller's upload became."""
    with translation.override(errors.language_of(request)):
        findings = [_finding_out(finding) for finding in selectors.list_findings(invoice=invoice)]
        deliveries = [(row, describe(row)) for row in list_deliveries(invoice=invoice)]
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
        "open_amount": format_amount(list_open_amounts([invoice])[invoice.pk]),
        "customer_name": invoice.customer_name,
        "structured_communication": invoice.structured_communication or None,
        "state": invoice.state,
        "state_modified_at": invoice.rejected_at or invoice.accepted_at or invoice.received_at,
        "duplicate": duplicate,
        "payment_state": invoice.payment_state,
        "version": version,
        "deliveries": [
            {"channel": row.channel, "state": row.state, "at": row.state_at, "detail": detail}
            for row, detail in deliveries
        ],
        "office_state": invoice.office_state,
        "timeline": [
            {"event": TIMELINE[event.name], "at": event.at, "actor": event.actor.partition(":")[0]}
            for event in list_events_of([invoice.uuid])
            if event.name in TIMELINE
        ],
        "findings": findings,
    }


def _finding_out(finding: Any) -> dict[str, Any]:
    """Write a finding, kept or not, in the active language."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "layer": finding.layer,
        "location": finding.location,
        "message": message_of(finding.code, finding.message, finding.params),
        "remedy": remedy_of(finding.code, finding.layer),
    }
