"""Purging the papers of invoices whose legal time of keeping is over.

The Belgian VAT Code, article 60, has invoices kept for ten years from 1 January of the year after their date (seven
before the Act of 20 November 2022, in force since 1 January 2023; circular 2023/C/58). The same term holds for books
and their evidence, bank files among them: those, and all rows of facts, are kept without end here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.blobs.services import releasing
from apps.companies.models import LegalHold
from apps.core.clock import BRUSSELS
from apps.events import services as events
from apps.invoices.models import Arrival, Invoice, InvoiceHold, InvoiceVersion

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """What a run did, or would do: invoices and refused uploads whose papers went, blobs removed and their bytes."""

    invoices: int
    refused_uploads: int
    blobs: int = 0
    bytes: int = 0


def first_year_kept(*, today: date, years: int) -> int:
    """Return the oldest year of issue whose invoices must still be kept: 2026 until the end of 2036, for ten years."""
    return today.year - years


def count_expired(*, today: date, years: int) -> Purged:
    """Return what a purge would do today; nothing is changed."""
    return Purged(_expired(today, years).count(), _expired_refusals(today, years).count())


def purge_expired(*, today: date, years: int, actor: str, now: datetime) -> Purged:
    """Purge what is over its time, in batches that stand by themselves, and remove bytes that nothing needs.

    The bytes of what is purged now are refused to readers at once, and removed by the first run an hour later.

    :raises StorageUnavailable: when bytes cannot be removed; the next run goes on.
    """
    invoices = refused = 0
    while ids := list(_expired(today, years).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        invoices += _purge_invoices(ids, today, years, actor=actor, now=now)
    while ids := list(_expired_refusals(today, years).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        refused += _expired_refusals(today, years).filter(pk__in=ids).update(purged_at=now)
    releasing.release_purged(now=now)
    return Purged(invoices, refused, *releasing.remove_released(now=now))


@transaction.atomic
def _purge_invoices(ids: Sequence[int], today: date, years: int, *, actor: str, now: datetime) -> int:
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")
    list(locked.values_list("pk", flat=True))
    # Looked at again under the lock: a hold may have been placed, or another run come first.
    invoices = list(_expired(today, years).filter(pk__in=ids).select_related("company"))
    for rows in (InvoiceVersion.objects, Arrival.objects):
        rows.filter(invoice__in=invoices, purged_at=None).update(purged_at=now)
    Invoice.objects.filter(pk__in=[row.pk for row in invoices]).update(words=None)
    news = [events.News("invoice.purged", row.uuid, row.company.uuid) for row in invoices]
    events.record_many(news, actor=actor, now=now)
    return len(invoices)


def _expired(today: date, years: int) -> QuerySet[Invoice]:
    """Keep invoices that are over their time, with papers that are not purged, and on no hold; nor is their company."""
    versions = InvoiceVersion.objects.filter(invoice=OuterRef("pk"), purged_at=None)
    arrivals = Arrival.objects.filter(invoice=OuterRef("pk"), purged_at=None)
    old = Invoice.objects.filter(issue_year__lt=first_year_kept(today=today, years=years))
    own_hold = InvoiceHold.objects.filter(invoice=OuterRef("pk"), lifted_at=None)
    return old.filter(Q(Exists(versions)) | Q(Exists(arrivals))).exclude(Exists(_hold())).exclude(Exists(own_hold))


def _expired_refusals(today: date, years: int) -> QuerySet[Arrival]:
    """Keep uploads that became no invoice; they are as old as their arrival."""
    first = datetime(first_year_kept(today=today, years=years), 1, 1, tzinfo=BRUSSELS)
    old = Arrival.objects.filter(invoice=None, purged_at=None, received_at__lt=first)
    return old.exclude(Exists(_hold()))


def _hold() -> QuerySet[LegalHold]:
    """Return the holds of a row's company, and of the one it was merged into: copies may have been left behind."""
    of_company = Q(company=OuterRef("company")) | Q(company=OuterRef("company__merged_into"))
    return LegalHold.objects.filter(of_company, lifted_at=None)
