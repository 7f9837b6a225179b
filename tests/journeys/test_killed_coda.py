"""Banks' files with overlaps and duplicates, imported by workers that are killed: the same as one quiet run."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as project_settings
from django.db import connections

from apps.companies.models import BankAccount
from apps.delivery.models import FeedEntry
from apps.delivery.services import open_software_feed
from apps.events.models import Event, PendingReaction
from apps.statements.chains import judge_account
from apps.statements.coda.writer import MovementDraft, StatementDraft, write_file
from apps.statements.models import CodaFile, CodaFinding, Movement, Statement
from apps.statements.services.intake import receive_coda_file
from tests.factories import registry
from tests.journeys.tour import ROOT


@dataclass(frozen=True)
class Size:
    """How much is done: `every` is after about how many reactions a worker is killed."""

    accounts: int
    files: int
    workers: int
    every: int


SIZE = Size(100, 5_000, 8, 150) if os.environ.get("STRESS") == "1" else Size(6, 36, 4, 20)
FIRST = date(2026, 1, 1)
SEED = 20_261_126


@dataclass(frozen=True)
class World:
    """The accounts of one run, and the files that came for them."""

    accounts: tuple[BankAccount, ...]
    files: tuple[CodaFile, ...]


def make_world(now: datetime) -> World:
    office, key = registry.make_office(now), registry.make_software(now, slug=f"s{registry.enterprise_number()}")
    accounts: list[BankAccount] = []
    for _ in range(SIZE.accounts):
        company = registry.make_company(now, office=office, email=f"{registry.enterprise_number()}@example.be")
        connected = registry.connect(now, company, key)
        open_software_feed(company=company, software=connected.software, now=now)
        accounts.append(registry.make_account(now, company))
    # Reactions of all this are no part of the run.
    PendingReaction.objects.all().delete()
    return World(tuple(accounts), tuple(_receive(accounts, now)))


def _receive(accounts: list[BankAccount], now: datetime) -> "list[CodaFile]":
    """Receive the files in an order of their own: windows of three statements, each overlapping the next by one.

    Every seventh comes twice, byte for byte, and every ninth holds statements of a second account too.
    """
    windows = [(place % SIZE.accounts, place // SIZE.accounts * 2 + 1) for place in range(SIZE.files * 7 // 8)]
    files = []
    for place, (owner, first) in enumerate(windows):
        drafts = [_statement(accounts[owner], number) for number in range(first, first + 3)]
        if place % 9 == 0:
            # Of another account, a statement that no other file of that one has.
            drafts.append(_statement(accounts[(owner + 1) % SIZE.accounts], 900 - place // SIZE.accounts))
        files += [write_file(drafts)] * (2 if place % 7 == 0 else 1)
    Random(SEED).shuffle(files)
    return [receive_coda_file(content=content, name="bank.cod", actor="t", now=now) for content in files]


def _statement(account: BankAccount, number: int) -> StatementDraft:
    day = FIRST + timedelta(days=number)
    amounts = (Decimal(number * 100 + 7) / 100, -Decimal(number) / 3)
    movements = tuple(
        MovementDraft(amount=round(amount, 2), entry_date=day, value_date=day, communication=f"nr {number}")
        for amount in amounts
    )
    return StatementDraft(
        iban=account.iban, bic="GKCCBEBB", holder_name="Houder", enterprise_number="0123456749",
        number=number, creation_date=day, old_balance=Decimal(1000), old_balance_date=day - timedelta(days=1),
        new_balance_date=day, movements=movements,
    )  # fmt: skip


def told(world: World) -> dict[str, Any]:
    """Say everything that a run left behind, without ids and moments, accounts by their place."""
    place = {account.pk: number for number, account in enumerate(world.accounts)}
    company = {account.company_id: number for number, account in enumerate(world.accounts)}
    statements = Statement.objects.filter(coda_file__in=world.files)
    subjects = [*statements.values_list("uuid", flat=True), *(file.uuid for file in world.files)]
    money = Movement.objects.filter(statement__in=statements).values_list(
        "statement__account", "statement__number", "ordinal", "amount", "company"
    )
    entries = FeedEntry.objects.filter(statement__in=statements).order_by("feed", "position")
    listed: dict[tuple[int, bool], list[tuple[int, int]]] = {}
    for of, software, position, number in entries.values_list(
        "feed__company", "feed__software", "position", "statement__number"
    ):
        listed.setdefault((company[of], software is None), []).append((position, number))
    return {
        "files": Counter(CodaFile.objects.filter(pk__in=[f.pk for f in world.files]).values_list("state", flat=True)),
        "statements": Counter((place[s.account_id or 0], s.number, s.state) for s in statements),
        "money": Counter((place[of or 0], *rest, company[owner or 0]) for of, *rest, owner in money),
        "events": Counter(Event.objects.filter(subject_uuid__in=subjects).values_list("name", flat=True)),
        "positions": {feed: [position for position, _number in rows] for feed, rows in listed.items()},
        "listed": {feed: sorted(number for _position, number in rows) for feed, rows in listed.items()},
        "had": CodaFinding.objects.filter(coda_file__in=world.files, code="resent_duplicate").count(),
        "chains": [
            [[(gap.first, gap.last) for gap in missing], [(broken.expected, broken.found) for broken in chains]]
            for missing, chains in map(judge_account, world.accounts)
        ],
    }


def work_and_kill() -> int:
    """Let workers that are killed run everything that is pending; returns how many were killed."""
    address = urlsplit(os.environ["DATABASE_URL"])
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        "DATABASE_URL": address._replace(path=f"/{project_settings.DATABASES['default']['NAME']}").geturl(),
        "BLOB_DIR": str(project_settings.BLOB_DIR),
    }
    command = [sys.executable, "-m", "tests.support.workers", *map(str, (SIZE.workers, SIZE.every, SEED))]
    said = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return int(said.stdout)


@pytest.mark.django_db(transaction=True)
def test_killed_workers_leave_the_same_rows_events_and_feeds_as_a_quiet_run(
    now: datetime, run_reactions: Callable[[], int]
) -> None:
    quiet = make_world(now)
    run_reactions()
    expected = told(quiet)

    killed_on = make_world(now)
    connections.close_all()
    killed = work_and_kill()

    assert killed >= 3
    assert not PendingReaction.objects.exists(), list(PendingReaction.objects.values_list("last_error", flat=True)[:3])
    left = told(killed_on)
    assert {key: left[key] for key in expected} == expected
    assert expected["files"]["duplicate"] > 0
    assert expected["had"] > SIZE.files // 8
    sys.stdout.write(
        f"{len(killed_on.files)} files, {sum(expected['statements'].values())} statements, {killed} kills\n"
    )
