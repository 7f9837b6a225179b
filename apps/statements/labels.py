"""What the codes of banks' files and statements are called, in the reader's language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.statements.coda.findings import Severity
from apps.statements.rules import CodaFileState, InboxState, Source, StatementState

SOURCES: Final[Mapping[str, Promise]] = {
    Source.COMMAND: pgettext_lazy("file of a bank", "by a command"),
    Source.UPLOAD: pgettext_lazy("file of a bank", "uploaded"),
    Source.INBOX: pgettext_lazy("file of a bank", "from the inbox directory"),
}
SEVERITIES: Final[Mapping[str, Promise]] = {
    Severity.FATAL: pgettext_lazy("finding", "fatal"),
    Severity.WARNING: pgettext_lazy("finding", "warning"),
    Severity.INFORMATION: pgettext_lazy("finding", "for information"),
}
INBOX_STATES: Final[Mapping[str, Promise]] = {
    InboxState.WAITING: _("Waits"),
    InboxState.TAKEN: _("Being imported"),
    InboxState.DONE: _("Done"),
    InboxState.FAILED: _("Failed"),
    InboxState.GONE: _("Removed by somebody"),
}
CODA_FILE_STATES: Final[Mapping[str, Promise]] = {
    CodaFileState.RECEIVED: _("Received"),
    CodaFileState.IMPORTED: _("Imported"),
    CodaFileState.PARTLY_IMPORTED: _("Partly imported"),
    CodaFileState.QUARANTINED: _("Set aside: unreadable"),
    CodaFileState.DUPLICATE: _("Had it already"),
}
STATEMENT_STATES: Final[Mapping[str, Promise]] = {
    StatementState.IMPORTED: _("Imported"),
    StatementState.HELD: _("Held back"),
    StatementState.UNROUTED: _("Waits for its account"),
    StatementState.DUPLICATE: _("Had it already"),
}
