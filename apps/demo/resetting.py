"""The sandbox as it was on its first day; who makes software, and what their software has shown, stays."""

from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction
from django.db.models import Model

from apps.core.errors import DomainError
from apps.demo.services import load_demo

# Their rows go; what refers to them goes along.
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
)
_KEPT: Final = (
    "tokens.Vendor",
    "tokens.VendorMember",
    "tokens.Software",
    "tokens.SoftwareKey",
    "webhooks.Endpoint",
    "sandbox.SelfTestReport",
    "users.User",
    "users.MailedLink",
)
# Calls go on meanwhile. Who empties waits so long for those that are under way, and those that come wait behind.
_LOCK_SECONDS: Final = 10


class NotTheSandbox(DomainError):
    """Only a sandbox is ever emptied."""

    code = "not_the_sandbox"
    sentence = "This is not the sandbox: SANDBOX=1 is not set, and nothing was removed."


class WouldLoseWhatStays(DomainError):
    """A table that refers to an emptied one would lose the rows that must stay."""

    code = "would_lose_what_stays"
    sentence = "What must stay would have been emptied, so nothing was removed."


def reset_sandbox(*, now: datetime) -> None:
    """Empty the sandbox and load its world again.

    :raises NotTheSandbox: in any other process.
    :raises WouldLoseWhatStays: when a kept table would be emptied.
    :raises OperationalError: when calls under way hold the tables too long; nothing was removed then.
    """
    if not settings.SANDBOX:
        raise NotTheSandbox
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        before = _count_kept(cursor)
        cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
        cursor.execute(f"TRUNCATE {', '.join(_emptied_tables())} CASCADE")
        if _count_kept(cursor) != before:
            raise WouldLoseWhatStays
    load_demo(now=now)


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
