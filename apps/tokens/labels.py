"""What the codes of software, requests, tokens, connections and cases are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.tokens.rules import (
    ApplicationState,
    BankAccess,
    CaseState,
    ConnectionState,
    RequestPurpose,
    RequestState,
    SoftwareState,
    TokenState,
)

SOFTWARE_STATES: Final[Mapping[str, Promise]] = {
    SoftwareState.SANDBOX: pgettext_lazy("software", "not in use yet"),
    SoftwareState.LIVE: pgettext_lazy("software", "in use"),
    SoftwareState.DISABLED: pgettext_lazy("software", "disabled"),
}
APPLICATION_STATES: Final[Mapping[str, Promise]] = {
    ApplicationState.APPLIED: pgettext_lazy("application", "to be decided"),
    ApplicationState.APPROVED: pgettext_lazy("application", "approved"),
    ApplicationState.REFUSED: pgettext_lazy("application", "declined"),
}
REQUEST_STATES: Final[Mapping[str, Promise]] = {
    RequestState.WAITING: pgettext_lazy("connection request", "waiting"),
    RequestState.SENDING: pgettext_lazy("connection request", "sending code"),
    RequestState.TOKEN_SENT: pgettext_lazy("connection request", "code sent"),
    RequestState.ACTIVATED: pgettext_lazy("connection request", "activated"),
    RequestState.EXPIRED: pgettext_lazy("connection request", "expired"),
    RequestState.WITHDRAWN: pgettext_lazy("connection request", "withdrawn"),
    RequestState.CLOSED: pgettext_lazy("connection request", "closed"),
}
REQUEST_PURPOSES: Final[Mapping[str, Promise]] = {
    RequestPurpose.CONNECT: pgettext_lazy("connection request", "to connect"),
    RequestPurpose.ROTATE: pgettext_lazy("connection request", "to renew the credentials"),
    RequestPurpose.REPLACE_STOLEN: pgettext_lazy("connection request", "to replace stolen credentials"),
}
BANK_ACCESS: Final[Mapping[str, Promise]] = {
    BankAccess.CREDITS: _("Only the money that comes in"),
    BankAccess.STATEMENTS: _("Whole statements, and what pays its own invoices"),
    BankAccess.EVERYTHING: _("All movements, also what pays the invoices of others"),
}
TOKEN_STATES: Final[Mapping[str, Promise]] = {
    TokenState.ISSUED: pgettext_lazy("code", "valid"),
    TokenState.EXCHANGED: pgettext_lazy("code", "used"),
    TokenState.SUPERSEDED: pgettext_lazy("code", "replaced"),
    TokenState.EXPIRED: pgettext_lazy("code", "expired"),
    TokenState.REVOKED: pgettext_lazy("code", "revoked"),
}
CONNECTION_STATES: Final[Mapping[str, Promise]] = {
    ConnectionState.ACTIVE: pgettext_lazy("connection", "active"),
    ConnectionState.SUSPENDED: pgettext_lazy("connection", "suspended"),
    ConnectionState.REVOKED: pgettext_lazy("connection", "ended"),
}
CASE_STATES: Final[Mapping[str, Promise]] = {
    CaseState.OPEN: pgettext_lazy("non-activation case", "open"),
    CaseState.IN_PROGRESS: pgettext_lazy("non-activation case", "in progress"),
    CaseState.RESOLVED: pgettext_lazy("non-activation case", "resolved"),
    CaseState.CLOSED: pgettext_lazy("non-activation case", "closed"),
}
# The kinds of calls that are counted, as people call them.
CALLS: Final[Mapping[str, Promise]] = {
    "request": _("Asking for a connection"),
    "exchange": _("Exchanging a code"),
    "upload": _("Sending invoices"),
    "poll": _("Reading the feed"),
    "download": _("Downloading"),
    "mark": _("Marking"),
    "read": _("Other reading"),
    "validate": _("Validating"),
}
