"""`manage.py purge_expired`: remove the papers of invoices whose legal time of keeping is over."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.core import clock
from apps.invoices.services import retention


class Command(BaseCommand):
    """Says what would be purged, and purges it only when asked. Companies under a legal hold are left out."""

    help = "Count the invoices whose time of keeping is over; with --for-real, purge their papers."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether it is meant."""
        parser.add_argument("--for-real", action="store_true", help="purge; it cannot be undone")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count or purge."""
        today, years = clock.today(), settings.RETENTION_YEARS
        if options["for_real"]:
            purged = retention.purge_expired(today=today, years=years, actor="command:purge_expired", now=clock.now())
        else:
            purged = retention.count_expired(today=today, years=years)
        kept = retention.first_year_kept(today=today, years=years)
        facts = {"dry_run": not options["for_real"], "first_year_kept": kept, **asdict(purged)}
        text = ", ".join(f"{name} {value}" for name, value in facts.items())
        self.stdout.write(json.dumps(facts) if options["json"] else text)
