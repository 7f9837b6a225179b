"""Companies with accounts, an office and software, made through the product's own services."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.conf import settings

from apps.companies.models import BankAccount
from apps.core import clock
from apps.delivery.services import open_software_feed
from apps.events.batches import run_all_pending
from apps.events.tasks import call_task, call_task_for_many
from tests.factories import registry

ACTOR = "bench"
_ACCOUNTS_A_COMPANY = 5


def make_accounts(now: datetime, count: int) -> list[BankAccount]:
    """Make accounts with a mandate, five a company, each company with an office and one connected software."""
    office, key = registry.make_office(now), registry.make_software(now)
    accounts: list[BankAccount] = []
    while len(accounts) < count:
        company = registry.make_company(now, office=office)
        connected = registry.connect(now, company, key)
        open_software_feed(company=company, software=connected.software, now=now)
        accounts += [registry.make_account(now, company) for _ in range(_ACCOUNTS_A_COMPANY)]
    return accounts[:count]


def run_reactions(*, except_for: frozenset[str]) -> int:
    """Do what the worker does with everything that is pending, the consequences included; returns how many ran.

    Tasks that are left out count as done.
    """
    current_app.loader.import_default_modules()
    # What the reactions themselves record is due later than now.
    later = clock.now() + timedelta(hours=1)
    return run_all_pending(run=_runner(except_for), run_many=_runner_of_many(except_for), now=later)


def _runner_of_many(except_for: frozenset[str]) -> Callable[[str, Sequence[UUID]], None]:
    # Left out by the name of the task for one.
    left_out = {settings.EVENT_BATCHES[task].task for task in except_for & set(settings.EVENT_BATCHES)}

    def run(task: str, subject_uuids: Sequence[UUID]) -> None:
        if task not in left_out:
            call_task_for_many(task, subject_uuids)

    return run


def _runner(except_for: frozenset[str]) -> Callable[[str, UUID], None]:
    def run(task: str, subject_uuid: UUID) -> None:
        if task not in except_for:
            call_task(task, subject_uuid)

    return run
