"""What is posted to the endpoints of a software, for the document's section of webhooks."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from ninja import Schema
from ninja.openapi.schema import REF_TEMPLATE
from pydantic import Field

from apps.api.v2.values import Amount, Currency, Identifier, Instant, choice
from apps.delivery.rules import Channel
from apps.invoices.rules import DocumentType, InvoiceState, OfficeViewState, PaymentState
from apps.tokens.rules import ConnectionState, RequestState
from apps.webhooks.rules import TEST, Topic

Number = Annotated[str, Field(pattern=r"^[01]\d{9}$", description="Enterprise number, ten digits.")]
Url = Annotated[str, Field(description="Where to read more, with the login of that company's connection.")]


class ConnectionTold(Schema):
    """A connection of the software."""

    id: Identifier
    enterprise_number: Number
    state: Annotated[str, choice(ConnectionState)]
    suspension_code: str | None
    url: Url


class RequestTold(Schema):
    """A request of the software."""

    id: Identifier
    enterprise_number: Number
    state: Annotated[str, choice(RequestState)]
    refusal_code: str | None
    url: Url


class InvoiceTold(Schema):
    """An invoice that the software sent; `from` and `to` are payment states, `channel` is that of a delivery."""

    id: Identifier
    enterprise_number: Number
    document_type: Annotated[str, choice(DocumentType)]
    invoice_number: str
    version: int
    state: Annotated[str, choice(InvoiceState)]
    office_state: Annotated[str, choice(OfficeViewState)]
    payment_state: Annotated[str, choice(PaymentState)]
    currency: Currency
    total_amount: Amount
    payable_amount: Amount
    open_amount: Amount
    url: Url
    channel: Annotated[str, choice(Channel), Field("")]
    paid_from: Annotated[str, choice(PaymentState), Field("", alias="from")]
    paid_to: Annotated[str, choice(PaymentState), Field("", alias="to")]


class StatementTold(Schema):
    """Statements that can be read from a feed of the software."""

    feed: int
    enterprise_number: Number
    url: Url
    count: int
    indexes: Annotated[list[Identifier], Field(description="Of the feed's entries.")]


class TestTold(Schema):
    """The endpoint that a test message was asked for."""

    endpoint: Identifier


class MessageTold(Schema):
    """One event. `timestamp` is when it happened; `data` is what stood just before the first attempt."""

    type: str
    timestamp: Instant
    data: dict[str, Any]


TOLD: Final = (ConnectionTold, RequestTold, InvoiceTold, StatementTold, TestTold, MessageTold)
_DATA: Final[Mapping[str, type[Schema]]] = {
    "connection": ConnectionTold,
    "connection_request": RequestTold,
    "invoice": InvoiceTold,
    "statement": StatementTold,
    "webhook": TestTold,
}
_WHEN: Final[Mapping[str, str]] = {
    Topic.CONNECTION_ACTIVATED: "A connection began",
    Topic.CONNECTION_SUSPENDED: "A connection does not send for now",
    Topic.CONNECTION_RESUMED: "A connection goes on",
    Topic.CONNECTION_REVOKED: "A connection ended",
    Topic.REQUEST_REFUSED: "A request waits, since a check failed",
    Topic.REQUEST_TOKEN_SENT: "The code of a request was mailed",
    Topic.REQUEST_EXPIRED: "A request ended, since nothing came of it in time",
    Topic.REQUEST_WITHDRAWN: "A request was withdrawn",
    Topic.REQUEST_CLOSED: "A request was closed by staff",
    Topic.INVOICE_ACCEPTED: "An invoice was accepted",
    Topic.INVOICE_REJECTED: "An invoice was rejected",
    Topic.INVOICE_CORRECTION_ACCEPTED: "A correction was accepted",
    Topic.INVOICE_CORRECTION_REJECTED: "A correction was rejected",
    Topic.INVOICE_DELIVERED: "An invoice reached the accounting office",
    Topic.INVOICE_BOOKED: "The office booked an invoice",
    Topic.INVOICE_QUESTIONED: "The office asks about an invoice",
    Topic.INVOICE_REFUSED: "The office refused an invoice",
    Topic.INVOICE_PAYMENT_CHANGED: "Money came for an invoice, or was taken back",
    Topic.STATEMENT_AVAILABLE: "Statements can be read from a feed",
    TEST: "A test message was asked for",
}
_HEADERS: Final = {
    "webhook-id": "The message's for ever, in every attempt: a receiver keeps those that it has had.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970.",
    "webhook-signature": "Standard Webhooks, `v1,…`; two of them for 24 hours after the secret was replaced.",
}


def build_webhooks(examples: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the section of webhooks: every message that a software can be sent, as an operation of its own server."""
    bodies = {example["type"]: example for example in examples}
    return {topic: {"post": _message(topic, summary, bodies.get(topic))} for topic, summary in _WHEN.items()}


def _message(topic: str, summary: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
    data = {"$ref": REF_TEMPLATE.format(model=_DATA[topic.partition(".")[0]].__name__)}
    envelope = {"$ref": REF_TEMPLATE.format(model=MessageTold.__name__)}
    schema = {"allOf": [envelope, {"properties": {"type": {"const": topic}, "data": data}}]}
    content: dict[str, Any] = {"schema": schema}
    if body is not None:
        content["examples"] = {"told": {"summary": summary, "value": body}}
    return {
        "operationId": topic.replace(".", "_"),
        "summary": summary,
        "description": "Posted to the endpoints that want to hear of it; answer at once, from 200 to 299.",
        "security": [],
        "parameters": [_header(name, text) for name, text in _HEADERS.items()],
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {
            "2XX": {"description": "Taken."},
            "410": {"description": "Nobody listens here any more: the endpoint is paused, and its maker is mailed."},
            "default": {"description": "Not taken: it is sent again for three days. Redirects are not followed."},
        },
    }


def _header(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
