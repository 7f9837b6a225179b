"""The shapes on the wire, spelled out; amounts are strings with a dot, instants end on `Z`."""

from datetime import date
from typing import Annotated

from ninja import Schema
from pydantic import Field

from apps.api.v2.values import (
    Actor,
    Amount,
    BankAmount,
    Communication,
    Currency,
    EnterpriseNumber,
    Identifier,
    Instant,
    Refusal,
    choice,
    one_of,
)
from apps.delivery.rules import Channel, DeliveryState, DocumentModel
from apps.invoices.rules import DocumentType, InvoiceState, Layer, OfficeViewState, PaymentState, Severity
from apps.reconciliation.rules import DifferenceKind, Rule
from apps.tokens.rules import ConnectionState, RequestState


class CredentialsOut(Schema):
    """The pair that a token gives; shown this once."""

    username: str
    password: str


class RequestRefOut(Schema):
    """A connection request, as the token call names it."""

    id: Identifier
    state: Annotated[str, choice(RequestState)]
    url: str


class TokenSentOut(Schema):
    """A token is on its way to the address on file."""

    detail: str
    code: Annotated[str, one_of("token_sent")]
    request: RequestRefOut


class RequestOut(Schema):
    """Where a connection request stands; `refusal` is a refusal body or null, `message` is from staff who closed it."""

    id: Identifier
    state: Annotated[str, choice(RequestState)]
    since: Instant
    refusal: Refusal | None
    token_expires_at: Instant | None
    message: Annotated[str | None, Field(description="What staff said when they closed the request.")]


class CompanyRefOut(Schema):
    """A company, as its own software sees it."""

    id: Identifier
    enterprise_number: EnterpriseNumber
    name: str


class CredentialsStandOut(Schema):
    """How old the caller's own pair is; `overlap_until` is the instant at which it ends beside a newer one."""

    given_at: Instant
    first_used_at: Instant | None
    overlap_until: Instant | None


class ConnectionOut(Schema):
    """Where a connection stands; `refusal` says why it is suspended, or is null."""

    state: Annotated[str, choice(ConnectionState)]
    since: Instant
    company: CompanyRefOut
    credentials: CredentialsStandOut
    refusal: Refusal | None


class FeedClientOut(Schema):
    """One feed in the list; `client_code` and `fiduciary_id` are UUIDs because clients parse them as such."""

    id: int
    client_id: Identifier
    client_name: str
    client_code: Identifier
    fiduciary_id: Identifier
    target_root_state: str
    delivery_config: None


class PodOut(Schema):
    """What a login may read, and how long to wait between two polls, in seconds."""

    id: int
    fetch_delay: Annotated[int, Field(description="Seconds to wait between two polls: advice, not a limit.")]
    allowed_formats: dict[str, list[str]]
    feed_clients: list[FeedClientOut]


class CodaMetadataOut(Schema):
    """A statement's metadata; the numbers are never null."""

    movement_count: int
    first_statement_number: int
    last_statement_number: int
    new_balance_date: date
    iban: str
    bank_id: Annotated[str, Field(description="BIC of the bank.")]
    currency: Currency
    extension_zone: str | None


class SalesInvoiceMetadataOut(Schema):
    """A sales invoice's metadata; no name of the statement's is reused."""

    invoice_number: str
    document_type: Annotated[str, choice(DocumentType)]
    issue_date: date
    due_date: date | None
    currency: Currency
    total_amount: Amount
    supplier_vat: EnterpriseNumber
    customer_name: str
    structured_communication: Communication | None


class FeedEntryOut(Schema):
    """One document in a feed."""

    feed_index: Identifier
    document_model: Annotated[str, choice(DocumentModel)]
    metadata: CodaMetadataOut | SalesInvoiceMetadataOut


class FeedOut(Schema):
    """The unmarked documents of a feed, oldest first."""

    id: int
    type: Annotated[str, one_of("download", "redownload")]
    feed_entries: list[FeedEntryOut]


class FeedMarkedOut(Schema):
    """What a feed is marked up to."""

    id: int
    feed_offset: Identifier


class DeliveryOut(Schema):
    """One way to the accounting office."""

    channel: Annotated[str, choice(Channel)]
    state: Annotated[str, choice(DeliveryState)]
    at: Instant
    detail: str


class TimelineOut(Schema):
    """One step of an invoice."""

    event: str
    at: Instant
    actor: Actor


class FindingOut(Schema):
    """What a rule says of a document."""

    code: Annotated[str, Field(description="The official rule's id where there is one; `XSD` for the schema.")]
    severity: Annotated[str, choice(Severity)]
    layer: Annotated[str, choice(Layer)]
    location: str
    message: str
    remedy: str


class VerdictOut(Schema):
    """What a document would be if it were uploaded; the two facts are null when it cannot be read."""

    verdict: Annotated[str, one_of("accepted", "rejected")]
    document_type: Annotated[str, choice(DocumentType)] | None
    invoice_number: str | None
    findings: list[FindingOut]


class InvoiceOut(Schema):
    """One sales invoice with everything that happened to it."""

    id: Identifier
    document_model: Annotated[str, one_of("sales_invoice")]
    document_type: Annotated[str, choice(DocumentType)]
    invoice_number: str
    issue_date: date
    due_date: date | None
    currency: Currency
    total_amount: Amount
    payable_amount: Amount
    open_amount: Annotated[Amount, Field(description="What is still to be paid of the payable amount.")]
    customer_name: str
    structured_communication: Communication | None
    state: Annotated[str, choice(InvoiceState)]
    state_modified_at: Instant
    changed_at: Annotated[Instant, Field(description="The last change of any state.")]
    duplicate: Annotated[bool, Field(description="These bytes, or this very invoice, arrived before.")]
    payment_state: Annotated[str, choice(PaymentState)]
    version: Annotated[int, Field(description="1; one more with each correction.")]
    deliveries: list[DeliveryOut]
    office_state: Annotated[str, choice(OfficeViewState)]
    timeline: list[TimelineOut]
    findings: list[FindingOut]


class InvoicesOut(Schema):
    """A page of invoices by their last change; `next` is the cursor of the page after it, or null."""

    results: list[InvoiceOut]
    next: str | None


class MovementOut(Schema):
    """One line of money; `amount` is signed and has three decimals, as the bank gives it."""

    id: Identifier
    statement: Identifier
    sequence: int
    detail: Annotated[int, Field(description="0, or the number of a detail of a globalised movement.")]
    entry_date: date
    value_date: date | None
    amount: BankAmount
    currency: Currency
    counterparty_name: str | None
    counterparty_iban: str | None
    structured_communication: Communication | None
    communication: str | None


class AllocationOut(Schema):
    """Money given to an invoice, or taken back from it; `difference` is what was missing beside it and explained.

    `amount` is in the movement's currency, and with `difference` it is what the invoice got, in the invoice's. Where
    the bank changed the money, the `difference` of kind `exchange` makes it what was sent; it may be below zero.
    """

    movement: MovementOut
    amount: BankAmount
    difference: BankAmount
    difference_kind: Annotated[str, choice(DifferenceKind)] | None
    rule: Annotated[str, choice(Rule)]
    by: Actor
    at: Instant


class SetOffOut(Schema):
    """A document of the caller at the other end, with what is set off between it and the one asked about."""

    invoice: Identifier
    invoice_number: str
    amount: BankAmount
    by: Actor
    at: Instant


class CriterionOut(Schema):
    """One thing that was looked at, met or not, in words."""

    name: str
    met: bool
    detail: str


class SuggestionOut(Schema):
    """Money that a person could give to the invoice, and to those of `also`; likelier with a higher score."""

    movement: MovementOut
    amount: BankAmount
    also: list[str]
    score: int
    criteria: list[CriterionOut]


class PaymentsOut(Schema):
    """How an invoice was paid, or why it is still open, in sentences."""

    payment_state: Annotated[str, choice(PaymentState)]
    open_amount: Amount
    allocations: list[AllocationOut]
    credit_notes: list[SetOffOut]
    suggestions: list[SuggestionOut]
    explanation: list[str]


class GivenOut(Schema):
    """What a movement gave to an invoice, or took back from it."""

    invoice: Identifier
    invoice_number: str
    amount: BankAmount
    rule: Annotated[str, choice(Rule)]


class ProposedOut(Schema):
    """An invoice that a movement could pay."""

    invoice: Identifier
    invoice_number: str
    amount: BankAmount
    score: int


class ReceivedOut(MovementOut):
    """A movement with what it paid and could pay of the caller's invoices."""

    allocations: list[GivenOut]
    suggestions: list[ProposedOut]


class MovementsOut(Schema):
    """A page of movements in the order of storing; `next` is the cursor of the page after it, or null."""

    results: list[ReceivedOut]
    next: str | None
