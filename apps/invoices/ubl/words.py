"""The words of a document that a person may look for."""

from collections.abc import Iterator
from typing import Final

from apps.core.words import words_in
from apps.invoices.ubl.document import UblDocument

# Lines come last: of a document with thousands of them the first ones are found.
MOST_WORDS: Final = 400


def words_of(document: UblDocument) -> list[str]:
    """Return what can be looked for, each word once: header, customer, references, notes and lines; at most 400."""
    words: dict[str, None] = {}
    for text in _texts(document):
        for word in words_in(text):
            words[word] = None
            if len(words) == MOST_WORDS:
                return list(words)
    return list(words)


def _texts(document: UblDocument) -> Iterator[str]:
    yield document.number
    yield document.customer_name
    yield from document.customer_address
    yield from document.customer_numbers
    yield from filter(
        None,
        (
            document.customer_vat,
            document.structured_communication,
            document.preceding_invoice,
            document.buyer_reference,
            document.order_reference,
            document.note,
            document.payment_terms,
        ),
    )
    yield from document.payment_ids
    for line in document.lines:
        yield line.description
