"""Registers the checks that run before a start, and the lookups that the ORM lacks."""

from django.apps import AppConfig
from django.core import checks


class CoreConfig(AppConfig):
    """The library below every other app."""

    name = "apps.core"

    def ready(self) -> None:
        """Register the database checks (run by migrate and at the start of web and worker), and the lookups."""
        from apps.core import lookups, start_checks  # noqa: F401, PLC0415 # needs the settings

        checks.register(start_checks.check_database, checks.Tags.database)
