"""What must hold of the database before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 # Django's own name for it
from django.db import connections

OLDEST_POSTGRESQL = 170000


def check_database(databases: Sequence[str] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Check the server's version and the application role's rights, for the aliases asked for."""
    messages: list[CheckMessage] = []
    for alias in databases or ():
        messages += _check_version(alias)
    if "default" in (databases or ()) or "owner" in (databases or ()):
        messages += _check_roles()
    return messages


def _check_version(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
    if number < OLDEST_POSTGRESQL:
        return [Error(f"PostgreSQL {version} is too old: 17 or newer is needed.", id="core.E001")]
    return []


def _check_roles() -> list[CheckMessage]:
    default, owner = settings.DATABASES["default"], settings.DATABASES["owner"]
    if (default["USER"], default["HOST"]) == (owner["USER"], owner["HOST"]):
        return [
            Warning(
                "DATABASE_URL and DATABASE_OWNER_URL are the same role: row security cannot hold.",
                hint="Give the application a role that owns nothing; see docs/architecture.md.",
                id="core.W001",
            )
        ]
    return []
