"""`manage.py index_words`: keep the words of invoices that were judged before words were kept."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.blobs.storage import StorageUnavailable
from apps.invoices.services.indexing import index_missing


class Command(BaseCommand):
    """Reads documents in batches. Exit 0: all that can be read have their words; 3: stopped before the end."""

    help = "Keep the words of judged invoices that have none, so that a search finds them by their text."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where to go on."""
        parser.add_argument("--after", type=int, default=0, metavar="ID", help="go on behind this invoice")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Index, telling where it is."""
        last, total = options["after"], 0
        try:
            for last, indexed in index_missing(after=last):  # noqa: B020 # where it is, also when it stops
                total += indexed
                self.stdout.write(f"up to invoice {last}: {total} indexed")
        except (StorageUnavailable, KeyboardInterrupt):
            self.stderr.write(f"Stopped. Go on with: manage.py index_words --after {last}")
            sys.exit(3)
