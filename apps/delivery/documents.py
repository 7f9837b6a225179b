"""The version that a delivery is about, as a document with its files: what every push channel hands over."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from django.conf import settings

from apps.accounting_offices.selectors import client_codes
from apps.blobs.selectors import read_bytes
from apps.delivery.archives import ArchivedDocument, ArchivedFile
from apps.delivery.models import Delivery
from apps.delivery.rules import Occasion
from apps.invoices.models import Invoice, InvoiceVersion
from apps.invoices.selectors import read_version_pdf

# What a PDF that we render, or that is inside the XML, takes at most when its size is not known.
RENDERED_PDF: Final = 300_000


def list_documents(deliveries: Sequence[Delivery], *, at_most: int) -> list[ArchivedDocument]:
    """Return what deliveries of one office are about, in their order; a few queries, whatever their number.

    Files that would make a document larger than `at_most` bytes are left out, the PDF first; it then says where to
    find them. Invoices and their companies are joined.
    """
    if not deliveries:
        return []
    versions = read_versions(row.invoice_id for row in deliveries)
    office = deliveries[0].office
    codes = client_codes(office=office, company_ids={row.invoice.company_id for row in deliveries})
    return [
        _document(row, versions[row.invoice_id, row.version], codes.get(row.invoice.company_id, ""), at_most)
        for row in deliveries
    ]


def _document(delivery: Delivery, version: InvoiceVersion, client_code: str, at_most: int) -> ArchivedDocument:
    files = [ArchivedFile("xml", partial(read_bytes, version.document))]
    if size_of(version) <= at_most:
        files.append(ArchivedFile("pdf", partial(read_version_pdf, version, language=delivery.office.language)))
    if version.document.size > at_most:
        files = []
    return document_of(
        delivery.invoice,
        version,
        client_code=client_code,
        files=files,
        occasion=Occasion(delivery.occasion),
        left_out="" if len(files) == 2 else invoice_url(delivery),
    )


def read_versions(invoice_ids: Iterable[int]) -> dict[tuple[int, int], InvoiceVersion]:
    """Return the versions of invoices by their id and number, the rows of their files joined; one query."""
    papers = InvoiceVersion.objects.filter(invoice__in=list(invoice_ids)).select_related("document", "pdf")
    return {(paper.invoice_id, paper.version): paper for paper in papers}


def document_of(
    invoice: Invoice,
    version: InvoiceVersion,
    *,
    client_code: str,
    files: Sequence[ArchivedFile],
    occasion: Occasion,
    left_out: str,
) -> ArchivedDocument:
    """Return a version of an invoice, whose company is joined, as it lies in an archive."""
    return ArchivedDocument(
        client_code=client_code,
        enterprise_number=invoice.company.enterprise_number,
        company_name=invoice.company.name,
        document_type=invoice.document_type,
        number=invoice.number,
        version=version.version,
        issue_date=version.issue_date,
        customer_name=version.customer_name,
        currency=version.currency,
        total_amount=version.total_amount,
        files=files,
        occasion=occasion.value,
        left_out=left_out,
        due_date=version.due_date,
        net_amount=version.net_amount,
        vat_amount=version.vat_amount,
        payable_amount=version.payable_amount,
        structured_communication=version.structured_communication,
    )


def size_of(version: InvoiceVersion) -> int:
    """Return how many bytes a version's files take, at most; one inside the XML is no larger than that."""
    pdf = version.pdf.size if version.pdf is not None else max(RENDERED_PDF, version.document.size)
    return int(version.document.size + pdf)


def sizes_of(deliveries: Iterable[Delivery]) -> list[int]:
    """Return the sizes of what deliveries are about, in their order, with one query."""
    rows = list(deliveries)
    versions = read_versions(row.invoice_id for row in rows)
    return [size_of(versions[row.invoice_id, row.version]) for row in rows]


def invoice_url(delivery: Delivery) -> str:
    """Return the page of a delivery's invoice for the people of its office."""
    return f"{settings.BASE_URL}/offices/{delivery.office.uuid}/invoices/{delivery.invoice.uuid}/"
