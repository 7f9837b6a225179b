"""Giving documents their positions in feeds, and listing statements for those who may read them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounting_offices.models import AccountingOffice, Mandate
from apps.accounting_offices.rules import MandatePurpose
from apps.accounting_offices.selectors import mandated_days, offices_in_force
from apps.companies.locks import lock_live_company
from apps.companies.models import Company
from apps.delivery.models import Feed, FeedEntry
from apps.invoices.models import Invoice
from apps.statements.models import Statement
from apps.statements.rules import StatementState
from apps.tokens.models import Connection
from apps.tokens.rules import ConnectionState

BATCH: Final = 500


def fan_out_statements(*, statement_uuids: Collection[UUID], now: datetime) -> int:
    """List imported statements in the feeds of their company's software and of the office in force on their day.

    The office gets one only when a mandate for its account was in force that day; the others wait for one. Each
    company's are one transaction, after a number of queries that does not grow with theirs, the oldest first. Returns
    the entries made; running it again makes none.
    """
    imported = Statement.objects.filter(uuid__in=statement_uuids, state=StatementState.IMPORTED)
    return _fan_out_by_company(imported, now, is_news=True)


def deliver_mandated(*, mandate_uuid: UUID, now: datetime) -> int:
    """List in the office's feed what waited for a mandate that covers its day; returns the entries made."""
    mandate = Mandate.objects.get(uuid=mandate_uuid)
    if mandate.purpose != MandatePurpose.CODA or mandate.starts_on is None:
        return 0
    waiting = _waiting().filter(account=mandate.bank_account_id, new_balance_on__gte=mandate.starts_on)
    return _fan_out_by_company(waiting, now, is_news=False)


def deliver_waiting(*, company_uuid: UUID, now: datetime) -> int:
    """List in the office's feed what waited for a client link that holds its day; returns the entries made."""
    return _fan_out_by_company(_waiting().filter(account__company__uuid=company_uuid), now, is_news=False)


def deliver_waiting_of_office(*, office_uuid: UUID, now: datetime) -> int:
    """List in an office's feeds what waited for links with its clients; returns the entries made."""
    clients = Company.objects.filter(client_links__office__uuid=office_uuid, client_links__starts_on__isnull=False)
    return _fan_out_by_company(_waiting().filter(account__company__in=clients), now, is_news=False)


def _waiting() -> QuerySet[Statement]:
    """Return the imported statements that no office has got: none was in force on their day, or no mandate."""
    listed = FeedEntry.objects.filter(statement=OuterRef("pk"), feed__office__isnull=False)
    return Statement.objects.filter(~Exists(listed), state=StatementState.IMPORTED)


def _fan_out_by_company(statements: QuerySet[Statement], now: datetime, *, is_news: bool) -> int:
    by_company: dict[int, list[int]] = {}
    rows = statements.order_by("account__company", "new_balance_on", "number", "pk")
    for company_id, statement_id in rows.values_list("account__company", "pk"):
        by_company.setdefault(company_id, []).append(statement_id)
    return sum(
        _fan_out(company_id, ids[start : start + BATCH], now, is_news=is_news)
        for company_id, ids in by_company.items()
        for start in range(0, len(ids), BATCH)
    )


@transaction.atomic
def _fan_out(company_id: int, statement_ids: Sequence[int], now: datetime, *, is_news: bool) -> int:
    company = lock_live_company(company_id=company_id)
    # Read under the lock: staff may have chosen another statement of the same identity meanwhile.
    found = Statement.objects.filter(pk__in=statement_ids, state=StatementState.IMPORTED, account__company=company)
    statements = list(found.order_by("new_balance_on", "number", "pk"))
    listings = [(office_feed(company, office, now), theirs) for office, theirs in _by_office(company, statements)]
    # A software's feed gets what is new; what waited for the office alone was listed there when it came.
    if is_news and statements:
        listings += [(feed, statements) for feed in software_feeds(company)]
    listings.sort(key=lambda listing: listing[0].pk)
    return sum(append(feed, statements=theirs, now=now) for feed, theirs in listings)


def _by_office(company: Company, statements: Sequence[Statement]) -> list[tuple[AccountingOffice, list[Statement]]]:
    days = {(statement.account_id or 0, statement.new_balance_on) for statement in statements}
    mandated = mandated_days(account_days=days)
    offices = offices_in_force(company=company, days={day for _account, day in mandated})
    found: dict[AccountingOffice, list[Statement]] = {}
    for statement in statements:
        office = offices.get(statement.new_balance_on)
        if office and (statement.account_id or 0, statement.new_balance_on) in mandated:
            found.setdefault(office, []).append(statement)
    return list(found.items())


def software_feeds(company: Company) -> list[Feed]:
    """Return the feeds of a company whose software is connected, suspended or not."""
    live = Connection.objects.filter(company=company).exclude(state=ConnectionState.REVOKED)
    return list(Feed.objects.filter(company=company, software__in=live.values("software")))


def office_feed(company: Company, office: AccountingOffice, now: datetime) -> Feed:
    """Return the feed of a company for an office, opened now when there is none."""
    feed, _created = Feed.objects.get_or_create(company=company, office=office, defaults={"opened_at": now})
    return feed


def append(
    feed: Feed,
    *,
    now: datetime,
    statements: Sequence[Statement] = (),
    invoices: Sequence[Invoice] = (),
) -> int:
    """Give positions to the documents that the feed does not list yet, under the feed's lock."""
    locked = Feed.objects.select_for_update(of=("self",), no_key=True).get(pk=feed.pk)
    listed: set[tuple[int | None, int | None]] = set(
        FeedEntry.objects.filter(Q(statement__in=statements) | Q(invoice__in=invoices), feed=locked).values_list(
            "statement_id", "invoice_id"
        )
    )
    documents: list[tuple[int | None, int | None]] = [(s.pk, None) for s in statements] + [
        (None, i.pk) for i in invoices
    ]
    fresh = [document for document in documents if document not in listed]
    FeedEntry.objects.bulk_create(
        FeedEntry(feed=locked, position=position, statement_id=statement, invoice_id=invoice, listed_at=now)
        for position, (statement, invoice) in enumerate(fresh, start=locked.last_position + 1)
    )
    if fresh:
        locked.last_position += len(fresh)
        locked.save(update_fields=["last_position"])
    return len(fresh)
