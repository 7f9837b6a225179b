"""Putting documents into feeds and inboxes, and marking what consumers have taken."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.selectors import current_links, offices_in_force
from apps.companies.locks import lock_live_company
from apps.companies.models import Company
from apps.core.clock import brussels_day
from apps.core.errors import DomainError
from apps.core.states import check_transition
from apps.delivery.feeding import append, office_feed
from apps.delivery.merging import find_position_taken
from apps.delivery.models import Delivery, Feed, FeedEntry, Redelivery
from apps.delivery.queueing import queue_pushes
from apps.delivery.rules import DELIVERY_TRANSITIONS, REDELIVERY_LIFE_DAYS, Channel, DeliveryState
from apps.delivery.selectors import former_feeds
from apps.events import services as events
from apps.invoices.models import Invoice
from apps.invoices.rules import InvoiceState
from apps.statements.selectors import list_statements
from apps.tokens.models import Connection, Software
from apps.tokens.selectors import Caller

# An office comes and gets what is there; the destinations have deliveries of their own.
_WITHOUT_PUSH: Final = (Channel.INBOX, Channel.FEED)


class FeedOffsetMissing(DomainError):
    """The call names no entry."""

    code = "feed_offset_missing"
    sentence = _('The field "feed_offset" is missing, or it is not the index of a feed entry.')


class FeedOffsetUnknown(DomainError):
    """The entry is not one of this feed."""

    code = "feed_offset_unknown"
    sentence = _("This feed has no entry with that index.")


@transaction.atomic
def open_software_feed(*, company: Company, software: Software, now: datetime) -> Feed:
    """Return the feed of a company for a software, opened now when it is the first connection of the two.

    A new feed starts with the statements of the last FEED_HISTORY_DAYS.
    """
    # The company's lock keeps a statement from falling between this history and the fan-out of new ones.
    company = lock_live_company(company_id=company.pk)
    feed, created = Feed.objects.get_or_create(company=company, software=software, defaults={"opened_at": now})
    if created:
        since = brussels_day(now) - timedelta(days=settings.FEED_HISTORY_DAYS)
        history = list_statements(company=company, since=since) if settings.FEED_HISTORY_DAYS else []
        append(feed, statements=list(history), now=now)
    return feed


def open_missing_feeds(*, caller: Caller, now: datetime) -> None:
    """Open the feeds that a caller should see and that no document has opened yet.

    A software's first reader need not wait for the reaction to the activation; an office sees every current client.
    """
    if caller.company is not None and caller.software is not None:
        if not Feed.objects.filter(company=caller.company, software=caller.software).exists():
            open_software_feed(company=caller.company, software=caller.software, now=now)
    elif caller.office is not None:
        known = Feed.objects.filter(office=caller.office).values("company")
        links = current_links(office=caller.office, on=brussels_day(now)).exclude(company__in=known)
        missing = list(links.values_list("company", flat=True))
        if missing:
            _open_office_feeds(caller.office, missing, now)


@transaction.atomic
def _open_office_feeds(office: AccountingOffice, company_ids: Sequence[int], now: datetime) -> None:
    """Open an office's feeds, under locks that keep a merge from moving their companies away meanwhile."""
    live = Company.objects.live().filter(pk__in=company_ids).order_by("pk")
    companies = list(live.select_for_update(of=("self",), no_key=True))
    Feed.objects.bulk_create(
        (Feed(company=company, office=office, opened_at=now) for company in companies), ignore_conflicts=True
    )


def open_feed_of_connection(*, connection_uuid: UUID, now: datetime) -> Feed:
    """Open the feed of a connection that was just activated."""
    connection = Connection.objects.select_related("company", "software").get(uuid=connection_uuid)
    return open_software_feed(company=connection.company, software=connection.software, now=now)


def fan_out_invoices(*, invoice_uuids: Collection[UUID], now: datetime) -> int:
    """Deliver accepted invoices to the inbox and the feed of the office in force on their day, and to its destinations.

    Each company's are one transaction, after a number of statements that does not grow with theirs. A correction in
    force goes to the destinations anew. Without an office that day it waits (`waiting`). Returns the deliveries
    made; running it again makes none.
    """
    accepted = Invoice.objects.filter(uuid__in=invoice_uuids, state=InvoiceState.ACCEPTED).order_by("company_id", "pk")
    by_company: dict[int, list[int]] = {}
    for company_id, invoice_id in accepted.values_list("company_id", "pk"):
        by_company.setdefault(company_id, []).append(invoice_id)
    return sum(_fan_out(company_id, ids, now) for company_id, ids in by_company.items())


@transaction.atomic
def _fan_out(company_id: int, invoice_ids: Sequence[int], now: datetime) -> int:
    company = lock_live_company(company_id=company_id)
    invoices = list(Invoice.objects.select_related("company").filter(pk__in=invoice_ids).order_by("pk"))
    offices = offices_in_force(company=company, days={invoice.issue_date for invoice in invoices})
    by_office: dict[AccountingOffice, list[Invoice]] = {}
    for invoice in invoices:
        if office := offices.get(invoice.issue_date):
            by_office.setdefault(office, []).append(invoice)
    made = 0
    for office, delivered in sorted(by_office.items(), key=lambda item: item[0].pk):
        made += _deliver(delivered, office, now)
        append(office_feed(company, office, now), invoices=delivered, now=now)
        made += queue_pushes(invoices=delivered, company=company, office=office, now=now)
    return made


def _deliver(invoices: Sequence[Invoice], office: AccountingOffice, now: datetime) -> int:
    """Put invoices into the inbox and mark them as in the feed, once each; returns the deliveries made."""
    standing = set(
        Delivery.objects.filter(invoice__in=invoices, channel__in=_WITHOUT_PUSH).values_list("invoice_id", "channel")
    )
    made = [
        Delivery(
            invoice=invoice,
            channel=channel,
            office=office,
            state=DeliveryState.DELIVERED,
            state_at=now,
            delivered_at=now,
        )
        for invoice in invoices
        for channel in _WITHOUT_PUSH
        if (invoice.pk, channel.value) not in standing
    ]
    Delivery.objects.bulk_create(made)
    news = [_news("invoice.delivered", delivery.invoice, Channel(delivery.channel)) for delivery in made]
    events.record_many(news, actor="system", now=now)
    return len(made)


def fetch_invoice(*, invoice_id: int, channel: Channel, actor: str, now: datetime) -> None:
    """Record that the office took an invoice from a channel, the first time it does."""
    fetch_invoices(invoice_ids=[invoice_id], channel=channel, actor=actor, now=now)


@transaction.atomic
def fetch_invoices(*, invoice_ids: Collection[int], channel: Channel, actor: str, now: datetime) -> int:
    """Record the same of some invoices, in a few statements; returns how many were taken for the first time."""
    there = Delivery.objects.filter(invoice_id__in=invoice_ids, channel=channel).exclude(state=DeliveryState.FETCHED)
    locked = there.select_for_update(of=("self",), no_key=True).select_related("invoice__company").order_by("pk")
    deliveries = list(locked)
    for delivery in deliveries:
        check_transition(DELIVERY_TRANSITIONS, DeliveryState(delivery.state), DeliveryState.FETCHED)
        delivery.state, delivery.state_at, delivery.fetched_at = DeliveryState.FETCHED, now, now
    Delivery.objects.bulk_update(deliveries, ["state", "state_at", "fetched_at"])
    news = [_news("invoice.fetched", delivery.invoice, channel) for delivery in deliveries]
    events.record_many(news, actor=actor, now=now)
    return len(deliveries)


@transaction.atomic
def mark_feed(*, feed_id: int, offset: str, actor: str, now: datetime) -> UUID:
    """Mark a feed up to an entry and return the entry that it is now marked up to.

    A cursor never moves back: an older or equal offset changes nothing. The caller was authorised for the feed.

    :raises FeedOffsetMissing: when the offset is no index.
    :raises FeedOffsetUnknown: when it is not an entry of this feed.
    """
    entry_uuid = parse_offset(offset)
    feed = Feed.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=feed_id)
    position = FeedEntry.objects.filter(feed=feed, uuid=entry_uuid).values_list("position", flat=True).first()
    if position is None:
        taken_up_to = find_position_taken(feed=feed, former_entry_uuid=entry_uuid)
        if taken_up_to is None:
            raise FeedOffsetUnknown
        _move_cursor(feed, taken_up_to, entry_uuid, actor=actor, now=now)
        return entry_uuid
    if position <= feed.cursor:
        return FeedEntry.objects.values_list("uuid", flat=True).get(feed=feed, position=feed.cursor)
    _move_cursor(feed, position, entry_uuid, actor=actor, now=now)
    return entry_uuid


def _move_cursor(feed: Feed, position: int, entry_uuid: UUID, *, actor: str, now: datetime) -> None:
    if position <= feed.cursor:
        return
    feed.cursor = position
    feed.save(update_fields=["cursor"])
    events.record(
        "feed.marked",
        subject_uuid=feed.uuid,
        company_uuid=feed.company.uuid,
        actor=actor,
        now=now,
        payload={"offset": str(entry_uuid)},
    )


@transaction.atomic
def ask_redelivery(*, entry_uuid: UUID, actor: str, now: datetime) -> Redelivery:
    """Put an entry into its feed's redelivery list; asking again while it is listed there changes nothing."""
    entry = FeedEntry.objects.select_related("feed__company").get(uuid=entry_uuid)
    Feed.objects.select_for_update(of=("self",), no_key=True).get(pk=entry.feed_id)
    redelivery, created = Redelivery.objects.get_or_create(
        entry=entry, marked_at=None, defaults={"requested_by": actor, "requested_at": now}
    )
    has_left_the_list = redelivery.requested_at <= now - timedelta(days=REDELIVERY_LIFE_DAYS)
    if has_left_the_list:
        redelivery.requested_by, redelivery.requested_at = actor, now
        redelivery.save(update_fields=["requested_by", "requested_at"])
    if created or has_left_the_list:
        events.record(
            "feed_entry.redelivery_asked",
            subject_uuid=entry.uuid,
            company_uuid=entry.feed.company.uuid,
            actor=actor,
            now=now,
        )
    return redelivery


@transaction.atomic
def mark_redeliveries(*, feed_id: int, offset: str, now: datetime) -> UUID:
    """Mark the redelivery list of a feed up to an entry; the ordinary cursor does not move.

    :raises FeedOffsetMissing: when the offset is no index.
    :raises FeedOffsetUnknown: when it is not an entry of this feed.
    """
    entry_uuid = parse_offset(offset)
    feed = Feed.objects.select_for_update(of=("self",), no_key=True).get(pk=feed_id)
    entries = FeedEntry.objects.filter(Q(feed=feed) | Q(feed__in=former_feeds(feed)))
    entry = entries.filter(uuid=entry_uuid).first()
    if entry is None:
        raise FeedOffsetUnknown
    # The order of the list: the feed's own id and position, those it took over from included.
    up_to = entries.filter(Q(feed__lt=entry.feed_id) | Q(feed=entry.feed_id, position__lte=entry.position))
    Redelivery.objects.filter(entry__in=up_to, marked_at=None).update(marked_at=now)
    return entry_uuid


def parse_offset(offset: str) -> UUID:
    """Return the index of an entry in any case.

    :raises FeedOffsetMissing: when it is none.
    """
    try:
        return UUID(offset)
    except ValueError as error:
        raise FeedOffsetMissing from error


def _news(name: str, invoice: Invoice, channel: Channel) -> events.News:
    return events.News(name, invoice.uuid, invoice.company.uuid, {"channel": channel.value})
