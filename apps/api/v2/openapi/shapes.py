"""Shapes that the routes read or write by hand, spelled out for the published document."""

from typing import Annotated, Final

from ninja import Schema
from pydantic import Field

from apps.api.v2.schemas import RequestRefOut
from apps.api.v2.values import Identifier, Instant, one_of


class TokenRequestIn(Schema):
    """Which company asks for a connection."""

    vat: Annotated[
        str,
        Field(
            description="The company's enterprise number as your software has it: `BE0100000169`, `0100.000.169`, "
            "nine digits of old; blanks, dots, dashes and capitals do not matter."
        ),
    ]


class FeedOffsetIn(Schema):
    """Up to where a feed was taken. Other fields are ignored."""

    feed_offset: Annotated[Identifier, Field(description="The `feed_index` of the last entry that was stored.")]


class TextIn(Schema):
    """What an office says of an invoice."""

    text: Annotated[str, Field(min_length=1, max_length=2000, description="Not blank. Line breaks are kept.")]


class ErrorOut(Schema):
    """Every error, whatever its origin: a sentence for a person and a code that never changes.

    The other fields come with some codes only.
    """

    detail: Annotated[str, Field(description="For a person, in the language of `Accept-Language`: show it.")]
    code: Annotated[str, Field(description="For the software. New ones may be added.")]
    id: Annotated[Identifier, Field("", description="The rejected arrival that was kept of an upload.")]
    element: Annotated[str, Field("", description="`ubl_incomplete`: what the document lacks.")]
    sent_to: Annotated[str, Field("", description="`token_superseded`: where the newer token was sent, masked.")]
    superseded_at: Annotated[Instant, Field(None, description="`token_superseded`: since when.")]
    expired_at: Annotated[Instant, Field(None, description="`token_expired`: until when it was good.")]
    locked_by: Annotated[str, Field("", description="`invoice_locked`: the office that booked it.")]
    locked_at: Annotated[Instant, Field(None, description="`invoice_locked`: since when.")]
    closed_until: Annotated[str, Field("", description="`period_closed`: the last day of the closed books.")]


class ContactOut(Schema):
    """Whom to turn to, without naming an office or a person."""

    name: str
    email: Annotated[str, Field("")]
    hours: Annotated[str, Field("")]


class RefusalOut(Schema):
    """Why something is refused, who must act and what they do: ready to be shown to the user."""

    detail: Annotated[str, Field(description="One sentence that makes sense by itself: show it.")]
    code: str
    title: str
    cause: str
    remedy: Annotated[str, Field(description="What must happen.")]
    actor: Annotated[str, one_of("vendor", "company", "accounting_office", "support", "us")]
    contact: ContactOut
    message: Annotated[str, Field(description="Ready to be sent to the contact.")]
    retryable: Annotated[bool, Field(description="Whether it goes on once the cause is cured.")]
    request: Annotated[
        RequestRefOut, Field(None, description="The request that waits, and goes on by itself once the cause is cured.")
    ]


SHAPES: Final = (TokenRequestIn, FeedOffsetIn, TextIn, ErrorOut, RefusalOut)
