"""A selection of invoices as documents for an archive: read some at a time, each file when its turn comes."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.selectors import client_codes
from apps.blobs.selectors import BlobDamaged, BlobPurged, read_bytes
from apps.delivery.archives import ArchivedDocument, ArchivedFile, FileLeftOut
from apps.delivery.documents import document_of, read_versions
from apps.delivery.rules import Occasion
from apps.invoices.models import Invoice, InvoiceVersion
from apps.invoices.selectors import office_language, read_version_pdf

logger = logging.getLogger(__name__)

AT_ONCE: Final = 100
# In the manifest, where papers were kept for their time and are gone; and where an operator must restore them.
PURGED: Final = "purged"
DAMAGED: Final = "document_missing"


def read_bundle(
    *, invoice_ids: Sequence[int], office: AccountingOffice | None, on_read: Callable[[Invoice], None] | None = None
) -> Iterator[ArchivedDocument]:
    """Give the versions in force of invoices in the order of their ids, which the caller may see.

    For an office with its client codes, for a company without. `on_read` is told of each invoice as it is given out.
    """
    for start in range(0, len(invoice_ids), AT_ONCE):
        yield from _read_some(invoice_ids[start : start + AT_ONCE], office, on_read)


def _read_some(
    ids: Sequence[int], office: AccountingOffice | None, on_read: Callable[[Invoice], None] | None
) -> Iterator[ArchivedDocument]:
    invoices = Invoice.objects.select_related("company").in_bulk(ids)
    versions = read_versions(ids)
    companies = {invoice.company_id for invoice in invoices.values()}
    codes = client_codes(office=office, company_ids=companies) if office else {}
    for invoice in (invoices[pk] for pk in ids if pk in invoices):
        version = versions[invoice.pk, invoice.version]
        yield _document(invoice, version, codes.get(invoice.company_id, ""), office)
        if on_read is not None:
            on_read(invoice)


def _document(
    invoice: Invoice, version: InvoiceVersion, client_code: str, office: AccountingOffice | None
) -> ArchivedDocument:
    language = office_language(office, invoice.company)
    is_purged = version.purged_at is not None
    files = (
        ArchivedFile("xml", partial(_read, partial(read_bytes, version.document))),
        ArchivedFile("pdf", partial(_read, partial(read_version_pdf, version, language=language))),
    )
    return document_of(
        invoice,
        version,
        client_code=client_code,
        files=() if is_purged else files,
        occasion=Occasion.AGAIN,
        left_out=PURGED if is_purged else "",
    )


def _read(read: Callable[[], bytes]) -> bytes:
    """Read a file; one that is gone is left out, so that it stands in the way of no other."""
    try:
        return read()
    except BlobPurged as error:
        raise FileLeftOut(PURGED) from error
    except BlobDamaged as error:
        logger.exception("A document for an archive cannot be read")
        raise FileLeftOut(DAMAGED) from error
