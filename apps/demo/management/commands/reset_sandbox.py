"""`manage.py reset_sandbox`: the sandbox as it was on its first day, for the same software with the same keys."""

from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction
from django.db.models import Model

from apps.core import clock
from apps.demo.services import load_demo

# Their rows go; what refers to them goes along. Who makes software, and who signs in, stays.
_EMPTIED: Final = (
    "events",
    "blobs",
    "jobs",
    "companies",
    "accounting_offices",
    "invoices",
    "statements",
    "reconciliation",
    "delivery",
    "sandbox",
)
_KEPT: Final = (
    "tokens.Vendor",
    "tokens.VendorMember",
    "tokens.Software",
    "tokens.SoftwareKey",
    "webhooks.Endpoint",
    "users.User",
)


class Command(BaseCommand):
    """Empties the sandbox and loads its world again."""

    help = "Empty the sandbox and load its world again; software keeps its keys. Only with SANDBOX=1."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Refuse elsewhere, then empty and load."""
        if not settings.SANDBOX:
            raise CommandError("This is not the sandbox: SANDBOX=1 is not set, and nothing was removed.")
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            before = _count_kept(cursor)
            cursor.execute(f"TRUNCATE {', '.join(_emptied_tables())} CASCADE")
            if _count_kept(cursor) != before:
                raise CommandError("What must stay would have been emptied, so nothing was removed.")
        load_demo(now=clock.now())
        self.stdout.write("The sandbox is as on its first day.")


def _emptied_tables() -> list[str]:
    models = [model for name in _EMPTIED for model in apps.get_app_config(name).get_models()]
    return [_quoted(model) for model in [*models, apps.get_model("tokens.SoftwareUsage")]]


def _count_kept(cursor: Any) -> list[int]:
    counts = []
    for label in _KEPT:
        cursor.execute(f"SELECT count(*) FROM {_quoted(apps.get_model(label))}")  # noqa: S608 # a model's own table
        counts.append(cursor.fetchone()[0])
    return counts


def _quoted(model: type[Model]) -> str:
    return str(connections["owner"].ops.quote_name(model._meta.db_table))
