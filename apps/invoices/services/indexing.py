"""Keeping the words of documents, by which invoices are found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.db import connection, transaction

from apps.blobs.selectors import BlobDamaged, read_bytes
from apps.invoices.models import Invoice, InvoiceVersion
from apps.invoices.rules import InvoiceState
from apps.invoices.ubl import UblRefused, read_ubl, words_of

BATCH: Final = 200
# One text a row, its words apart by blanks, of which they have none: SQL has no rows of lists of unequal length.
_WRITE: Final = """
UPDATE invoices_invoice SET words = array_to_tsvector(string_to_array(found.words, ' '))
FROM unnest(%s::bigint[], %s::text[]) AS found (id, words) WHERE invoices_invoice.id = found.id
"""


def write_words(words: Mapping[int, Sequence[str]]) -> None:
    """Keep the words of invoices, by their ids, in one statement; in the caller's transaction, which locked them."""
    if words:
        with connection.cursor() as cursor:
            cursor.execute(_WRITE, [list(words), [" ".join(each) for each in words.values()]])


def index_missing(*, after: int = 0) -> Iterator[tuple[int, int]]:
    """Keep the words of judged invoices that have none yet; yields the last id of each batch and how many it had.

    Each batch is a transaction, and what has its words is left alone: a run that was stopped goes on where it was.
    A document whose bytes are gone or damaged is passed over.

    :raises StorageUnavailable: when the storage does not answer; a later run goes on.
    """
    while ids := _next_without_words(after):
        yield ids[-1], _index(ids)
        after = ids[-1]


def _next_without_words(after: int) -> list[int]:
    missing = Invoice.objects.filter(words=None, pk__gt=after).exclude(state=InvoiceState.RECEIVED).order_by("pk")
    return list(missing.values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _index(ids: Sequence[int]) -> int:
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids, words=None).order_by("pk")
    in_force = {invoice.pk: invoice.version for invoice in locked}
    versions = InvoiceVersion.objects.filter(invoice__in=in_force, purged_at=None).select_related("document")
    words = {}
    for version in versions:
        if version.version == in_force[version.invoice_id]:
            try:
                words[version.invoice_id] = words_of(read_ubl(read_bytes(version.document)))
            except (BlobDamaged, UblRefused):
                continue
    write_words(words)
    return len(words)
