"""Reading sales invoices, each time for somebody."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from apps.accounting_offices.models import AccountingOffice
from apps.blobs.selectors import read_bytes
from apps.companies.models import Company
from apps.core.errors import NotFound
from apps.core.searching import has_text, has_words
from apps.events.selectors import subjects_held_by
from apps.invoices.models import STILL_TO_BE_PAID, Arrival, Finding, Invoice, InvoiceVersion, Remark
from apps.invoices.pdf import render_invoice
from apps.invoices.rules import ACTIVE_CONTENT, JUDGE_TASK, SEVERITY_ORDER, DocumentType, InvoiceState, Severity
from apps.invoices.ubl import UblDocument, read_ubl
from apps.tokens.models import Software
from apps.users.models import User

MOST_RELATED: Final = 20


def list_invoices(*, company: Company) -> QuerySet[Invoice]:
    """Return a company's invoices, newest first."""
    return Invoice.objects.filter(company=company).order_by("-issue_date", "-id")


def search_invoices(invoices: QuerySet[Invoice], text: str, amount: Decimal | None) -> QuerySet[Invoice]:
    """Keep the invoices with this text in their number or customer, with its words in the document, or of this total.

    A short text begins the number or the customer, or is a whole word.
    """
    found = has_text("number", text) | has_text("customer_name", text) | has_words("words", text)
    return invoices.filter(found | Q(total_amount=amount) if amount is not None else found)


def still_to_be_paid() -> Q:
    """Keep what is not, or not wholly, paid; credit notes to be set off or refunded included."""
    return STILL_TO_BE_PAID


def overdue(*, today: date) -> Q:
    """Keep the invoices that should have been paid before today."""
    return STILL_TO_BE_PAID & Q(document_type=DocumentType.INVOICE, due_date__lt=today)


def last_invoice_days(*, office: AccountingOffice, company_ids: Collection[int]) -> dict[int, date]:
    """Return the issue date of the newest invoice that an office got of each of some companies."""
    got = Invoice.objects.filter(company=OuterRef("pk"), office=office, delivered_at__isnull=False)
    newest = got.order_by("-issue_date", "-id").values("issue_date")[:1]
    companies = Company.objects.filter(pk__in=company_ids).annotate(newest=Subquery(newest)).exclude(newest=None)
    return dict(companies.values_list("pk", "newest"))


def get_company_invoice(*, company: Company, invoice_uuid: UUID) -> Invoice:
    """Return one invoice of a company that the viewer may see.

    :raises NotFound: for another company's.
    """
    invoice = Invoice.objects.select_related("company", "software", "office").filter(company=company, uuid=invoice_uuid)
    found = invoice.first()
    if found is None:
        raise NotFound
    return found


def get_invoice_of_member(*, viewer: User, company_uuid: UUID, invoice_uuid: UUID) -> Invoice:
    """Return an invoice of a company of which the person is a member; by the uuid of one that it absorbed, too.

    :raises NotFound: for everybody else, and for another company's.
    """
    absorbed = Company.objects.filter(uuid=company_uuid).values("merged_into")
    invoices = Invoice.objects.select_related("company", "software", "office").filter(uuid=invoice_uuid)
    known = invoices.filter(Q(company__uuid=company_uuid) | Q(company__in=absorbed), company__members__user=viewer)
    invoice = known.first()
    if invoice is None:
        raise NotFound
    return invoice


def get_sent_invoice(*, company: Company, software: Software, invoice_uuid: UUID) -> Invoice:
    """Return an invoice that this software sent for this company, or for one that it absorbed.

    :raises NotFound: for any other.
    """
    invoice = (
        Invoice.objects.select_related("company")
        .filter(Q(company=company) | Q(company__merged_into=company), uuid=invoice_uuid, arrivals__software=software)
        .first()
    )
    if invoice is None:
        raise NotFound
    return invoice


def held_checks(invoices: Iterable[Invoice]) -> set[UUID]:
    """Return which of some invoices stay received because their check was killed too often: staff look into it."""
    waiting = [invoice.uuid for invoice in invoices if invoice.state == InvoiceState.RECEIVED]
    return subjects_held_by(JUDGE_TASK, waiting) if waiting else set()


def list_related(*, invoice: Invoice, office: AccountingOffice | None) -> list[Invoice]:
    """Return what a credit note credits, or the credit notes of an invoice; for an office only what it received."""
    is_note = invoice.document_type == DocumentType.CREDIT_NOTE
    rows = Invoice.objects.filter(credit_notes=invoice) if is_note else invoice.credit_notes.order_by("id")
    if office is not None:
        rows = rows.filter(office=office, delivered_at__isnull=False)
    return list(rows[:MOST_RELATED])


def list_remarks(*, invoice: Invoice) -> Sequence[Remark]:
    """Return what was asked, refused and answered about an invoice, the first word first."""
    return list(invoice.remarks.order_by("id"))


def last_remarks(invoice_ids: Collection[int]) -> dict[int, Remark]:
    """Return the last word about each of some invoices, by its id; absent where nothing was said."""
    if not invoice_ids:
        return {}
    newest = Remark.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "-id").distinct("invoice_id")
    return {remark.invoice_id: remark for remark in newest}


def list_versions(*, invoice: Invoice) -> Sequence[InvoiceVersion]:
    """Return every version of an invoice with its papers, the newest first; the caller may see the invoice."""
    return list(invoice.versions.select_related("document", "pdf").order_by("-version"))


def get_version(*, invoice: Invoice, version: int) -> InvoiceVersion:
    """Return one version of an invoice with its papers; the caller may see the invoice.

    :raises NotFound: when it has no such version.
    """
    found = invoice.versions.select_related("document", "pdf").filter(version=version).first()
    if found is None:
        raise NotFound
    return found


def list_arrivals(*, invoice: Invoice) -> Sequence[Arrival]:
    """Return each upload of an invoice with its software, the newest first."""
    return list(invoice.arrivals.select_related("software").order_by("-received_at", "-id"))


def version_in_force(invoice: Invoice) -> InvoiceVersion:
    """Return the version in force, its papers joined."""
    return invoice.versions.select_related("document", "pdf").get(version=invoice.version)


def list_findings(*, invoice: Invoice) -> Sequence[Finding]:
    """Return the findings of the newest judged or waiting version, the gravest first."""
    return findings_by_invoice([invoice]).get(invoice.pk, [])


def findings_by_invoice(invoices: Iterable[Invoice]) -> dict[int, list[Finding]]:
    """Return the same of some invoices by the invoice's id, in one query."""
    versions = InvoiceVersion.objects.filter(invoice_id__in=[invoice.pk for invoice in invoices])
    newest = versions.order_by("invoice_id", "-version").distinct("invoice_id").values("pk")
    found: dict[int, list[Finding]] = {}
    for finding in Finding.objects.filter(version__in=newest).select_related("version").order_by("pk"):
        found.setdefault(finding.version.invoice_id, []).append(finding)
    for findings in found.values():
        findings.sort(key=lambda finding: SEVERITY_ORDER.index(Severity(finding.severity)))
    return found


def list_findings_of(version: InvoiceVersion) -> Sequence[Finding]:
    """Return the findings of a version, the gravest first."""
    return sorted(
        version.findings.all(), key=lambda finding: (SEVERITY_ORDER.index(Severity(finding.severity)), finding.pk)
    )


def read_document(invoice: Invoice) -> bytes:
    """Return the XML in force, byte for byte as received."""
    return read_bytes(version_in_force(invoice).document)


def read_pdf(invoice: Invoice, *, language: str) -> bytes:
    """Return the PDF to show: the one beside the document, else the embedded one, else one that we render."""
    return read_version_pdf(version_in_force(invoice), language=language)


def read_version_pdf(version: InvoiceVersion, *, language: str) -> bytes:
    """Return the same of one version, whose papers are joined."""
    if version.pdf is not None:
        return read_bytes(version.pdf)
    ubl = read_version(version)
    return ubl.embedded_pdf or render_invoice(ubl, language=language)


def office_language(office: AccountingOffice | None, company: Company) -> str:
    """Return the language for a paper that we make ourselves: the reader's, else the company's."""
    return office.language if office else company.language


def read_ubl_in_force(invoice: Invoice) -> UblDocument:
    """Return everything the document in force says."""
    return read_ubl(read_document(invoice))


def read_version(version: InvoiceVersion) -> UblDocument:
    """Return everything that a version, whose papers are joined, says."""
    return read_ubl(read_bytes(version.document))


def read_version_document(version: InvoiceVersion) -> bytes:
    """Return the XML of a version, whose papers are joined, byte for byte as received."""
    return read_bytes(version.document)


def may_act_by_itself(version: InvoiceVersion) -> bool:
    """Say whether a PDF of this version holds scripts or other actions, so that it is not to be opened unasked."""
    return version.findings.filter(code=ACTIVE_CONTENT).exists()
