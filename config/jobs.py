"""What each kind of job is called, and who puts its problems into words: a function of a code and its particulars."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

SENTENCES: Final[dict[str, str]] = {
    "client_import": "apps.accounting_offices.problems.describe_problem",
    "backfill": "apps.delivery.sentences.describe_backfill",
    "invoice_bundle": "apps.delivery.sentences.describe_large",
    "invoice_redelivery": "apps.delivery.sentences.describe_large",
}
NAMES: Final[dict[str, Promise]] = {
    "client_import": pgettext_lazy("job", "import of clients"),
    "coda_upload": pgettext_lazy("job", "upload of banks' files"),
    "backfill": pgettext_lazy("job", "sending of an earlier period"),
    "invoice_bundle": pgettext_lazy("job", "archive of invoices"),
    "invoice_redelivery": pgettext_lazy("job", "delivering invoices again"),
}
