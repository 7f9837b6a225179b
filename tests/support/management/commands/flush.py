"""`flush` for the test run: the application role may not truncate, and events refuse anybody but their owner."""

from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections


class Command(BaseCommand):
    """Empties every table but the migrations' as the owner."""

    help = "Empty the test database as its owner."
    stealth_options = ("reset_sequences", "allow_cascade", "inhibit_post_migrate")

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what Django's own tests pass."""
        parser.add_argument("--no-input", "--noinput", action="store_false", dest="interactive")
        parser.add_argument("--database", default="default")

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Truncate."""
        kept = {"django_migrations", "django_content_type", "auth_permission"}
        tables = [name for name in connections["default"].introspection.table_names() if name not in kept]
        owner = settings.DATABASES["owner"]
        with psycopg.connect(
            host=owner["HOST"],
            port=owner["PORT"],
            user=owner["USER"],
            password=owner["PASSWORD"],
            dbname=connections["default"].settings_dict["NAME"],
            autocommit=True,
        ) as connection:
            names = ", ".join(f'"{name}"' for name in tables)
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
