"""`manage.py reset_sandbox`: the sandbox as it was on its first day, for the same software with the same keys."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core import clock
from apps.core.errors import DomainError
from apps.demo.resetting import reset_sandbox


class Command(BaseCommand):
    """Empties the sandbox and loads its world again."""

    help = "Empty the sandbox and load its world again; software keeps its keys. Only with SANDBOX=1."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Empty and load, or say why not."""
        try:
            reset_sandbox(now=clock.now())
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The sandbox is as on its first day.")
