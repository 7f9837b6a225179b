"""Telling a company what its accounting office says of an invoice; and the office what it answers."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.core.letters import GIVE_UP_AFTER
from apps.invoices import emails
from apps.invoices.models import Invoice, Remark
from apps.invoices.rules import OfficeViewState, RemarkKind

_KINDS = {OfficeViewState.QUESTIONED: RemarkKind.QUESTION, OfficeViewState.REFUSED: RemarkKind.REFUSAL}


def tell_of_remark(*, invoice_uuid: UUID) -> int:
    """Mail the office's last question or reason to the company; nothing once it no longer stands. Returns how many.

    Each member is written to in their own language; without members, the address on file in the company's. A crash
    after a mail repeats it, with the same Message-ID.
    """
    invoice = Invoice.objects.select_related("company__contact_email", "office").get(uuid=invoice_uuid)
    kind = _KINDS.get(OfficeViewState(invoice.office_state))
    if kind is None or invoice.answered_at:
        return 0
    remark = invoice.remarks.filter(kind=kind).latest("id")
    remark.invoice = invoice
    readers = list(_readers(invoice.company))
    for address, language in readers:
        emails.remark_mail(remark, to=address, language=language, office_name=_office_name(remark)).send()
    return len(readers)


def tell_of_answer(*, invoice_uuid: UUID, now: datetime) -> int:
    """Mail the office each answer of the company that it was not told yet; returns how many.

    It goes to whoever asked, while they are of the office, or else to the office's address. A crash after a mail
    repeats it, with the same Message-ID.
    """
    invoice = Invoice.objects.select_related("company", "office").get(uuid=invoice_uuid)
    if invoice.office is None:
        return 0
    untold = Remark.objects.filter(
        invoice=invoice, kind=RemarkKind.ANSWER, told_at=None, made_at__gt=now - GIVE_UP_AFTER
    )
    answers = list(untold.order_by("id"))
    for answer in answers:
        asked = invoice.remarks.filter(kind=RemarkKind.QUESTION, pk__lt=answer.pk).latest("id")
        answer.invoice = invoice
        to, language = _asker(invoice.office, asked)
        emails.answer_mail(answer, asked, to=to, language=language).send()
        Remark.objects.filter(pk=answer.pk).update(told_at=now)
    return len(answers)


def tell_of_correction(*, invoice_uuid: UUID) -> bool:
    """Mail the office that what it refused, or asked about, was corrected, unless it is done with it.

    The one who wrote is told, or else the office's address; once for each version.
    """
    invoice = Invoice.objects.select_related("company", "office").get(uuid=invoice_uuid)
    asked = invoice.remarks.filter(kind__in=[RemarkKind.QUESTION, RemarkKind.REFUSAL]).order_by("-id").first()
    # An accepted correction answers a question that is still open, and puts what was refused before the office anew.
    awaited = {RemarkKind.QUESTION: OfficeViewState.QUESTIONED, RemarkKind.REFUSAL: OfficeViewState.UNSEEN}
    if invoice.office is None or asked is None or invoice.office_state != awaited[RemarkKind(asked.kind)]:
        return False
    version = invoice.versions.get(version=invoice.version)
    if version.judged_at is None or version.judged_at < asked.made_at:
        return False
    asked.invoice = invoice
    to, language = _asker(invoice.office, asked)
    emails.correction_mail(
        asked, version=version.version, to=to, language=language, corrected_at=version.judged_at
    ).send()
    return True


def _asker(office: AccountingOffice, remark: Remark) -> tuple[str, str]:
    """Return whom an office wants told of a reply: who wrote the remark while a member, else its own address."""
    kind, _colon, uuid = remark.actor.partition(":")
    members = office.members.select_related("user") if kind == "user" else office.members.none()
    for member in members:
        if str(member.user.uuid) == uuid:
            return member.user.email, member.user.language
    return office.email, office.language


def _office_name(remark: Remark) -> str:
    office = remark.invoice.office
    return office.name if office else ""


def _readers(company: Company) -> Iterator[tuple[str, str]]:
    members = list(company.members.select_related("user").order_by("id"))
    for member in members:
        yield member.user.email, member.user.language
    contact = getattr(company, "contact_email", None)
    if not members and contact and contact.is_deliverable:
        yield contact.address, company.language
