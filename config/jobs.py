"""Who puts the problems of each kind of job into words: a function of a code and its particulars."""

from typing import Final

SENTENCES: Final[dict[str, str]] = {
    "client_import": "apps.accounting_offices.problems.describe_problem",
    "backfill": "apps.delivery.sentences.describe_backfill",
    "invoice_bundle": "apps.delivery.sentences.describe_large",
    "invoice_redelivery": "apps.delivery.sentences.describe_large",
}
