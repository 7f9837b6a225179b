"""`manage.py scrub`: read every stored document again and say what is missing, damaged or left over."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.blobs.services import scrubbing
from apps.blobs.storage import StorageUnavailable
from apps.core import clock

TELL_EVERY = 1000


class Command(BaseCommand):
    """Checks the storage. Exit 0: every document is whole; 1: some are not; 2: usage; 3: the storage does not answer.

    Leftovers (bytes without a row, older than a day) are told and do not count; they go only with a flag.
    """

    help = "Read every stored document again, compare it with its hash, and list what no row knows."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where to go on, the rate, and what to do about leftovers."""
        parser.add_argument("--after", default="", metavar="SHA256", help="go on behind this digest")
        parser.add_argument("--rate", type=float, default=0, metavar="MB", help="megabytes to read a second, at most")
        parser.add_argument("--remove-leftovers", action="store_true", help="remove bytes that no row knows")
        parser.add_argument("--json", action="store_true", help="print one JSON object per fact")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Scrub, then look for leftovers."""
        self.is_json = options["json"]
        self.last = options["after"]
        try:
            is_whole = self._scrub(options["after"], int(options["rate"] * 1_000_000))
            self._leftovers(remove=options["remove_leftovers"])
        except (StorageUnavailable, KeyboardInterrupt) as stopped:
            say = "Interrupted" if isinstance(stopped, KeyboardInterrupt) else "The storage does not answer"
            self.stderr.write(f"{say}. Go on with: manage.py scrub --after {self.last or '0'}")
            sys.exit(3)
        sys.exit(0 if is_whole else 1)

    def _scrub(self, after: str, rate: int) -> bool:
        counts = {"whole": 0, "missing": 0, "damaged": 0}
        total = 0
        for scrubbed in scrubbing.scrub(after=after, bytes_a_second=rate):
            counts[scrubbed.state] += 1
            total += scrubbed.size
            self.last = scrubbed.digest
            if scrubbed.state != "whole":
                self._say(scrubbed.state, sha256=scrubbed.digest, size=scrubbed.size)
            if sum(counts.values()) % TELL_EVERY == 0:
                self._say("progress", sha256=scrubbed.digest, **counts, bytes=total)
        self._say("scrubbed", **counts, bytes=total)
        return counts["missing"] == counts["damaged"] == 0

    def _leftovers(self, *, remove: bool) -> None:
        count = removed = size = 0
        for stored in scrubbing.find_leftovers(now=clock.now()):
            is_gone = remove and scrubbing.remove_leftover(stored)
            count, removed, size = count + 1, removed + is_gone, size + stored.size
            self._say("leftover", key=stored.key, size=stored.size, removed=is_gone)
        self._say("leftovers", count=count, removed=removed, bytes=size)

    def _say(self, what: str, **facts: Any) -> None:
        if self.is_json:
            self.stdout.write(json.dumps({"what": what, **facts}))
        else:
            self.stdout.write(f"{what}: " + ", ".join(f"{name} {value}" for name, value in facts.items()))
