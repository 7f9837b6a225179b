"""Sales invoices: upload one, have one judged without keeping it, read one."""

from typing import Any
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
from apps.api.v2.invoice_shapes import finding_out, invoice_out, invoices_out
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
    document, pdf = _read_parts(request)
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
