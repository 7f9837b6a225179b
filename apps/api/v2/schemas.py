"""The shapes on the wire, spelled out; amounts are strings with a dot, instants end on `Z`."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import PlainSerializer

Instant = Annotated[datetime, PlainSerializer(lambda value: value.isoformat().replace("+00:00", "Z"), return_type=str)]


class CredentialsOut(Schema):
    """The pair that a token gives; shown this once."""

    username: str
    password: str


class RequestRefOut(Schema):
    """A connection request, as the token call names it."""

    id: str
    state: str
    url: str


class TokenSentOut(Schema):
    """A token is on its way to the address on file."""

    detail: str
    code: str
    request: RequestRefOut


class RequestOut(Schema):
    """Where a connection request stands; `refusal` is a refusal body or null, `message` is from staff who closed it."""

    id: str
    state: str
    since: Instant
    refusal: dict[str, Any] | None
    token_expires_at: Instant | None
    message: str | None


class CompanyRefOut(Schema):
    """A company, as its own software sees it."""

    id: str
    enterprise_number: str
    name: str


class CredentialsStandOut(Schema):
    """How old the caller's own pair is; `overlap_until` is the instant at which it ends beside a newer one."""

    given_at: Instant
    first_used_at: Instant | None
    overlap_until: Instant | None


class ConnectionOut(Schema):
    """Where a connection stands; `refusal` says why it is suspended, or is null."""

    state: str
    since: Instant
    company: CompanyRefOut
    credentials: CredentialsStandOut
    refusal: dict[str, Any] | None


class FeedClientOut(Schema):
    """One feed in the list; `client_code` and `fiduciary_id` are UUIDs because clients parse them as such."""

    id: int
    client_id: str
    client_name: str
    client_code: str
    fiduciary_id: str
    target_root_state: str
    delivery_config: None


class PodOut(Schema):
    """What a login may read, and how long to wait between two polls, in seconds."""

    id: int
    fetch_delay: int
    allowed_formats: dict[str, list[str]]
    feed_clients: list[FeedClientOut]


class CodaMetadataOut(Schema):
    """A statement's metadata; the numbers are never null."""

    movement_count: int
    first_statement_number: int
    last_statement_number: int
    new_balance_date: date
    iban: str
    bank_id: str
    currency: str
    extension_zone: str | None


class SalesInvoiceMetadataOut(Schema):
    """A sales invoice's metadata; no name of the statement's is reused."""

    invoice_number: str
    document_type: str
    issue_date: date
    due_date: date | None
    currency: str
    total_amount: str
    supplier_vat: str
    customer_name: str
    structured_communication: str | None


class FeedEntryOut(Schema):
    """One document in a feed."""

    feed_index: str
    document_model: str
    metadata: CodaMetadataOut | SalesInvoiceMetadataOut


class FeedOut(Schema):
    """The unmarked documents of a feed, oldest first."""

    id: int
    type: str
    feed_entries: list[FeedEntryOut]


class FeedMarkedOut(Schema):
    """What a feed is marked up to."""

    id: int
    feed_offset: str


class DeliveryOut(Schema):
    """One way to the accounting office."""

    channel: str
    state: str
    at: Instant
    detail: str


class TimelineOut(Schema):
    """One step of an invoice."""

    event: str
    at: Instant
    actor: str


class FindingOut(Schema):
    """What a rule says of a document."""

    code: str
    severity: str
    layer: str
    location: str
    message: str
    remedy: str


class VerdictOut(Schema):
    """What a document would be if it were uploaded; the two facts are null when it cannot be read."""

    verdict: str
    document_type: str | None
    invoice_number: str | None
    findings: list[FindingOut]


class InvoiceOut(Schema):
    """One sales invoice with everything that happened to it."""

    id: str
    document_model: str
    document_type: str
    invoice_number: str
    issue_date: date
    due_date: date | None
    currency: str
    total_amount: str
    payable_amount: str
    open_amount: str
    customer_name: str
    structured_communication: str | None
    state: str
    state_modified_at: Instant
    changed_at: Instant
    duplicate: bool
    payment_state: str
    version: int
    deliveries: list[DeliveryOut]
    office_state: str
    timeline: list[TimelineOut]
    findings: list[FindingOut]


class InvoicesOut(Schema):
    """A page of invoices by their last change; `next` is the cursor of the page after it, or null."""

    results: list[InvoiceOut]
    next: str | None


class MovementOut(Schema):
    """One line of money; `amount` is signed and has three decimals, as the bank gives it."""

    id: str
    statement: str
    sequence: int
    detail: int
    entry_date: date
    value_date: date | None
    amount: str
    currency: str
    counterparty_name: str | None
    counterparty_iban: str | None
    structured_communication: str | None
    communication: str | None


class AllocationOut(Schema):
    """Money given to an invoice, or taken back from it; `difference` is what was missing beside it and explained."""

    movement: MovementOut
    amount: str
    difference: str
    difference_kind: str | None
    rule: str
    by: str
    at: Instant


class SetOffOut(Schema):
    """A document of the caller at the other end, with what is set off between it and the one asked about."""

    invoice: str
    invoice_number: str
    amount: str
    by: str
    at: Instant


class CriterionOut(Schema):
    """One thing that was looked at, met or not, in words."""

    name: str
    met: bool
    detail: str


class SuggestionOut(Schema):
    """Money that a person could give to the invoice, and to those of `also`; likelier with a higher score."""

    movement: MovementOut
    amount: str
    also: list[str]
    score: int
    criteria: list[CriterionOut]


class PaymentsOut(Schema):
    """How an invoice was paid, or why it is still open, in sentences."""

    payment_state: str
    open_amount: str
    allocations: list[AllocationOut]
    credit_notes: list[SetOffOut]
    suggestions: list[SuggestionOut]
    explanation: list[str]


class GivenOut(Schema):
    """What a movement gave to an invoice, or took back from it."""

    invoice: str
    invoice_number: str
    amount: str
    rule: str


class ProposedOut(Schema):
    """An invoice that a movement could pay."""

    invoice: str
    invoice_number: str
    amount: str
    score: int


class ReceivedOut(MovementOut):
    """A movement with what it paid and could pay of the caller's invoices."""

    allocations: list[GivenOut]
    suggestions: list[ProposedOut]


class MovementsOut(Schema):
    """A page of movements in the order of storing; `next` is the cursor of the page after it, or null."""

    results: list[ReceivedOut]
    next: str | None
