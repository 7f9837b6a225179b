"""What the upload request decides: is it a document of this company, is it new, is it a correction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.blobs.models import Blob
from apps.blobs.selectors import read_bytes
from apps.blobs.services import store_bytes
from apps.companies.locks import lock_live_company
from apps.companies.models import Company
from apps.companies.selectors import numbers_valid_on
from apps.core.errors import DomainError
from apps.core.identifiers import format_enterprise_number
from apps.events import services as events
from apps.invoices.checks import check_supplier
from apps.invoices.models import Arrival, Invoice, InvoiceVersion
from apps.invoices.pdf import looks_like_pdf
from apps.invoices.rules import ArrivalOutcome, InvoiceState, is_same_across_channels
from apps.invoices.services.corrections import closed_to_corrections
from apps.invoices.ubl import UblDocument, UblRefused, difference, read_ubl
from apps.tokens.models import Software

SENTENCES: dict[str, str | Promise] = {
    "file_empty": _("The file is empty."),
    "file_too_large": _("The document is larger than can be read."),
    "xml_malformed": _("The file cannot be read as XML: %(reason)s"),
    "xml_doctype": _("The file contains a DOCTYPE, which is refused. Send the document without it."),
    "encoding_unsupported": _("The file's encoding is not supported. Send it as UTF-8."),
    "not_ubl": _("The file is not a UBL 2.1 invoice or credit note."),
    "ubl_incomplete": _("The document lacks %(element)s, or it cannot be read."),
    "number_missing": _("The document has no invoice number."),
    "supplier_mismatch": _("The supplier in the document is not the company of this connection (%(number)s)."),
    "self_billed_by_customer": _(
        "This is a self-billed document of another supplier. Only the supplier's own documents are taken."
    ),
    "pdf_unreadable": _('The part "pdf" is not a PDF file.'),
    "invoice_locked": _(
        "%(locked_by)s booked this invoice on %(locked_on)s, so it can no longer be corrected. Send a credit note and "
        "a new invoice."
    ),
    "period_closed": _(
        "The accounting office closed the books up to %(closed_until)s, so an invoice of that time can no longer be "
        "corrected. Send a credit note and a new invoice."
    ),
}


class InvoiceRefused(DomainError):
    """The bytes were kept as a rejected arrival; `arrival_uuid` names it."""

    def __init__(self, code: str, *, arrival_uuid: UUID, **params: Any) -> None:
        super().__init__(**params)
        self.code = code
        self.sentence = SENTENCES[code]
        self.arrival_uuid = arrival_uuid


class _Unfit(Exception):
    """An intake check failed; becomes `InvoiceRefused` once the arrival is kept."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Upload:
    """What one upload brought: the document, and the PDF beside it when there was one."""

    company: Company
    software: Software
    document: bytes
    pdf: bytes | None


@dataclass(frozen=True, slots=True)
class Received:
    """What an upload turned out to be."""

    invoice: Invoice
    outcome: ArrivalOutcome
    version: int


@dataclass(frozen=True, slots=True)
class _Papers:
    document: Blob
    pdf: Blob | None


def receive_invoice(*, upload: Upload, actor: str, now: datetime) -> Received:
    """Keep an uploaded document and say what it is: new, the same again, or a correction.

    Bytes are on disk before any row, and rows are committed before the answer.

    :raises InvoiceRefused: with the code of the first intake check that failed; the bytes are kept.
    """
    papers = _Papers(
        document=store_bytes(upload.document, now=now),
        pdf=store_bytes(upload.pdf, now=now) if upload.pdf is not None else None,
    )
    try:
        return _keep(upload, papers, _read_fit(upload), actor=actor, now=now)
    except _Unfit as unfit:
        arrival = _keep_rejected(upload, papers, unfit.code, actor=actor, now=now)
        raise InvoiceRefused(unfit.code, arrival_uuid=arrival.uuid, **unfit.params) from unfit


def _read_fit(upload: Upload) -> UblDocument:
    try:
        ubl = read_ubl(upload.document)
    except UblRefused as refused:
        raise _Unfit(refused.code, element=refused.element or "", reason=str(refused)) from refused
    if code := check_supplier(ubl, numbers_valid_on(company=upload.company, on=ubl.issue_date)):
        raise _Unfit(code, number=format_enterprise_number(upload.company.enterprise_number))
    if upload.pdf is not None and not looks_like_pdf(upload.pdf):
        raise _Unfit("pdf_unreadable")
    return ubl


@transaction.atomic
def _keep_rejected(upload: Upload, papers: _Papers, code: str, *, actor: str, now: datetime) -> Arrival:
    upload = _lock_company(upload)
    arrival = Arrival.objects.create(
        company=upload.company,
        software=upload.software,
        document=papers.document,
        pdf=papers.pdf,
        outcome=ArrivalOutcome.REJECTED,
        code=code,
        received_at=now,
    )
    events.record(
        "arrival.rejected",
        subject_uuid=arrival.uuid,
        company_uuid=upload.company.uuid,
        actor=actor,
        now=now,
        payload={"code": code},
    )
    return arrival


@transaction.atomic
def _keep(upload: Upload, papers: _Papers, ubl: UblDocument, *, actor: str, now: datetime) -> Received:
    # The company's lock makes simultaneous uploads of one number one invoice.
    upload = _lock_company(upload)
    invoice = _find_same_number(upload.company, ubl)
    if invoice is None:
        return _keep_first(upload, papers, ubl, actor=actor, now=now)
    if _is_same_again(invoice, upload, papers.document, ubl):
        _keep_arrival(invoice, upload, papers, ArrivalOutcome.DUPLICATE, now)
        events.record(
            "invoice.arrived_again",
            subject_uuid=invoice.uuid,
            company_uuid=upload.company.uuid,
            actor=actor,
            now=now,
        )
        return Received(invoice, ArrivalOutcome.DUPLICATE, invoice.version)
    return _keep_correction(invoice, upload, papers, ubl, actor=actor, now=now)


def _lock_company(upload: Upload) -> Upload:
    """Lock the upload's company; a merge since the login was checked makes it an upload of the one that goes on."""
    return replace(upload, company=lock_live_company(company_id=upload.company.pk))


def _find_same_number(company: Company, ubl: UblDocument) -> Invoice | None:
    return (
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .filter(
            company=company,
            document_type=ubl.document_type,
            number=ubl.number,
            issue_year=ubl.issue_date.year,
        )
        .exclude(state=InvoiceState.REJECTED)
        .first()
    )


def _is_same_again(invoice: Invoice, upload: Upload, document: Blob, ubl: UblDocument) -> bool:
    """Tell whether it is the same invoice once more.

    The same bytes as a version that was not rejected; or what the newest of them says, for another software in its
    main points, for the one that sent a version in every field.
    """
    standing = invoice.versions.exclude(state=InvoiceState.REJECTED)
    if standing.filter(document=document).exists():
        return True
    newest = standing.select_related("document").latest("version")
    sent_a_version = invoice.arrivals.filter(
        software=upload.software, outcome__in=[ArrivalOutcome.FIRST, ArrivalOutcome.CORRECTION]
    )
    if is_same_across_channels(newest.facts, facts_of(ubl)) and not sent_a_version.exists():
        return True
    return not difference(read_ubl(read_bytes(newest.document)), ubl)


def _keep_first(upload: Upload, papers: _Papers, ubl: UblDocument, *, actor: str, now: datetime) -> Received:
    facts = facts_of(ubl)
    invoice = Invoice.objects.create(
        uuid=uuid4(),
        company=upload.company,
        software=upload.software,
        document_type=ubl.document_type,
        number=ubl.number,
        issue_year=ubl.issue_date.year,
        state=InvoiceState.RECEIVED,
        received_at=now,
        changed_at=now,
        **facts,
    )
    _keep_version(invoice, papers, 1, facts, now)
    _keep_arrival(invoice, upload, papers, ArrivalOutcome.FIRST, now)
    events.record("invoice.received", subject_uuid=invoice.uuid, company_uuid=upload.company.uuid, actor=actor, now=now)
    return Received(invoice, ArrivalOutcome.FIRST, 1)


def _keep_correction(
    invoice: Invoice, upload: Upload, papers: _Papers, ubl: UblDocument, *, actor: str, now: datetime
) -> Received:
    if closed := closed_to_corrections(invoice, issue_date=ubl.issue_date):
        raise _Unfit(closed.code, **closed.params)
    number = invoice.versions.aggregate(newest=Max("version"))["newest"] + 1
    _keep_version(invoice, papers, number, facts_of(ubl), now)
    _keep_arrival(invoice, upload, papers, ArrivalOutcome.CORRECTION, now)
    invoice.changed_at = now
    invoice.save(update_fields=["changed_at"])
    events.record(
        "invoice.corrected",
        subject_uuid=invoice.uuid,
        company_uuid=upload.company.uuid,
        actor=actor,
        now=now,
        payload={"version": number},
    )
    return Received(invoice, ArrivalOutcome.CORRECTION, number)


def _keep_version(invoice: Invoice, papers: _Papers, number: int, facts: dict[str, Any], now: datetime) -> None:
    InvoiceVersion.objects.create(
        invoice=invoice,
        version=number,
        state=InvoiceState.RECEIVED,
        document=papers.document,
        pdf=papers.pdf,
        received_at=now,
        **facts,
    )


def _keep_arrival(invoice: Invoice, upload: Upload, papers: _Papers, outcome: ArrivalOutcome, now: datetime) -> None:
    Arrival.objects.create(
        company=upload.company,
        software=upload.software,
        invoice=invoice,
        document=papers.document,
        pdf=papers.pdf,
        outcome=outcome,
        received_at=now,
    )


def facts_of(ubl: UblDocument) -> dict[str, Any]:
    """Return the columns that a document fills."""
    return {
        "issue_date": ubl.issue_date,
        "due_date": ubl.due_date,
        "currency": ubl.currency,
        "net_amount": ubl.net_amount,
        "vat_amount": ubl.vat_amount,
        "total_amount": ubl.total_amount,
        "payable_amount": ubl.payable_amount,
        "customer_name": ubl.customer_name[:300],
        "customer_number": (ubl.customer_vat or "")[:40],
        "structured_communication": ubl.structured_communication or "",
        "discounts": [{"amount": str(each.amount), "until": each.until.isoformat()} for each in ubl.discounts],
        "preceding_number": (ubl.preceding_invoice or "").strip()[:200],
    }
