"""Every error code of the wire API: its status, what is said, why, and what to do about it.

Status: `errors.STATUSES`. What is said: the class that raises it. Cause and remedy: the refusals of a connection,
which are told to end users too, or the table below, which is for those who write a software.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from apps.api.v2 import errors
from apps.core.errors import DomainError
from apps.invoices.services.intake import SENTENCES
from apps.tokens.refusals import REFUSALS

# Why, and what to do, where no refusal tells it.
CAUSES: Final[dict[str, tuple[str, str]]] = {
    "bad_request": (
        "The request itself cannot be read: a header, the host, or a multipart body with too many parts.",
        "Correct the call. Sending the same again gives the same answer.",
    ),
    "not_found": (
        "There is no such address, or what it names does not exist for this caller: others get the same answer.",
        "Check the address and whose login is used. An invoice can be read by the software that sent it.",
    ),
    "forbidden": ("The call is not allowed.", "Check which login and key are used."),
    "method_not_allowed": ("The address takes another method; `Allow` names it.", "Correct the call."),
    "internal_error": (
        "A failure of ours. It has been recorded.",
        "Send the same again later; an upload that did arrive is answered with `duplicate: true`.",
    ),
    "unavailable": ("The service is not available at this moment.", "Send the same again later."),
    "https_required": (
        "The call came over plain http, and its login may have been read on the way.",
        "Use https. Have the connection renewed when a login was sent over http.",
    ),
    "credentials_missing": (
        "The call needs a login, and came without `Authorization: Basic`.",
        "Send the user name and password that `get-credentials` gave.",
    ),
    "credentials_wrong": (
        "No such user name, or another password: the answer does not tell which.",
        "Check what is stored. If it is lost, ask for a new token.",
    ),
    "credentials_void": (
        "The connection was renewed and its time of overlap is over.",
        "Use the newest pair. If it is lost, ask for a new token.",
    ),
    "credentials_other_software": (
        "The login belongs to another software than the key.",
        "Use the key of the software that asked for the connection.",
    ),
    "connection_revoked": (
        "The company, its office or the software ended the connection.",
        "Stop calling, show it to the user, and let them connect again if they want to.",
    ),
    "token_malformed": (
        "The text cannot be a token: its check character does not fit.",
        "Let the user paste it again, from `cbt-` to the end. Capitals, blanks and hyphens do not matter.",
    ),
    "token_unknown": ("No such token was ever given out.", "Let the user copy it from the newest e-mail."),
    "token_other_software": (
        "The token was given out for another software.",
        "Let the user ask for a token in your software.",
    ),
    "token_superseded": (
        "A newer token was mailed since, at `superseded_at` to `sent_to`.",
        "Let the user paste the token of the newest e-mail.",
    ),
    "token_expired": ("The token was not used in time: it was good until `expired_at`.", "Ask for a new one."),
    "token_used": (
        "The token was exchanged, and the pair that it gave was used, or ten minutes are over.",
        "Use that pair. If it is lost, ask for a new token.",
    ),
    "token_revoked": (
        "The token was taken back, for example since its e-mail came back.",
        "Ask for a new one, or read why the request waits.",
    ),
    "idempotency_key_malformed": (
        "The header `Idempotency-Key` is empty, too long or not in visible ASCII.",
        "Send a UUID.",
    ),
    "idempotency_key_reused": (
        "The same key came with another request in the last 48 hours.",
        "Give each request a key of its own, and send a repetition exactly as the first time.",
    ),
    "feed_offset_missing": (
        "The body has no `feed_offset`, or it is no UUID.",
        "Send the `feed_index` of the last entry that you have stored.",
    ),
    "feed_offset_unknown": ("No entry of this feed has that index.", "Send an index that this feed listed."),
    "file_missing": ("The upload has no part `file`.", "Send the UBL document as the part `file`, with a file name."),
    "file_empty": ("The part `file` has no bytes.", "Send the document. This arrival is kept as rejected: `id`."),
    "xml_malformed": ("The document is not well-formed XML.", "Correct what writes it; `detail` says where it breaks."),
    "xml_doctype": ("The document has a DOCTYPE, which can do harm.", "Write it without one."),
    "encoding_unsupported": ("The document is in an encoding that is not taken.", "Write it in UTF-8."),
    "not_ubl": ("The root is neither a UBL 2.1 Invoice nor a CreditNote.", "Send UBL: Peppol BIS Billing 3 is best."),
    "ubl_incomplete": (
        "The document lacks what nothing can be done without; `element` names it.",
        "Write that element, and send the document again.",
    ),
    "number_missing": ("The document has no number (`cbc:ID`).", "Write the invoice's number, and send it again."),
    "supplier_mismatch": (
        "The supplier in the document has another enterprise number than the company of this connection.",
        "Send each company's documents over its own connection.",
    ),
    "self_billed_by_customer": (
        "The document is self-billed: its supplier is another company.",
        "Do not send it: only the supplier's own documents are taken.",
    ),
    "pdf_unreadable": (
        "The part `pdf` is not a PDF file.",
        "Send a PDF, or no part `pdf`: then the embedded one is used, or one is made.",
    ),
    "invoice_locked": (
        "The office booked this invoice; `locked_by` and `locked_at` say who and since when.",
        "Send a credit note and a new invoice.",
    ),
    "period_closed": (
        "The office closed its books up to `closed_until`.",
        "Send a credit note and a new invoice, dated after that day.",
    ),
    "already_booked": ("The office booked the invoice before.", "Nothing: it stays booked."),
    "refused_by_office": ("The office refused the invoice.", "Wait for a correction of it: it can be booked then."),
    "text_missing": ("The body has no `text`, or an empty one.", "Write what it is about."),
    "text_too_long": ("The text is longer than 2,000 characters.", "Shorten it."),
    "cursor_malformed": ("The cursor is not one that was given out.", "Send `next` as you got it, or none to begin."),
    "instant_malformed": (
        "The instant is not ISO 8601 with a time zone.",
        "Write it as `2026-11-25T09:30:00Z`, or send one of an answer back as it is.",
    ),
    "state_unknown": ("No invoice has such a state.", "Send `received`, `accepted` or `rejected`."),
    "file_too_large": ("A part is larger than is taken.", "Send a smaller PDF. Nothing was kept."),
    "request_too_large": ("The body, without its files, is larger than 2.5 MB.", "Send less."),
    "unsupported_media_type": ("The body is not `multipart/form-data`.", "Send the document as a part of a form."),
    "validation_busy": (
        "No worker had time to judge the document.",
        "Send the same again after the seconds of `Retry-After`. Nothing was kept.",
    ),
    "storage_unavailable": (
        "The storage of documents does not answer.",
        "Send the same again later. Nothing was kept of an upload.",
    ),
    "document_purged": (
        "The document was destroyed after the time that the law asks it to be kept.",
        "Nothing: it is gone for good.",
    ),
    "rendition_failed": (
        "The file could not be made from the statement. It has been recorded.",
        "Try again later, or download another format.",
    ),
}  # fmt: skip


# What stands for a value that differs from call to call.
_VALUE: Final = "…"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One error code, in the active language as far as it is said to end users, otherwise in English."""

    code: str
    status: int
    detail: str
    cause: str
    remedy: str
    is_refusal: bool


@cache
def list_error_codes() -> list[ErrorCode]:
    """Return every code that the API can answer, in English: by status, then in the order of the table of errors."""
    below = {code: status for code, (status, _sentence) in errors.list_sentences().items()}
    sentences = dict(_sentences())
    with translation.override("en"):
        found = [
            _describe(code, status, _without_values(str(sentences.get(code, ""))))
            for code, status in (below | errors.STATUSES).items()
        ]
    return sorted(found, key=lambda each: each.status)


def _describe(code: str, status: int, sentence: str) -> ErrorCode:
    if code in CAUSES:
        return ErrorCode(code, status, sentence, *CAUSES[code], is_refusal=False)
    told = REFUSALS[code]
    values = {"number": _VALUE, "site": settings.SITE_NAME}
    detail, cause, remedy = (str(text) % values for text in (told.detail, told.cause, told.remedy))
    return ErrorCode(code, status, detail, cause, remedy, is_refusal=True)


def _sentences() -> Iterator[tuple[str, str | Promise]]:
    for kind in _kinds(DomainError):
        yield kind.code, kind.sentence
    yield from SENTENCES.items()
    for code, (_status, sentence) in errors.list_sentences().items():
        yield code, sentence


def _kinds(root: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _without_values(sentence: str) -> str:
    return re.sub(r"%\(\w+\)s", "…", sentence)
