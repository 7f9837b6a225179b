"""What a message says: ids, states and amounts of what happened, and where to read more; never names or texts.

It is what stands when it is written, just before the first attempt; every further attempt says the same.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef

from apps.core import clock
from apps.core.money import format_amount
from apps.delivery.models import Feed
from apps.invoices.models import Invoice
from apps.reconciliation.selectors import list_open_amounts
from apps.tokens.models import Connection, ConnectionRequest
from apps.tokens.rules import ConnectionState
from apps.webhooks.models import Message
from apps.webhooks.rules import TEST

# Of an event's own particulars, those that a software is told.
_TOLD: Final = ("channel", "version", "from", "to", "count", "indexes")
# Nothing is told of what this says of a message: its connection ended, or there is no such thing any more.
NOT_TOLD: Final = "no_longer_connected"

Facts = dict[UUID, dict[str, Any]]


def write_bodies(messages: Sequence[Message]) -> list[Message]:
    """Write the body of each message that has none, in a few queries; returns those of which nothing may be told."""
    fresh = [message for message in messages if not message.body]
    untold = []
    for kind, read in _READERS.items():
        theirs = [message for message in fresh if message.topic.partition(".")[0] == kind]
        facts = read({message.subject_uuid for message in theirs}) if theirs else {}
        for message in theirs:
            if message.subject_uuid in facts:
                message.body = _write(message, facts[message.subject_uuid])
            else:
                untold.append(message)
    Message.objects.bulk_update([message for message in fresh if message.body], ["body"])
    return untold


def _write(message: Message, facts: dict[str, Any]) -> str:
    particulars = {name: message.particulars[name] for name in _TOLD if name in message.particulars}
    told = {"type": message.topic, "timestamp": clock.write_instant(message.happened_at), "data": facts | particulars}
    return json.dumps(told, separators=(",", ":"))


def _read_invoices(uuids: Iterable[UUID]) -> Facts:
    """Return what a software may know of its invoices: nothing once the company ended its connection."""
    live = Connection.objects.filter(company=OuterRef("company"), software=OuterRef("software"))
    sent = Invoice.objects.filter(Exists(live.exclude(state=ConnectionState.REVOKED)), uuid__in=uuids)
    invoices = list(sent.select_related("company"))
    amounts = list_open_amounts(invoices)
    return {
        invoice.uuid: {
            "id": str(invoice.uuid),
            "enterprise_number": invoice.company.enterprise_number,
            "document_type": invoice.document_type,
            "invoice_number": invoice.number,
            "version": invoice.version,
            "state": invoice.state,
            "office_state": invoice.office_state,
            "payment_state": invoice.payment_state,
            "currency": invoice.currency,
            "total_amount": format_amount(invoice.total_amount),
            "payable_amount": format_amount(invoice.payable_amount),
            "open_amount": format_amount(amounts[invoice.pk]),
            "url": _url(f"sales-invoices/{invoice.uuid}"),
        }
        for invoice in invoices
    }


def _read_connections(uuids: Iterable[UUID]) -> Facts:
    return {
        connection.uuid: {
            "id": str(connection.uuid),
            "enterprise_number": connection.company.enterprise_number,
            "state": connection.state,
            "suspension_code": connection.suspension_code or None,
            "url": _url("connection"),
        }
        for connection in Connection.objects.filter(uuid__in=uuids).select_related("company")
    }


def _read_requests(uuids: Iterable[UUID]) -> Facts:
    return {
        request.uuid: {
            "id": str(request.uuid),
            "enterprise_number": request.enterprise_number,
            "state": request.state,
            "refusal_code": request.refusal_code or None,
            "url": _url(f"connection-requests/{request.uuid}"),
        }
        for request in ConnectionRequest.objects.filter(uuid__in=uuids)
    }


def _read_feeds(uuids: Iterable[UUID]) -> Facts:
    """Return the feeds of companies whose connection with the software stands."""
    live = Connection.objects.filter(company=OuterRef("company"), software=OuterRef("software"))
    feeds = Feed.objects.filter(Exists(live.exclude(state=ConnectionState.REVOKED)), uuid__in=uuids)
    return {
        feed.uuid: {
            "feed": feed.pk,
            "enterprise_number": feed.company.enterprise_number,
            "url": _url(f"delivery/feed/{feed.pk}"),
        }
        for feed in feeds.select_related("company")
    }


def _read_endpoints(uuids: Iterable[UUID]) -> Facts:
    return {uuid: {"endpoint": str(uuid)} for uuid in uuids}


def _url(path: str) -> str:
    return f"{settings.BASE_URL}/v2/{path}/"


_READERS: Final[dict[str, Callable[[Iterable[UUID]], Facts]]] = {
    "invoice": _read_invoices,
    "connection": _read_connections,
    "connection_request": _read_requests,
    "statement": _read_feeds,
    TEST.partition(".")[0]: _read_endpoints,
}
