"""Every refusal on the wire: a JSON object with a `detail` for a person and a `code` that never changes."""

from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from apps.companies.rules import LANGUAGES
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.identifiers import format_enterprise_number
from apps.tokens.refusals import REFUSALS, refusal_body

DEFAULT_LANGUAGE: Final = "nl"

STATUSES: Final[dict[str, int]] = {
    "not_found": 404,
    "software_key_missing": 403,
    "software_key_unknown": 403,
    "software_disabled": 403,
    "credentials_other_software": 403,
    "credentials_missing": 401,
    "credentials_wrong": 401,
    "credentials_void": 401,
    "connection_revoked": 401,
    "connection_suspended": 403,
    "https_required": 403,
    "malformed_request": 400,
    "vat_missing": 400,
    "vat_invalid": 400,
    "throttled": 429,
    "enterprise_unknown": 404,
    "company_inactive": 409,
    "no_accounting_office": 409,
    "office_not_client": 409,
    "email_unknown": 409,
    "email_undeliverable": 409,
    "mail_unavailable": 503,
    "token_malformed": 400,
    "token_unknown": 404,
    "token_other_software": 404,
    "token_superseded": 409,
    "token_expired": 410,
    "token_used": 410,
    "token_revoked": 410,
    "feed_offset_missing": 400,
    "feed_offset_unknown": 400,
    "file_missing": 400,
    "file_empty": 400,
    "xml_malformed": 400,
    "xml_doctype": 400,
    "encoding_unsupported": 400,
    "not_ubl": 400,
    "ubl_incomplete": 400,
    "number_missing": 400,
    "supplier_mismatch": 400,
    "self_billed_by_customer": 400,
    "pdf_unreadable": 400,
    "invoice_locked": 409,
    "already_booked": 409,
    "refused_by_office": 409,
    "text_missing": 400,
    "text_too_long": 400,
    "idempotency_key_malformed": 400,
    "idempotency_key_reused": 409,
    "cursor_malformed": 400,
    "instant_malformed": 400,
    "state_unknown": 400,
    "period_closed": 409,
    "file_too_large": 413,
    "request_too_large": 413,
    "unsupported_media_type": 415,
    "validation_busy": 503,
    "storage_unavailable": 503,
    "document_purged": 410,
    "rendition_failed": 503,
}

# What is said of answers that are made below the API: unknown routes, wrong methods, oversized bodies, failures.
_BY_STATUS: Final = {
    400: ("bad_request", _("The request cannot be read.")),
    401: ("credentials_missing", _("Sign in with the user name and password of the connection.")),
    403: ("forbidden", _("This is not allowed.")),
    404: ("not_found", _("There is nothing here, or it is not yours to see.")),
    405: ("method_not_allowed", _("This address does not take that method.")),
    413: ("request_too_large", _("The request is too large.")),
    415: ("unsupported_media_type", _("Send the file as multipart/form-data.")),
    429: ("throttled", _("Too many requests. Try again later.")),
    503: ("unavailable", _("The service is not available at this moment. Try again later.")),
}
_FAILURE = ("internal_error", _("Something went wrong here. It has been recorded; try again later."))


class HttpsRequired(DomainError):
    """The call came over plain HTTP: refused, not redirected, since a redirect would already have leaked the login."""

    code = "https_required"
    sentence = _("Use https: this service does not answer over plain http.")


class MalformedRequest(DomainError):
    """The body is not a JSON object."""

    code = "malformed_request"
    sentence = _("The body of the request must be a JSON object.")


class RequestTooLarge(DomainError):
    """The body, without its files, exceeds what is read into memory."""

    code = "request_too_large"
    sentence = _("The request is too large.")


class VatMissing(DomainError):
    """The body has no number."""

    code = "vat_missing"
    sentence = _('The field "vat" is missing or empty.')


class FileMissing(DomainError):
    """The upload has no document."""

    code = "file_missing"
    sentence = _('The part "file" is missing: it holds the UBL document.')


class FileTooLarge(DomainError):
    """A part exceeds the limit."""

    code = "file_too_large"
    sentence = _("A part may be at most %(megabytes)s MB.")


class UnsupportedMediaType(DomainError):
    """The upload is not multipart."""

    code = "unsupported_media_type"
    sentence = _("Send the file as multipart/form-data.")


class ConnectionSuspended(DomainError):
    """Uploads are stopped; reading goes on."""

    code = "connection_suspended"
    sentence = _(
        "The connection with your accounting office is suspended, so invoices cannot be sent. What was delivered "
        "can still be read. Contact your accounting office."
    )


def language_of(request: HttpRequest, company_language: str = "") -> str:
    """Return the language for a person: `Accept-Language`, else the company's or office's, else Dutch."""
    for language, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        base = language.partition("-")[0]
        if base in LANGUAGES:
            return base
    if not company_language:
        caller = getattr(request, "auth", None)
        reader = getattr(caller, "company", None) or getattr(caller, "office", None)
        company_language = reader.language if reader else ""
    return company_language or DEFAULT_LANGUAGE


def refusal_response(request: HttpRequest, error: DomainError) -> JsonResponse:
    """Return the answer to an anticipated refusal."""
    with translation.override(language_of(request)):
        body: dict[str, Any] = {"detail": str(error), "code": error.code}
        cause = error.params.get("cause", error.code)
        if cause in REFUSALS:
            body = refusal_body(cause, number=error.params.get("number", "")) | body
        body |= {name: _wire(value) for name, value in error.params.items() if name in _SHOWN_PARAMS}
        if arrival := getattr(error, "arrival_uuid", None):
            body["id"] = str(arrival)
    response = JsonResponse(body, status=STATUSES[error.code])
    if "retry_after" in error.params:
        response.headers["Retry-After"] = str(error.params["retry_after"])
    return finish(response)


_SHOWN_PARAMS: Final = frozenset(
    {"superseded_at", "sent_to", "expired_at", "element", "locked_by", "locked_at", "closed_until"}
)


def _wire(value: Any) -> Any:
    return clock.write_instant(value) if isinstance(value, datetime) else value


def check_refusal_body(code: str, *, number: str, language: str) -> dict[str, Any]:
    """Return the refusal of a connection check as data."""
    with translation.override(language):
        return refusal_body(code, number=format_enterprise_number(number))


def plain_error(request: HttpRequest, status: int) -> JsonResponse:
    """Return the JSON answer for a status that something below the API decided."""
    code, sentence = _BY_STATUS.get(status, _FAILURE)
    with translation.override(language_of(request)):
        return finish(JsonResponse({"detail": str(sentence), "code": code}, status=status))


def list_sentences() -> dict[str, tuple[int, str | Promise]]:
    """Return the status and sentence of every code that something below the API answers."""
    return {code: (status, sentence) for status, (code, sentence) in {**_BY_STATUS, 500: _FAILURE}.items()}


def finish(response: JsonResponse) -> JsonResponse:
    """Add what goes with a status: a challenge to 401."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="v2", charset="UTF-8"'
    return response
