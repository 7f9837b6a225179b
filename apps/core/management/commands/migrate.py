"""`migrate` as the owner: the application role may not change the schema."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate


class Command(migrate.Command):
    """Django's migrate with the alias "owner" as its default database."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take Django's arguments, with another default."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate."""
        super().handle(*args, **options)
