"""`manage.py make_coda`: make valid bank files of any size, with each oddity on request."""

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.statements.coda.generator import ODDITIES, Recipe, UnmakeableFile, make_file


class Command(BaseCommand):
    """Makes one file. Exit 2: the file cannot be made as asked."""

    help = "Make a valid CODA file of any size, with oddities on request; the same options give the same bytes."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file's path and what it should hold."""
        plain = Recipe()
        parser.add_argument("path", nargs="?", type=Path, help="the file to write; - writes to the standard output")
        parser.add_argument("--statements", type=int, default=plain.statements, metavar="N")
        parser.add_argument("--movements", type=int, default=plain.movements, metavar="N", help="in each statement")
        parser.add_argument("--seed", type=int, default=plain.seed, metavar="N")
        parser.add_argument("--iban", default=plain.iban)
        parser.add_argument("--currency", default=plain.currency)
        parser.add_argument("--holder", default=plain.holder_name, metavar="NAME")
        parser.add_argument("--enterprise-number", default=plain.enterprise_number, metavar="DIGITS")
        parser.add_argument("--first-day", type=date.fromisoformat, default=plain.first_day, metavar="YYYY-MM-DD")
        parser.add_argument("--first-number", type=int, default=plain.first_number, metavar="N")
        parser.add_argument("--oddity", action="append", default=[], metavar="NAME", dest="oddities")
        parser.add_argument("--list", action="store_true", help="list the oddities, and what a reader must say of them")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file, or the list."""
        if options["list"]:
            self.stdout.write("\n".join(_listed()))
            return
        if options["path"] is None:
            self.stderr.write("Where to? Give a path, or --list.")
            sys.exit(2)
        try:
            size = _write(options["path"], make_file(_recipe(options)))
        except UnmakeableFile as error:
            self.stderr.write(f"{error} `make_coda --list` shows the oddities.")
            sys.exit(2)
        if str(options["path"]) != "-":
            self.stdout.write(f"{options['path']}: {size} bytes")


def _recipe(options: dict[str, Any]) -> Recipe:
    return Recipe(
        statements=options["statements"],
        movements=options["movements"],
        seed=options["seed"],
        iban=options["iban"],
        currency=options["currency"],
        holder_name=options["holder"],
        enterprise_number=options["enterprise_number"],
        first_day=options["first_day"],
        first_number=options["first_number"],
        oddities=options["oddities"],
    )


def _write(path: Path, pieces: Iterator[bytes]) -> int:
    """Write the pieces; the file appears only when the first of them could be made."""
    first = next(pieces, b"")
    with sys.stdout.buffer if str(path) == "-" else path.open("wb") as file:
        size = file.write(first)
        for piece in pieces:
            size += file.write(piece)
    return size


def _listed() -> Iterator[str]:
    width = max(len(name) for name in ODDITIES)
    for name, oddity in ODDITIES.items():
        yield f"{name:{width}}  {oddity.state:11}  {oddity.finding or '-':30}  {oddity.help}"
