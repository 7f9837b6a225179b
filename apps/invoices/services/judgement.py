"""What the worker decides of a received version, and the states that follow."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from apps.blobs.selectors import read_bytes
from apps.companies.locks import lock_live_company
from apps.core import clock
from apps.core.states import check_transition
from apps.events import services as events
from apps.events.services import News
from apps.invoices.checks import Found, judge, own
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
from apps.invoices.services.indexing import write_words
from apps.invoices.ubl import words_of

FACTS = [field.name for field in InvoiceFacts._meta.get_fields()]
# What was judged is seen within so long, whatever else is judged with it.
LONGEST_UNRECORDED_SECONDS: Final = 2.0
PAYMENT_CHANGED: Final = "invoice.payment_changed"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A version, what the rules found and its words; no more of the document, as many may wait to be recorded."""

    version: InvoiceVersion
    findings: Sequence[Found]
    words: list[str]


def judge_invoices(*, invoice_uuids: Collection[UUID], now: datetime) -> int:
    """Judge every received version of some invoices, oldest first of each; returns how many were judged now.

    Whose document it is was decided at intake, by the numbers that the company had then; it is not asked again. The
    documents are judged outside any transaction; what was judged is recorded every other second, and before anything
    that goes wrong with a later one leaves here.

    Runs Saxon, so only in a worker process.
    """
    waiting = InvoiceVersion.objects.filter(invoice__uuid__in=invoice_uuids, state=InvoiceState.RECEIVED)
    judged: list[_Judged] = []
    recorded, began = 0, monotonic()
    try:
        for version in waiting.select_related("document", "pdf", "invoice").order_by("invoice_id", "version"):
            judged.append(_judge(version))
            if monotonic() - began > LONGEST_UNRECORDED_SECONDS:
                recorded += _record_judgements(judged, now)
                judged, began = [], monotonic()
    finally:
        recorded += _record_judgements(judged, now)
    return recorded


def _judge(version: InvoiceVersion) -> _Judged:
    judgement = judge(
        read_bytes(version.document),
        pdf=read_bytes(version.pdf) if version.pdf is not None else None,
        on=clock.brussels_day(version.received_at),
        peppol_sheets=settings.PEPPOL_RULES_DIR,
    )
    return _Judged(version, judgement.findings, words_of(judgement.document) if judgement.document else [])


def _record_judgements(judged: Sequence[_Judged], now: datetime) -> int:
    """Record first versions all at once, then corrections one by one; returns how many were not recorded before."""
    firsts = [each for each in judged if each.version.version == 1]
    corrections = [each for each in judged if each.version.version > 1]
    recorded = _record_firsts(firsts, now) if firsts else 0
    return recorded + sum(_record_correction(each, now) for each in corrections)


@transaction.atomic
def _record_firsts(judged: Sequence[_Judged], now: datetime) -> int:
    """Decide first versions in a number of statements that does not grow with theirs.

    The invoice's own facts are those of its first version already. A rejected one that a correction follows leaves
    its invoice to that.
    """
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company").order_by("pk")
    invoices = {invoice.pk: invoice for invoice in locked.filter(pk__in=[each.version.invoice_id for each in judged])}
    received = InvoiceVersion.objects.filter(pk__in=[each.version.pk for each in judged], state=InvoiceState.RECEIVED)
    waiting = set(received.values_list("pk", flat=True))
    judged = [each for each in judged if each.version.pk in waiting]
    Finding.objects.bulk_create(_finding(each.version, found) for each in judged for found in each.findings)
    followed = _followed([each for each in judged if _verdict(each.findings) is InvoiceState.REJECTED])
    decided: dict[tuple[InvoiceState, PaymentState], list[_Judged]] = {}
    news: list[News] = []
    for each in judged:
        invoice = invoices[each.version.invoice_id]
        wanted = _verdict(each.findings)
        check_transition(INVOICE_TRANSITIONS, InvoiceState(invoice.state), wanted)
        if wanted is InvoiceState.REJECTED and invoice.pk in followed:
            InvoiceVersion.objects.filter(pk=each.version.pk).update(state=wanted, judged_at=now)
            news.append(News("invoice.correction_rejected", invoice.uuid, invoice.company.uuid, {"version": 1}))
            continue
        decided.setdefault((wanted, _payment_state(invoice, wanted)), []).append(each)
        payload = {"version": 1} if wanted is InvoiceState.ACCEPTED else {}
        news.append(News(f"invoice.{wanted.value}", invoice.uuid, invoice.company.uuid, payload))
    for (wanted, payment_state), of_these in decided.items():
        _decide(of_these, wanted, payment_state, now)
    write_words({each.version.invoice_id: each.words for each in judged})
    events.record_many(news, actor="system", now=now)
    return len(judged)


def _followed(rejected: Sequence[_Judged]) -> set[int]:
    """Return the invoices, which the caller has locked, of which a later version still waits."""
    if not rejected:
        return set()
    later = InvoiceVersion.objects.filter(
        invoice__in=[each.version.invoice_id for each in rejected], version__gt=1, state=InvoiceState.RECEIVED
    )
    return set(later.values_list("invoice_id", flat=True))


def _verdict(findings: Sequence[Found]) -> InvoiceState:
    is_rejected = any(found.severity is Severity.FATAL for found in findings)
    return InvoiceState.REJECTED if is_rejected else InvoiceState.ACCEPTED


def _payment_state(invoice: Invoice, wanted: InvoiceState) -> PaymentState:
    if wanted is not InvoiceState.ACCEPTED:
        return PaymentState(invoice.payment_state)
    return payment_state_at_acceptance(DocumentType(invoice.document_type), invoice.payable_amount)


def _decide(judged: Sequence[_Judged], wanted: InvoiceState, payment_state: PaymentState, now: datetime) -> None:
    """Write one verdict on first versions and their invoices, whose locks and states the caller has."""
    decided_at = {"accepted_at" if wanted is InvoiceState.ACCEPTED else "rejected_at": now}
    versions = InvoiceVersion.objects.filter(pk__in=[each.version.pk for each in judged])
    versions.update(state=wanted, judged_at=now)
    invoices = Invoice.objects.filter(pk__in=[each.version.invoice_id for each in judged])
    invoices.update(state=wanted, payment_state=payment_state, **decided_at)


@transaction.atomic
def _record_correction(judged: _Judged, now: datetime) -> bool:
    version = judged.version
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
    findings = [*judged.findings, *_of_a_correction(invoice, version)]
    wanted = _verdict(findings)
    check_transition(INVOICE_TRANSITIONS, InvoiceState(version.state), wanted)
    Finding.objects.bulk_create(_finding(version, found) for found in findings)
    version.state, version.judged_at = wanted, now
    version.save(update_fields=["state", "judged_at"])
    if wanted is InvoiceState.ACCEPTED:
        _put_in_force(invoice, version, judged.words, now)
    elif invoice.state == InvoiceState.RECEIVED and not invoice.versions.filter(state=InvoiceState.RECEIVED).exists():
        _reject(invoice, now)
    else:
        _record(invoice, "invoice.correction_rejected", version, now)
    return True


def _reject(invoice: Invoice, now: datetime) -> None:
    check_transition(INVOICE_TRANSITIONS, InvoiceState(invoice.state), InvoiceState.REJECTED)
    invoice.state, invoice.rejected_at = InvoiceState.REJECTED, now
    invoice.save(update_fields=["state", "rejected_at"])
    events.record(
        "invoice.rejected", subject_uuid=invoice.uuid, company_uuid=invoice.company.uuid, actor="system", now=now
    )


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


def _put_in_force(invoice: Invoice, version: InvoiceVersion, words: list[str], now: datetime) -> None:
    for name in FACTS:
        setattr(invoice, name, getattr(version, name))
    is_first = invoice.state == InvoiceState.RECEIVED
    if is_first:
        check_transition(INVOICE_TRANSITIONS, InvoiceState(invoice.state), InvoiceState.ACCEPTED)
        invoice.state, invoice.accepted_at = InvoiceState.ACCEPTED, now
        invoice.payment_state = _payment_state(invoice, InvoiceState.ACCEPTED)
    else:
        take_correction(invoice=invoice, actor="system", now=now)
    invoice.version = version.version
    written = ("state", "accepted_at", "payment_state", "office_state", "answered_at", "version")
    invoice.save(update_fields=[*FACTS, *written])
    write_words({invoice.pk: words})
    _record(invoice, "invoice.accepted" if is_first else "invoice.correction_accepted", version, now)


def _record(invoice: Invoice, name: str, version: InvoiceVersion, now: datetime) -> None:
    events.record(
        name,
        subject_uuid=invoice.uuid,
        company_uuid=invoice.company.uuid,
        actor="system",
        now=now,
        payload={"version": version.version},
    )


class PaymentChange(NamedTuple):
    """What has been paid of an invoice, before and now."""

    invoice_id: int
    uuid: UUID | str
    company_uuid: UUID | str
    before: str
    after: PaymentState


def set_payment_state(*, invoice: Invoice, state: PaymentState, actor: str, now: datetime) -> None:
    """Write what has been paid of an invoice, in the caller's transaction, which holds the invoice's lock."""
    change = PaymentChange(invoice.pk, invoice.uuid, invoice.company.uuid, invoice.payment_state, state)
    invoice.payment_state = state
    set_payment_states(changes=[change], actor=actor, now=now)


def set_payment_states(
    *, changes: Sequence[PaymentChange], actor: str, now: datetime, moved: Collection[int] = ()
) -> None:
    """Write what has been paid of invoices, in the caller's transaction, which holds their locks.

    It takes two statements for all that change alike. Nothing is written where that is known, unless something `moved`
    for the invoice's id: another instalment changes what is open and no state.
    """
    by_state: dict[PaymentState, list[int]] = defaultdict(list)
    news: dict[tuple[str, PaymentState], list[tuple[UUID | str, UUID | str]]] = defaultdict(list)
    for pk, uuid, company_uuid, before, after in changes:
        if before != after:
            by_state[after].append(pk)
        if before != after or pk in moved:
            news[before, after].append((uuid, company_uuid))
    for state, ids in by_state.items():
        Invoice.objects.filter(pk__any_of=ids).update(payment_state=state)
    for (before, state), subjects in news.items():
        payload = {"from": str(before), "to": state.value}
        events.record_same(PAYMENT_CHANGED, subjects=subjects, actor=actor, now=now, payload=payload)
