"""What the document says of the whole API."""

from typing import Any, Final

_TEXT: Final = """\
Invoicing software sends its companies' invoices to their accountants, and reads back what their banks report.

- **Two keys.** Every call of a software carries `X-Software-Company`, which says which software calls. What
  concerns one company also needs the login that its token gave (Basic authentication). An accounting office's
  login works without a software key.
- **The slash at the end is optional**, and answered directly, never by a redirect.
- **Every error is a JSON object** with `detail`, a sentence for a person, and `code`, which never changes;
  whatever its origin. A refusal that somebody can cure also says why, who must act and what they do. Each route
  lists the codes that it can answer. An unknown address is `404 not_found`, a wrong method `405
  method_not_allowed`.
- **`detail` comes in the language of `Accept-Language`** (nl, fr, en, de), else in the company's, else in
  Dutch. Show it.
- **Amounts are strings** with a dot, dates `YYYY-MM-DD`, instants ISO 8601 with `Z`. Fields may be added:
  ignore those that you do not know.
- **Safe to repeat.** The same upload again is `200` with `duplicate: true`, a cursor never moves back, the same
  request is the same request. After a time-out, send it again. A write with an `Idempotency-Key` is answered for
  48 hours as it was the first time (with `Idempotency-Replayed: true`), and does nothing more; refusals are not
  kept, so the same key works once their cause is gone.
- `Accept` is not looked at: an answer has the media type that stands here.

Every example in this document was answered by this code in a test.
"""

INFO: Final[dict[str, Any]] = {"description": _TEXT}

PARAMETERS: Final[dict[str, Any]] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "required": False,
        "description": "The language of `detail` and other sentences: nl, fr, en or de.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same request under the same key is answered as before, for 48 hours. A UUID is best.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!#-~]+$"},
    },
}

SECURITY_SCHEMES: Final[dict[str, Any]] = {
    "software_key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Software-Company",
        "description": "The UUID of the software, the same in all its installations: it identifies and proves nothing.",
    },
    "login": {
        "type": "http",
        "scheme": "basic",
        "description": "The user name and password of one company in one software (`IS-…`), or of an office (`OF-…`).",
    },
}
