"""Registers the checks that run before a start."""

from django.apps import AppConfig
from django.core import checks


class CoreConfig(AppConfig):
    """The library below every other app."""

    name = "apps.core"

    def ready(self) -> None:
        """Register the database checks (run by migrate and at the start of web and worker)."""
        from apps.core import start_checks  # noqa: PLC0415 # needs the settings

        checks.register(start_checks.check_database, checks.Tags.database)
