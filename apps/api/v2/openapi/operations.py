"""What the document says of each route beyond what its code declares; `document` joins both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ninja import Schema

# The groups that the routes are shown in.
CONNECTING: Final = "Connecting"
DOCUMENTS: Final = "Bank statements and feeds"
INVOICES: Final = "Sales invoices"
MONEY: Final = "Payments"
OFFICES: Final = "Accounting offices"

TAGS: Final = {
    CONNECTING: "Ask for a connection, exchange the token, and see where both stand.",
    DOCUMENTS: "What waits for the caller: list, download, mark. A software reads its company's bank statements, an "
    "office's software its clients' documents.",
    INVOICES: "Send the accountant's copy of an invoice or a credit note, and follow it.",
    MONEY: "What paid an invoice, and what money came in.",
    OFFICES: "What an office's own software says of an invoice, and reads of the office and its clients.",
}

KEY: Final = ("https_required", "software_key_missing", "software_key_unknown", "software_disabled")
LOGIN: Final = (
    "credentials_missing",
    "credentials_wrong",
    "credentials_void",
    "connection_revoked",
    "https_required",
    "software_key_missing",
    "software_key_unknown",
    "software_disabled",
    "credentials_other_software",
)
# A write may carry a key under which its repetition is answered the same.
REPEATABLE: Final = ("idempotency_key_malformed", "idempotency_key_reused")
JSON_BODY: Final = ("malformed_request", "request_too_large")
FORM_BODY: Final = (
    "bad_request",
    "file_missing",
    "file_too_large",
    "request_too_large",
    "unsupported_media_type",
)


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter in the address, which the route reads by hand."""

    name: str
    text: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a route.

    `codes` are the errors that it can answer, besides `internal_error`. `body` is the shape of a JSON body, `files`
    says that the route takes the parts of an upload. `answers` are the media types of an answer that is no JSON.
    """

    tag: str
    summary: str
    text: str
    codes: Sequence[str]
    query: Sequence[Query] = ()
    body: type[Schema] | None = None
    files: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
