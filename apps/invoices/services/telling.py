"""Telling a company what its accounting office asks about an invoice, or why it refused it."""

from collections.abc import Iterator
from uuid import UUID

from apps.companies.models import Company
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
