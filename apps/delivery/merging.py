"""Feeds, once two companies are one: one feed per consumer goes on, and every id of a feed goes on answering."""

from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from apps.companies.merging.movers import Merge, Mover
from apps.delivery.models import Destination, Feed, FeedEntry
from apps.delivery.routing import COUNTING
from apps.delivery.rules import MAIL_CHANNELS, DestinationState
from apps.delivery.selectors import former_feeds


def move(merge: Merge) -> None:
    """Move the feeds whose consumer has none of the survivor; otherwise add what is not marked to that one.

    Destinations of the absorbed company's own go on for the survivor. The other feed stays with the absorbed company,
    as history: what was listed there can be downloaded for ever, and its id answers with the feed that goes on
    (`selectors.get_feed`).
    """
    own_places = Destination.objects.filter(company=merge.absorbed)
    own_places.filter(_is_there_too(merge)).update(state=DestinationState.REMOVED, state_at=merge.now)
    own_places.update(company=merge.survivor)
    locked = Feed.objects.select_for_update(of=("self",), no_key=True)
    feeds = list(locked.filter(company__in=[merge.survivor, merge.absorbed]).order_by("pk"))
    own = {_consumer(feed): feed for feed in feeds if feed.company_id == merge.survivor.pk}
    for feed in feeds:
        if feed.company_id == merge.survivor.pk:
            continue
        standing = own.get(_consumer(feed))
        if standing is None:
            feed.company = merge.survivor
            feed.save(update_fields=["company"])
        else:
            _add_unmarked(feed, standing, merge)


def _is_there_too(merge: Merge) -> Exists:
    """Keep the destinations of the absorbed company that the survivor has too, by address."""
    own = Destination.objects.filter(company=merge.survivor, state__in=COUNTING, channel__in=MAIL_CHANNELS)
    return Exists(own.filter(office=OuterRef("office"), channel=OuterRef("channel"), address=OuterRef("address")))


def _consumer(feed: Feed) -> tuple[int | None, int | None]:
    return feed.software_id, feed.office_id


def _add_unmarked(former: Feed, standing: Feed, merge: Merge) -> None:
    """List in one feed what the consumer has not marked in the other, in its order; both locks are held."""
    listed = set(standing.entries.values_list("statement_id", "invoice_id"))
    unmarked = former.entries.filter(position__gt=former.cursor).order_by("position")
    fresh = [entry for entry in unmarked if (entry.statement_id, entry.invoice_id) not in listed]
    FeedEntry.objects.bulk_create(
        FeedEntry(
            feed=standing,
            position=position,
            statement_id=entry.statement_id,
            invoice_id=entry.invoice_id,
            listed_at=merge.now,
        )
        for position, entry in enumerate(fresh, start=standing.last_position + 1)
    )
    standing.last_position += len(fresh)
    standing.save(update_fields=["last_position"])


def find_position_taken(*, feed: Feed, former_entry_uuid: UUID) -> int | None:
    """Return how far a feed is taken when an entry of one that it took over from is marked: a call that was under way
    at the merge. What comes next in this feed is taken as long as the other listed it up to that entry, so that
    nothing is skipped. Nothing when it is no entry of such a feed.
    """
    former = FeedEntry.objects.filter(uuid=former_entry_uuid, feed__in=former_feeds(feed)).first()
    if former is None:
        return None
    taken = FeedEntry.objects.filter(feed=former.feed_id, position__lte=former.position)
    is_taken = Exists(taken.filter(Q(statement=OuterRef("statement")) | Q(invoice=OuterRef("invoice"))))
    ahead = FeedEntry.objects.filter(~is_taken, feed=feed, position__gt=feed.cursor).order_by("position")
    first = ahead.values_list("position", flat=True).first()
    return feed.last_position if first is None else first - 1


MOVER: Final = Mover(kinds={Feed: "company", Destination: "company"}, move=move)
