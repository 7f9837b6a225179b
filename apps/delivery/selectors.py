"""What a consumer may read: its feeds, their entries, the papers in them; and an office's inbox."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When

from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.selectors import current_links
from apps.companies.models import Company
from apps.core.errors import NotFound
from apps.delivery.models import Delivery, Feed, FeedEntry, Redelivery
from apps.delivery.rules import (
    FEED_PAGE,
    REDELIVERY_LIFE_DAYS,
    Channel,
    DeliveryState,
    DocumentModel,
    formats_of,
)
from apps.invoices.models import IN_INBOX, Invoice
from apps.invoices.rules import InvoiceState, OfficeViewState
from apps.tokens.selectors import Caller
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class FeedClient:
    """One feed of a caller with the names that the wire shows beside it."""

    feed: Feed
    client_uuid: UUID
    client_name: str
    link_uuid: UUID
    office_uuid: UUID


def list_feeds(*, caller: Caller, on: date) -> list[FeedClient]:
    """Return the caller's feeds of a day: one for a software's company, one per client for an office."""
    if caller.office is not None:
        return _office_feeds(caller.office, on)
    feeds = Feed.objects.filter(company=caller.company, software=caller.software).select_related("company")
    return [_feed_client(feed, on) for feed in feeds]


def _feed_client(feed: Feed, on: date) -> FeedClient:
    # The office in force that day, else the last one before it: a transfer may be planned.
    links = feed.company.client_links.select_related("office").filter(starts_on__lte=on).order_by("-starts_on")
    link = links.first()
    # Never null on the wire: a company that lost its office keeps its own uuid in the office's place.
    return FeedClient(
        feed,
        feed.company.uuid,
        feed.company.name,
        link.uuid if link else feed.uuid,
        link.office.uuid if link else feed.company.uuid,
    )


def _office_feeds(office: AccountingOffice, on: date) -> list[FeedClient]:
    standing = Feed.objects.filter(office=office, company__merged_into=None).select_related("company")
    feeds = {feed.company_id: feed for feed in standing}
    links = {link.company_id: link for link in current_links(office=office, on=on)}
    former = [
        FeedClient(feed, feed.company.uuid, feed.company.name, feed.uuid, office.uuid)
        for company_id, feed in sorted(feeds.items())
        if company_id not in links
    ]
    current = [
        FeedClient(feeds[company_id], link.company.uuid, link.company.name, link.uuid, office.uuid)
        for company_id, link in sorted(links.items())
        if company_id in feeds
    ]
    return current + former


def get_feed(*, caller: Caller, feed_id: int) -> Feed:
    """Return one feed of the caller.

    The id of a feed that a merge of two companies ended names the one that goes on for the same consumer.

    :raises NotFound: for anybody else's.
    """
    feed = _standing(caller).filter(pk=feed_id).first() or _successor(caller, feed_id)
    if feed is None:
        raise NotFound
    return feed


def _standing(caller: Caller) -> QuerySet[Feed]:
    if caller.office is not None:
        return Feed.objects.filter(office=caller.office, company__merged_into=None)
    return Feed.objects.filter(company=caller.company, software=caller.software)


def _successor(caller: Caller, feed_id: int) -> Feed | None:
    former = Feed.objects.select_related("company").filter(pk=feed_id).exclude(company__merged_into=None).first()
    if former is None or not _is_mine(caller, former):
        return None
    return _standing(caller).filter(company=former.company.merged_into_id).first()


def former_feeds(feed: Feed) -> QuerySet[Feed]:
    """Return the feeds that this one took over from when companies were merged."""
    return Feed.objects.filter(company__merged_into=feed.company_id, software=feed.software_id, office=feed.office_id)


def list_entries(*, feed: Feed) -> list[FeedEntry]:
    """Return the entries that are not marked yet, oldest first, at most a page of them.

    The feed itself tells when there are none: the common poll asks nothing more.
    """
    if feed.cursor >= feed.last_position:
        return []
    unmarked = FeedEntry.objects.filter(feed=feed, position__gt=feed.cursor).order_by("position")
    return list(unmarked.select_related("statement", "invoice__company")[:FEED_PAGE])


def list_redeliveries(*, feed: Feed, now: datetime) -> list[FeedEntry]:
    """Return the entries somebody asked to have again and that are not marked there, oldest first."""
    wanted = Redelivery.objects.filter(
        Q(entry__feed=feed) | Q(entry__feed__in=former_feeds(feed)),
        marked_at=None,
        requested_at__gt=now - timedelta(days=REDELIVERY_LIFE_DAYS),
    )
    entries = FeedEntry.objects.filter(redeliveries__in=wanted).order_by("feed", "position")
    return list(entries.select_related("statement", "invoice__company")[:FEED_PAGE])


def document_model(entry: FeedEntry) -> DocumentModel:
    """Return what an entry holds."""
    return DocumentModel.CODA if entry.statement_id is not None else DocumentModel.SALES_INVOICE


def get_entry(*, caller: Caller, entry_uuid: UUID, file_format: str) -> FeedEntry:
    """Return an entry of any of the caller's feeds, marked or not, that comes in this format.

    :raises NotFound: for an unknown or foreign index, or a format that is another or that the company does not give.
    """
    entry = (
        FeedEntry.objects.select_related("feed__company", "statement__coda_file__blob", "invoice__company")
        .filter(uuid=entry_uuid)
        .first()
    )
    if entry is None or not _is_mine(caller, entry.feed):
        raise NotFound
    if file_format not in formats_of(document_model(entry), caller.bank_access):
        raise NotFound
    return entry


def _is_mine(caller: Caller, feed: Feed) -> bool:
    if caller.office is not None:
        return feed.office_id == caller.office.pk
    if caller.company is None or caller.software is None:
        return False
    is_of_company = caller.company.pk in {feed.company_id, feed.company.merged_into_id}
    return is_of_company and feed.software_id == caller.software.pk


def list_inbox(*, office: AccountingOffice) -> QuerySet[Invoice]:
    """Return the invoices in an office's inbox, with their companies; in no order."""
    return Invoice.objects.filter(IN_INBOX, office=office).select_related("company")


def fetched_invoices(invoice_ids: Collection[int]) -> set[int]:
    """Return which of some invoices were taken from any channel."""
    fetched = Delivery.objects.filter(invoice_id__in=invoice_ids, state=DeliveryState.FETCHED)
    return set(fetched.values_list("invoice_id", flat=True))


def count_new_in_inbox(*, office: AccountingOffice, at_most: int) -> int:
    """Count the invoices in an office's inbox that nobody there looked at, up to a number."""
    return Invoice.objects.filter(IN_INBOX, office=office, opened_at=None)[:at_most].count()


def count_answered(*, office: AccountingOffice, at_most: int) -> int:
    """Count the invoices whose company answered the office's question, and that wait for the office, up to a number."""
    asked = Invoice.objects.filter(IN_INBOX, office=office, office_state=OfficeViewState.QUESTIONED)
    return asked.filter(answered_at__isnull=False)[:at_most].count()


def get_delivered_invoice(*, viewer: User, office_uuid: UUID, invoice_uuid: UUID) -> Invoice:
    """Return an invoice that was delivered to an office of which the person is a member.

    :raises NotFound: for strangers, as for nothing at all.
    """
    invoice = (
        Invoice.objects.filter(
            uuid=invoice_uuid,
            deliveries__channel=Channel.INBOX,
            deliveries__office__uuid=office_uuid,
            deliveries__office__members__user=viewer,
        )
        .select_related("company", "software", "office")
        .first()
    )
    if invoice is None:
        raise NotFound
    return invoice


def get_invoice_of_office(*, office: AccountingOffice, invoice_uuid: UUID) -> Invoice:
    """Return an invoice in the inbox of an office that calls by its own software.

    :raises NotFound: for any other.
    """
    invoice = list_inbox(office=office).filter(uuid=invoice_uuid).first()
    if invoice is None:
        raise NotFound
    return invoice


def list_deliveries(*, invoice: Invoice) -> Sequence[Delivery]:
    """Return an invoice's deliveries, in the order they were made."""
    return list(invoice.deliveries.select_related("destination").order_by("id"))


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How far a company's invoices of some days came on their way to its accounting office, each counted once."""

    accepted: int
    booked: int
    fetched: int
    delivered: int
    under_way: int
    rejected: int


def count_arrivals(*, company: Company, since: date) -> Arrivals:
    """Count a company's invoices from a day of issue on by how far they came, in one query."""
    invoices = Invoice.objects.filter(company=company, issue_date__gte=since)
    arrived = Delivery.objects.filter(invoice=OuterRef("pk"))
    fetched, delivered = Exists(arrived.filter(state="fetched")), Exists(arrived.filter(state="delivered"))
    way = Case(
        When(state=InvoiceState.REJECTED, then=Value("rejected")),
        When(office_state=OfficeViewState.BOOKED, then=Value("booked")),
        When(fetched, then=Value("fetched")),
        When(delivered, then=Value("delivered")),
        default=Value("under_way"),
        output_field=CharField(),
    )
    counts = dict(invoices.annotate(way=way).values_list("way").annotate(count=Count("pk")).order_by())
    ways = {name: counts.get(name, 0) for name in ("booked", "fetched", "delivered", "under_way", "rejected")}
    return Arrivals(accepted=sum(ways.values()) - ways["rejected"], **ways)


def deliveries_by_invoice(invoices: Iterable[Invoice]) -> dict[int, list[Delivery]]:
    """Return the deliveries of some invoices by the invoice's id, in one query."""
    found: dict[int, list[Delivery]] = {}
    rows = Delivery.objects.filter(invoice__in=[invoice.pk for invoice in invoices])
    for row in rows.select_related("destination").order_by("id"):
        found.setdefault(row.invoice_id, []).append(row)
    return found
