"""Sales invoices: upload one, have one judged without keeping it, read one."""

from typing import Any
from uuid import UUID

from django.utils import translation
from ninja import Router, Status
from ninja.decorators import decorate_view

from apps.api.v2 import errors
from apps.api.v2.auth import LoginRequest, counted, login
from apps.api.v2.invoice_shapes import finding_out, invoice_out, invoices_out
from apps.api.v2.parts import read_parts
from apps.api.v2.schemas import InvoiceOut, InvoicesOut, VerdictOut
from apps.core import clock
from apps.core.errors import NotFound
from apps.core.identifiers import format_enterprise_number
from apps.invoices import changes, selectors
from apps.invoices.rules import ArrivalOutcome
from apps.invoices.services import intake, validation
from apps.tokens.rules import ConnectionState

router = Router(auth=login)


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
    document, pdf = read_parts(request)
    verdict = validation.ask_verdict(document=document, pdf=pdf, company=request.auth.company)
    with translation.override(errors.language_of(request)):
        return {
            "verdict": verdict.verdict,
            "document_type": verdict.document_type,
            "invoice_number": verdict.invoice_number,
            "findings": [finding_out(finding) for finding in verdict.findings],
        }


@router.get("", response=InvoicesOut)
@decorate_view(counted("read"))
def list_invoices(request: LoginRequest) -> Any:
    """List the invoices that this software sent, by the last change of any of their states."""
    caller, asked = request.auth, request.GET
    if caller.company is None or caller.software is None:
        raise NotFound
    page = changes.list_changes(
        company=caller.company,
        software=caller.software,
        since=changes.read_instant(asked.get("changed_since", "")),
        state=changes.read_state(asked.get("state", "")),
        cursor=asked.get("cursor", ""),
    )
    return {"results": invoices_out(request, page.invoices), "next": page.next_cursor}


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
    document, pdf = read_parts(request)
    received = intake.receive_invoice(
        upload=intake.Upload(caller.company, caller.software, document, pdf),
        actor=caller.actor,
        now=clock.now(),
    )
    is_duplicate = received.outcome is ArrivalOutcome.DUPLICATE
    body = invoice_out(request, received.invoice, duplicate=is_duplicate, version=received.version)
    return Status(200 if is_duplicate else 201, body)
