"""What an accounting office does with the invoices that it received: books them, asks about them, refuses them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.core.errors import DomainError, NotFound
from apps.core.states import check_transition
from apps.events import services as events
from apps.events.services import News
from apps.invoices.models import Invoice, Remark
from apps.invoices.rules import LONGEST_REMARK, OFFICE_VIEW_TRANSITIONS, OfficeViewState, RemarkKind


class RefusedByOffice(DomainError):
    """What an office refused is its maker's to correct: it is not booked, and not asked about or refused again."""

    code = "refused_by_office"
    sentence = _(
        "Invoice %(number)s was refused by your office. It can be booked once a correction of it comes in. "
        "Nothing was changed."
    )


class AlreadyBooked(DomainError):
    """What is in the books is neither asked about nor refused."""

    code = "already_booked"
    sentence = _("Invoice %(number)s is booked already. Nothing was changed.")


class NoOpenQuestion(DomainError):
    """An answer without a question: the office booked or refused the invoice in the meantime, or never asked."""

    code = "no_open_question"
    sentence = _("There is no open question on this invoice any more.")


class TextMissing(DomainError):
    """A question, a reason or an answer without words."""

    code = "text_missing"
    sentence = _("Write what it is about.")


class TextTooLong(DomainError):
    """More than is kept."""

    code = "text_too_long"
    sentence = _("Write at most %(most)s characters.")


@transaction.atomic
def book_invoices(*, invoice_ids: Collection[int], actor: str, now: datetime) -> int:
    """Mark invoices as booked by their office, all or none of them; the caller may see them. Returns how many were.

    Those that are booked already stay as they are.

    :raises RefusedByOffice: when the office refused one of them.
    """
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company")
    invoices = [
        invoice
        for invoice in locked.filter(pk__in=invoice_ids).order_by("pk")
        if invoice.office_state != OfficeViewState.BOOKED
    ]
    for invoice in invoices:
        if invoice.office_state == OfficeViewState.REFUSED:
            raise RefusedByOffice(number=invoice.number)
        _move(invoice, OfficeViewState.BOOKED)
    Invoice.objects.bulk_update(invoices, ["office_state", "answered_at"])
    events.record_many(
        [News("invoice.booked", invoice.uuid, invoice.company.uuid) for invoice in invoices], actor=actor, now=now
    )
    return len(invoices)


@transaction.atomic
def ask_question(*, invoice_uuid: UUID, text: str, actor: str, now: datetime) -> Invoice:
    """Keep an office's question on an invoice, which its company answers; a further one may follow.

    The same question again, while it is the last word, changes nothing.

    :raises NotFound: when there is no such invoice.
    :raises TextMissing: :raises TextTooLong: as they say.
    :raises AlreadyBooked: :raises RefusedByOffice: when the office did so.
    """
    text, invoice = _read_text(text), _lock(invoice_uuid)
    state = OfficeViewState(invoice.office_state)
    if state is OfficeViewState.BOOKED:
        raise AlreadyBooked(number=invoice.number)
    if state is OfficeViewState.REFUSED:
        raise RefusedByOffice(number=invoice.number)
    if _is_last_word(invoice, RemarkKind.QUESTION, text):
        return invoice
    if state is OfficeViewState.UNSEEN:
        _move(invoice, OfficeViewState.QUESTIONED)
    invoice.answered_at = None
    _remark(invoice, RemarkKind.QUESTION, text, "invoice.questioned", actor=actor, now=now)
    return invoice


@transaction.atomic
def refuse_invoice(*, invoice_uuid: UUID, text: str, actor: str, now: datetime) -> Invoice:
    """Keep why an office refuses an invoice; an accepted correction puts it before the office again.

    The same refusal again changes nothing.

    :raises NotFound: when there is no such invoice.
    :raises TextMissing: :raises TextTooLong: as they say.
    :raises AlreadyBooked: :raises RefusedByOffice: when the office did so, with another reason.
    """
    text, invoice = _read_text(text), _lock(invoice_uuid)
    state = OfficeViewState(invoice.office_state)
    if state is OfficeViewState.BOOKED:
        raise AlreadyBooked(number=invoice.number)
    if state is OfficeViewState.REFUSED:
        if _is_last_word(invoice, RemarkKind.REFUSAL, text):
            return invoice
        raise RefusedByOffice(number=invoice.number)
    _move(invoice, OfficeViewState.REFUSED)
    _remark(invoice, RemarkKind.REFUSAL, text, "invoice.refused", actor=actor, now=now)
    return invoice


@transaction.atomic
def answer_question(*, invoice_uuid: UUID, text: str, actor: str, now: datetime) -> Invoice:
    """Keep a company's answer to the open question on an invoice; the question stays open until the office decides.

    The same answer again, while it is the last word, changes nothing.

    :raises NotFound: when there is no such invoice.
    :raises TextMissing: :raises TextTooLong: as they say.
    :raises NoOpenQuestion: when the office does not ask, or no longer.
    """
    text, invoice = _read_text(text), _lock(invoice_uuid)
    if invoice.office_state != OfficeViewState.QUESTIONED:
        raise NoOpenQuestion
    if _is_last_word(invoice, RemarkKind.ANSWER, text):
        return invoice
    invoice.answered_at = now
    _remark(invoice, RemarkKind.ANSWER, text, "invoice.answered", actor=actor, now=now)
    return invoice


def take_correction(*, invoice: Invoice, actor: str, now: datetime) -> None:
    """Put a corrected invoice before its office: a refused one anew, and an open question counts as answered.

    In the caller's transaction, which holds the invoice's lock and saves `office_state` and `answered_at`.
    """
    if invoice.office_state == OfficeViewState.QUESTIONED:
        invoice.answered_at = invoice.answered_at or now
    if invoice.office_state != OfficeViewState.REFUSED:
        return
    _move(invoice, OfficeViewState.UNSEEN)
    events.record(
        "invoice.reopened", subject_uuid=invoice.uuid, company_uuid=invoice.company.uuid, actor=actor, now=now
    )


def _lock(invoice_uuid: UUID) -> Invoice:
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).select_related("company")
    invoice = locked.filter(uuid=invoice_uuid).first()
    if invoice is None:
        raise NotFound
    return invoice


def _move(invoice: Invoice, state: OfficeViewState) -> None:
    check_transition(OFFICE_VIEW_TRANSITIONS, OfficeViewState(invoice.office_state), state)
    invoice.office_state, invoice.answered_at = state, None


def _read_text(text: str) -> str:
    """Return a text with its lines; other control characters, which no page shows, become blanks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    read = "".join(char if char == "\n" or char.isprintable() else " " for char in lines).strip()
    if not read:
        raise TextMissing
    if len(read) > LONGEST_REMARK:
        raise TextTooLong(most=LONGEST_REMARK)
    return read


def _is_last_word(invoice: Invoice, kind: RemarkKind, text: str) -> bool:
    last = invoice.remarks.order_by("-id").values_list("kind", "text").first()
    return last == (kind.value, text)


def _remark(invoice: Invoice, kind: RemarkKind, text: str, event: str, *, actor: str, now: datetime) -> None:
    invoice.save(update_fields=["office_state", "answered_at"])
    remark = Remark.objects.create(invoice=invoice, kind=kind, text=text, actor=actor, made_at=now)
    events.record(
        event,
        subject_uuid=invoice.uuid,
        company_uuid=invoice.company.uuid,
        actor=actor,
        now=now,
        payload={"remark": str(remark.uuid)},
    )
