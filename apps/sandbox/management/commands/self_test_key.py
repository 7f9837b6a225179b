"""`manage.py self_test_key`: what the service must know of this sandbox, to take its reports."""

import base64
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.sandbox.signing import public_key_of


class Command(BaseCommand):
    """Prints the public key."""

    help = "Print what SELF_TEST_PUBLIC_KEYS must hold in the service. Only with SANDBOX=1."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the public key of the secret one, which stays here."""
        if not settings.SANDBOX:
            raise CommandError("This is not the sandbox: SANDBOX=1 is not set.")
        self.stdout.write(base64.b64encode(public_key_of(settings.SELF_TEST_SIGNING_KEY)).decode())
