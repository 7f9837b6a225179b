"""What the worker decides of a received version, and the states that follow."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from apps.blobs.selectors import read_bytes
from apps.companies.locks import lock_live_company
from apps.core import clock
from apps.core.states import check_transition
from apps.events import services as events
from apps.invoices.checks import Found, Judgement, judge, own
from apps.invoices.models import Finding, Invoice, InvoiceFacts, InvoiceVersion
from apps.invoices.rules import (
    INVOICE_TRANSITIONS,
    DocumentType,
    InvoiceState,
    PaymentState,
    Severity,
    is_credit_note_expected,
    payment_state_at_acceptance,
)
from apps.invoices.sentences import message_of
from apps.invoices.services.bookings import take_correction
from apps.invoices.services.corrections import closed_to_corrections

FACTS = [field.name for field in InvoiceFacts._meta.get_fields()]


def judge_invoice(*, invoice_uuid: UUID, now: datetime) -> int:
    """Judge every received version of an invoice, oldest first; returns how many were judged now.

    Whose document it is was decided at intake, by the numbers that the company had then; it is not asked again.
    Runs Saxon, so only in a worker process.
    """
    waiting = InvoiceVersion.objects.filter(invoice__uuid=invoice_uuid, state=InvoiceState.RECEIVED)
    judged = 0
    for version in waiting.select_related("document", "pdf", "invoice").order_by("version"):
        judgement = judge(
            read_bytes(version.document),
            pdf=read_bytes(version.pdf) if version.pdf is not None else None,
            on=clock.brussels_day(version.received_at),
            peppol_sheets=settings.PEPPOL_RULES_DIR,
        )
        judged += _record_judgement(version, judgement, now)
    return judged


@transaction.atomic
def _record_judgement(version: InvoiceVersion, judgement: Judgement, now: datetime) -> bool:
    if version.version > 1:
        # The company first, as a closing of its books does.
        lock_live_company(company_id=version.invoice.company_id)
    invoice = (
        Invoice.objects.select_for_update(of=("self",), no_key=True)
        .select_related("company", "office")
        .get(pk=version.invoice_id)
    )
    version.refresh_from_db()
    if version.state != InvoiceState.RECEIVED:
        return False
    findings = [*judgement.findings, *_of_a_correction(invoice, version)]
    is_rejected = any(found.severity is Severity.FATAL for found in findings)
    wanted = InvoiceState.REJECTED if is_rejected else InvoiceState.ACCEPTED
    check_transition(INVOICE_TRANSITIONS, InvoiceState(version.state), wanted)
    Finding.objects.bulk_create(_finding(version, found) for found in findings)
    version.state, version.judged_at = wanted, now
    version.save(update_fields=["state", "judged_at"])
    if wanted is InvoiceState.ACCEPTED:
        _put_in_force(invoice, version, now)
    elif invoice.state == InvoiceState.RECEIVED:
        _reject(invoice, now)
    else:
        _record(invoice, "invoice.correction_rejected", version, now)
    return True


def _of_a_correction(invoice: Invoice, version: InvoiceVersion) -> list[Found]:
    """Say what a version does to the invoice that stands: nothing under an office that closed it in the meantime."""
    if invoice.state != InvoiceState.ACCEPTED:
        return []
    if closed := closed_to_corrections(invoice, issue_date=version.issue_date):
        return [own(closed.code, **{name: str(value) for name, value in closed.params.items()})]
    return [own("credit_note_expected")] if is_credit_note_expected(invoice.facts, version.facts) else []


def _finding(version: InvoiceVersion, found: Found) -> Finding:
    with translation.override("en"):
        message = message_of(found.code, found.message, found.params)
    return Finding(
        version=version,
        code=found.code[:60],
        severity=found.severity,
        layer=found.layer,
        location=found.location[:500],
        message=message,
        params=dict(found.params),
    )


def _put_in_force(invoice: Invoice, version: InvoiceVersion, now: datetime) -> None:
    for name in FACTS:
        setattr(invoice, name, getattr(version, name))
    is_first = invoice.state == InvoiceState.RECEIVED
    if is_first:
        check_transition(INVOICE_TRANSITIONS, InvoiceState(invoice.state), InvoiceState.ACCEPTED)
        invoice.state, invoice.accepted_at = InvoiceState.ACCEPTED, now
        document_type = DocumentType(invoice.document_type)
        invoice.payment_state = payment_state_at_acceptance(document_type, invoice.payable_amount)
    else:
        take_correction(invoice=invoice, actor="system", now=now)
    invoice.version, invoice.changed_at = version.version, now
    written = ("state", "accepted_at", "payment_state", "office_state", "answered_at", "version", "changed_at")
    invoice.save(update_fields=[*FACTS, *written])
    _record(invoice, "invoice.accepted" if is_first else "invoice.correction_accepted", version, now)


def _reject(invoice: Invoice, now: datetime) -> None:
    check_transition(INVOICE_TRANSITIONS, InvoiceState(invoice.state), InvoiceState.REJECTED)
    invoice.state, invoice.rejected_at, invoice.changed_at = InvoiceState.REJECTED, now, now
    invoice.save(update_fields=["state", "rejected_at", "changed_at"])
    events.record(
        "invoice.rejected",
        subject_uuid=invoice.uuid,
        company_uuid=invoice.company.uuid,
        actor="system",
        now=now,
    )


def _record(invoice: Invoice, name: str, version: InvoiceVersion, now: datetime) -> None:
    events.record(
        name,
        subject_uuid=invoice.uuid,
        company_uuid=invoice.company.uuid,
        actor="system",
        now=now,
        payload={"version": version.version},
    )


def set_payment_state(*, invoice: Invoice, state: PaymentState, actor: str, now: datetime) -> None:
    """Write what has been paid of an invoice, in the caller's transaction, which holds the invoice's lock."""
    if invoice.payment_state == state:
        return
    before, invoice.payment_state, invoice.changed_at = invoice.payment_state, state, now
    invoice.save(update_fields=["payment_state", "changed_at"])
    events.record(
        "invoice.payment_changed",
        subject_uuid=invoice.uuid,
        company_uuid=invoice.company.uuid,
        actor=actor,
        now=now,
        payload={"from": before, "to": state.value},
    )
