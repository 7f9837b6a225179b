"""What is told of each route, by the name of its view."""

from typing import Any, Final

from apps.api.v2.openapi.operations import (
    CONNECTING,
    DOCUMENTS,
    FORM_BODY,
    INVOICES,
    JSON_BODY,
    KEY,
    LOGIN,
    MONEY,
    OFFICES,
    REPEATABLE,
    Query,
    Told,
)
from apps.api.v2.openapi.shapes import FeedOffsetIn, TextIn, TokenRequestIn
from apps.invoices.rules import InvoiceState

_INSTANT: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_CURSOR: Final = Query("cursor", "`next` of the page before. Without it, the first page.")
_PAPERS: Final = {
    "application/vnd.coda": "`cod`: one logical statement, records of 128 ASCII characters.",
    "application/xml": "`xml`: CODAPlus in ASCII for a statement; a sales invoice byte for byte as it was received.",
    "application/pdf": "`pdf`: for people.",
}
_PAPER_HEADERS: Final = {"Content-Disposition": "A file name.", "ETag": "Of this entry in this format."}
_PAPER_CODES: Final = (*LOGIN, "not_found", "document_purged", "storage_unavailable", "rendition_failed")
_INTAKE: Final = (
    "file_empty", "xml_malformed", "xml_doctype", "encoding_unsupported", "not_ubl", "ubl_incomplete", "number_missing",
    "supplier_mismatch", "self_billed_by_customer", "pdf_unreadable", "invoice_locked", "period_closed",
)  # fmt: skip
_UPLOAD: Final = (*LOGIN, *REPEATABLE, *FORM_BODY, *_INTAKE, "not_found", "connection_suspended", "storage_unavailable")
_LOGIN_TO_END: Final = tuple(code for code in LOGIN if code != "connection_revoked")
_OFFICE_WORDS: Final = (*LOGIN, *REPEATABLE, *JSON_BODY, "text_missing", "text_too_long", "not_found")

ROUTES: Final[dict[str, Told]] = {
    "request_access_token": Told(
        CONNECTING,
        "Ask for a connection",
        "Has a one-time token mailed to the address that is on file for the company, never to one of the request. A "
        "refusal says why, who must act and what they do; the request then waits, and the token is mailed by itself "
        "once the cause is cured. Asking again is the same request.",
        (*KEY, *REPEATABLE, *JSON_BODY, "vat_missing", "vat_invalid", "throttled", "enterprise_unknown",
         "company_inactive", "no_accounting_office", "office_not_client", "email_unknown", "email_undeliverable",
         "mail_unavailable"),
        body=TokenRequestIn,
    ),
    "get_credentials": Told(
        CONNECTING,
        "Exchange a token for credentials",
        "Gives the user name and password of one company in one software, which every further call needs. A lost "
        "answer does no harm: until the first use of the pair, and for ten minutes, the same token gives a new one, "
        "and the former is void.",
        (*KEY, "token_malformed", "not_found", "token_unknown", "token_other_software", "token_superseded",
         "token_expired", "token_used", "token_revoked"),
        headers={"Cache-Control": "`no-store`: nothing in between may keep the answer."},
    ),
    "read_request": Told(
        CONNECTING,
        "See where a request stands",
        "For the software that made it. `refusal` says why it waits, `token_expires_at` until when its unused token "
        "is good.",
        (*KEY, "not_found"),
    ),
    "read_connection": Told(
        CONNECTING,
        "See where the connection stands",
        "`refusal` says why it is suspended: reading what was delivered goes on, uploads are refused until the cause "
        "is cured.",
        (*LOGIN, "not_found"),
    ),
    "end_connection": Told(
        CONNECTING,
        "End the connection",
        "For good: the login stops working at once for everything else. What was sent and delivered stays where it is. "
        "Again changes nothing, so a lost answer may be asked for again.",
        (*_LOGIN_TO_END, *REPEATABLE, "not_found"),
    ),
    "list_feeds": Told(
        DOCUMENTS,
        "List the feeds",
        "An invoicing software has one feed, an office's software one per client. Ids stay for ever.",
        LOGIN,
    ),
    "read_feed": Told(
        DOCUMENTS,
        "Read a feed",
        "The entries that are not marked yet, oldest first, 500 at most. Each can be downloaded in every allowed "
        "format. Reading marks nothing.",
        (*LOGIN, "not_found"),
    ),
    "mark_feed": Told(
        DOCUMENTS,
        "Mark a feed",
        "Moves the cursor: that entry and all before it leave the feed. An older or equal index changes nothing and "
        "answers where the cursor is. Mark what you have stored, and only then.",
        (*LOGIN, *REPEATABLE, *JSON_BODY, "not_found", "feed_offset_missing", "feed_offset_unknown"),
        body=FeedOffsetIn,
    ),
    "read_redeliveries": Told(
        DOCUMENTS,
        "Read what is delivered again",
        "The entries for which somebody asked a redelivery, until they are marked here or 30 days are over.",
        (*LOGIN, "not_found"),
    ),
    "mark_redeliveries": Told(
        DOCUMENTS,
        "Mark what was delivered again",
        "As for a feed; the feed's own cursor does not move.",
        (*LOGIN, *REPEATABLE, *JSON_BODY, "not_found", "feed_offset_missing", "feed_offset_unknown"),
        body=FeedOffsetIn,
    ),
    "download": Told(
        DOCUMENTS,
        "Download a document",
        "In one of the formats that `pod-client/` allows. `Accept` is not looked at. Downloading marks nothing, and a "
        "marked entry can still be downloaded.",
        _PAPER_CODES,
        answers=_PAPERS,
        headers=_PAPER_HEADERS,
    ),
    "redownload": Told(
        DOCUMENTS,
        "Download a document again",
        "The same as `download/`.",
        _PAPER_CODES,
        answers=_PAPERS,
        headers=_PAPER_HEADERS,
    ),
    "upload": Told(
        INVOICES,
        "Send an invoice",
        "Takes a UBL 2.1 invoice or credit note of the connected company, with its PDF inside or beside it. The answer "
        "comes once the bytes are safe; a worker then judges them, and the state becomes `accepted` or `rejected`. "
        "The same bytes again are 200 with `duplicate: true`. The same number with other content is a correction, a "
        "new `version`. A 400 that has an `id` kept the bytes as a rejected arrival.",
        _UPLOAD,
        files=True,
    ),
    "upload_alias": Told(INVOICES, "Send an invoice (alias)", "The same as `upload/`.", _UPLOAD, files=True),
    "validate": Told(
        INVOICES,
        "Have a document judged",
        "Says what would become of a document if it were uploaded, and keeps nothing. Any login will do; another "
        "supplier is only a warning here.",
        (*LOGIN, *FORM_BODY, "validation_busy"),
        files=True,
    ),
    "list_invoices": Told(
        INVOICES,
        "List what was sent",
        "The invoices that this software sent, by the last change of any of their states, 100 a page. To stay up to "
        "date, ask from the last `changed_at` that you have on; the invoice of that instant comes again.",
        (*LOGIN, "not_found", "cursor_malformed", "instant_malformed", "state_unknown"),
        query=(
            Query("changed_since", "Only what changed at or after this instant.", _INSTANT),
            Query("state", "Only invoices in this state.", {"type": "string", "enum": [str(s) for s in InvoiceState]}),
            _CURSOR,
        ),
    ),
    "read_invoice": Told(
        INVOICES,
        "Read an invoice",
        "One that this software sent, with its findings, deliveries and timeline.",
        (*LOGIN, "not_found"),
    ),
    "read_payments": Told(
        MONEY,
        "Read what paid an invoice",
        "What was given to it, what a person could give to it, and sentences that explain both in the language of "
        "`Accept-Language`.",
        (*LOGIN, "not_found"),
    ),
    "list_movements": Told(
        MONEY,
        "List the money that came in",
        "The credits of the company and what took them back, in the order in which they were stored, up to 100 a page. "
        "A page may be short or empty while `next` goes on. Only what concerns this software's invoices is told of "
        "allocations, unless the company allows all.",
        (*LOGIN, "not_found", "cursor_malformed", "instant_malformed"),
        query=(Query("since", "Only what was stored at or after this instant.", _INSTANT), _CURSOR),
    ),
    "list_fiduciaries": Told(
        OFFICES,
        "List the offices of the login",
        "The office that the login was given to, alone in its list.",
        (*LOGIN, "not_found"),
    ),
    "read_fiduciary": Told(
        OFFICES, "Read the office", "The office that the login was given to.", (*LOGIN, "not_found")
    ),
    "list_clients": Told(
        OFFICES,
        "List the clients",
        "The office's clients of today, with their bank accounts and mandates; the earliest 5,000. `client_code` is "
        "the same as in the list of feeds, `office_code` the office's own. Instants are UTC without a zone here.",
        (*LOGIN, "not_found", "vat_invalid"),
        query=(Query("vat", "Only the client of this enterprise number, in any spelling; a former one finds it too."),),
    ),
    "read_client": Told(OFFICES, "Read a client", "One client of the office.", (*LOGIN, "not_found")),
    "book": Told(
        OFFICES,
        "Say that an invoice is booked",
        "From then on it can no longer be corrected. Saying it again changes nothing. The body is not read.",
        (*LOGIN, *REPEATABLE, "not_found", "refused_by_office"),
    ),
    "ask": Told(
        OFFICES,
        "Ask the company about an invoice",
        "The company gets a mail with the text, and answers in its portal. The same question again changes nothing.",
        (*_OFFICE_WORDS, "already_booked", "refused_by_office"),
        body=TextIn,
    ),
    "refuse": Told(
        OFFICES,
        "Refuse an invoice",
        "With the reason, which the company gets by mail. The same refusal again changes nothing.",
        (*_OFFICE_WORDS, "already_booked", "refused_by_office"),
        body=TextIn,
    ),
}  # fmt: skip
