"""What is delivered to whom, and in which formats."""

from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """A way by which an accounting office receives an invoice."""

    INBOX = "inbox"
    FEED = "feed"


class DeliveryState(StrEnum):
    """Where one delivery stands; `fetched` is for feed and inbox only."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FETCHED = "fetched"
    FAILED = "failed"


DELIVERY_TRANSITIONS: Final[dict[DeliveryState, frozenset[DeliveryState]]] = {
    DeliveryState.PENDING: frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED}),
    DeliveryState.DELIVERED: frozenset({DeliveryState.FETCHED}),
    DeliveryState.FETCHED: frozenset(),
    DeliveryState.FAILED: frozenset({DeliveryState.PENDING, DeliveryState.DELIVERED}),
}


class DocumentModel(StrEnum):
    """The wire's name of what a feed entry holds."""

    CODA = "coda"
    SALES_INVOICE = "sales_invoice"


FORMATS: Final[dict[DocumentModel, tuple[str, ...]]] = {
    DocumentModel.CODA: ("cod", "pdf", "xml"),
    DocumentModel.SALES_INVOICE: ("pdf", "xml"),
}
MEDIA_TYPES: Final = {"cod": "application/vnd.coda", "xml": "application/xml", "pdf": "application/pdf"}

# No client of the wire protocol pages: the rest follows once these are marked.
FEED_PAGE: Final = 500
REDELIVERY_LIFE_DAYS: Final = 30
