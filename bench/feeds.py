"""A company whose two software have a feed of 500 entries each, tokens to exchange, and other companies' feeds."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import connection

from apps.accounting_offices.models import AccountingOffice
from apps.companies.models import Company
from apps.delivery.models import Feed, FeedEntry
from apps.delivery.rules import FEED_PAGE
from apps.delivery.services import open_software_feed
from apps.statements.models import Statement
from apps.statements.services.intake import import_coda_file, receive_coda_file
from apps.tokens.models import SoftwareKey
from apps.tokens.secrets import derive_token
from apps.tokens.services.requests import request_connection
from bench.coda_files import make_file
from bench.databases import run_as_owner
from bench.urls import NOTHING
from bench.world import ACTOR
from tests.factories import registry

SMALL_TABLE: Final = 1_000
LARGE_TABLE: Final = 5_000_000
_FILES: Final = 100
_STATEMENTS_A_FILE: Final = 5
_MOVEMENTS: Final = 20
_FEEDS_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """A connected software: what it sends with each call, and its feed."""

    headers: dict[str, str]
    feed_id: int

    @property
    def feed_path(self) -> str:
        """Return the path of the feed."""
        return f"/v2/delivery/feed/{self.feed_id}/"


@dataclass(frozen=True, slots=True)
class FeedWorld:
    """One software that has marked everything, one that has marked nothing, with its downloads, and one with tokens."""

    company: Company
    idle: Reader
    reader: Reader
    cod_paths: Sequence[str]
    exchanger: dict[str, str]
    exchange_paths: Sequence[str]
    nothing_path: str = NOTHING


def make_feeds(now: datetime, *, tokens: int) -> FeedWorld:
    """Make the company, its statements and its two feeds, 1,000 entries in all, and other companies' tokens."""
    office = registry.make_office(now)
    company = registry.make_company(now, office=office)
    account = registry.make_account(now, company)
    idle, reader = (_connect(now, company, slug) for slug in ("idle", "reader"))
    for number in range(1, _FILES * _STATEMENTS_A_FILE, _STATEMENTS_A_FILE):
        content = make_file(
            account.iban, company.enterprise_number, number=number, movements=_MOVEMENTS,
            statements=_STATEMENTS_A_FILE, is_matchable=False,
        )  # fmt: skip
        received = receive_coda_file(content=content, name="bench.cod", actor=ACTOR, now=now)
        import_coda_file(coda_file_uuid=received.uuid, now=now)
    assert Statement.objects.filter(state="imported").count() == FEED_PAGE
    _list_statements(now, first_feed=0)
    Feed.objects.filter(pk=idle.feed_id).update(cursor=FEED_PAGE)
    entries = FeedEntry.objects.filter(feed_id=reader.feed_id).order_by("position").values_list("uuid", flat=True)
    _settle(SMALL_TABLE)
    key = registry.make_software(now, slug="exchanger")
    return FeedWorld(
        company,
        idle,
        reader,
        [f"/v2/delivery/download/{uuid}/cod/" for uuid in entries],
        {"X-Software-Company": str(key.key)},
        [f"/v2/get-credentials/{_make_token(now, office, key, number)}/" for number in range(tokens)],
    )


def fill_table(now: datetime, world: FeedWorld) -> None:
    """Add feeds of other companies, a page of entries each, until the table has five million."""
    feeds = (LARGE_TABLE - SMALL_TABLE) // FEED_PAGE
    run_as_owner(
        "INSERT INTO companies_company (uuid, enterprise_number, name, language, is_vat_liable, state, created_at) "
        "SELECT gen_random_uuid(), '1' || lpad(n::text, 9, '0'), 'Zaak ' || n, 'nl', true, 'active', %s "
        "FROM generate_series(1, %s) n",
        now,
        feeds,
    )
    software_id = Feed.objects.values_list("software_id", flat=True).get(pk=world.reader.feed_id)
    newest = Feed.objects.order_by("-pk").values_list("pk", flat=True)[0]
    run_as_owner(
        "INSERT INTO delivery_feed (uuid, company_id, software_id, cursor, last_position, opened_at) "
        "SELECT gen_random_uuid(), id, %s, 0, 0, %s FROM companies_company WHERE name LIKE 'Zaak %%'",
        software_id,
        now,
    )
    with _without_constraints():
        for first in range(newest + 1, newest + 1 + feeds, _FEEDS_AT_ONCE):
            _list_statements(now, first_feed=first)
    _settle(LARGE_TABLE)


@contextmanager
def _without_constraints() -> Iterator[None]:
    """Leave the table without its keys while the block fills it, and make them anew: row by row they take minutes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = 'delivery_feedentry'::regclass AND contype IN ('f', 'u')"
        )
        constraints = cursor.fetchall()
    for name, _definition in constraints:
        run_as_owner(f'ALTER TABLE delivery_feedentry DROP CONSTRAINT "{name}"')
    yield
    for name, definition in constraints:
        run_as_owner(f'ALTER TABLE delivery_feedentry ADD CONSTRAINT "{name}" {definition}')


def _make_token(now: datetime, office: AccountingOffice, key: SoftwareKey, number: int) -> str:
    # Each at an address of its own, which gets only so many mails a day.
    company = registry.make_company(now, office=office, email=f"{number}@bench.example")
    outcome = request_connection(software=key.software, vat=company.enterprise_number, actor=ACTOR, now=now)
    assert outcome.token is not None, outcome.refusal_code
    return derive_token(outcome.token.uuid, key=settings.TOKEN_KEY)


def _connect(now: datetime, company: Company, slug: str) -> Reader:
    connected = registry.connect(now, company, registry.make_software(now, slug=slug))
    feed = open_software_feed(company=company, software=connected.software, now=now)
    login = base64.b64encode(f"{connected.username}:{connected.password}".encode()).decode()
    return Reader({"X-Software-Company": connected.key, "Authorization": f"Basic {login}"}, feed.pk)


def _list_statements(now: datetime, *, first_feed: int) -> None:
    """Give every statement a place in each of the next feeds."""
    last_feed = first_feed + _FEEDS_AT_ONCE - 1
    run_as_owner(
        "INSERT INTO delivery_feedentry (uuid, feed_id, position, statement_id, listed_at) "
        "SELECT gen_random_uuid(), feed.id, statement.position, statement.id, %s FROM delivery_feed feed, "
        "(SELECT id, row_number() OVER (ORDER BY id) AS position FROM statements_statement) statement "
        "WHERE feed.id BETWEEN %s AND %s",
        now,
        first_feed,
        last_feed,
    )
    run_as_owner(
        "UPDATE delivery_feed SET last_position = %s WHERE id BETWEEN %s AND %s", FEED_PAGE, first_feed, last_feed
    )


def _settle(entries: int) -> None:
    """Leave the table as autovacuum would, and check that it holds what was meant."""
    run_as_owner("VACUUM ANALYZE delivery_feedentry, delivery_feed, companies_company")
    assert FeedEntry.objects.count() == entries, FeedEntry.objects.count()
