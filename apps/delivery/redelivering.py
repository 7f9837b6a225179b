"""Delivering invoices again because somebody asks: at once, counted, and in the trail with who asked.

A large selection is a job that delivers batch after batch, each in a transaction with its progress.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.blobs.selectors import read_bytes
from apps.core.errors import DomainError
from apps.delivery.models import Feed, FeedEntry, Redelivery
from apps.delivery.queueing import push_again
from apps.delivery.rules import MOST_INVOICES, REDELIVERY, REDELIVERY_LIFE_DAYS
from apps.events import services as events
from apps.events.selectors import list_events_of
from apps.events.services import News
from apps.invoices.models import IN_INBOX, Invoice
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.rules import JobState

ASKED = "invoice.redelivery_asked"
BATCH: Final = 200


class NothingDelivered(DomainError):
    """What no office has yet cannot be delivered to it again."""

    code = "nothing_delivered"
    sentence = _("None of this was delivered yet, so there is nothing to deliver again.")


class TooManyInvoices(DomainError):
    """More than one job takes."""

    code = "too_many_invoices"
    sentence = _("At most %(most)s invoices at once, and the filters find more. Choose a narrower filter.")


class RedeliveryUnderWay(DomainError):
    """One at a time for an office, a company or a member of staff."""

    code = "redelivery_under_way"
    sentence = _("A large selection is being delivered again already. Wait for it, or stop it.")


@dataclass(frozen=True, slots=True)
class Asked:
    """How often an invoice was asked to be delivered again; when and by whom the last time."""

    count: int
    last_at: datetime
    last_by: str


@transaction.atomic
def deliver_again(*, invoice_ids: Collection[int], actor: str, now: datetime) -> int:
    """Deliver the versions in force again to the office that has them; the caller may see them. Returns how many.

    They are listed in the office's redelivery feed and pushed to every destination that counts. In the inbox they lie
    already. What was not delivered yet is left out: it is on its way. A fixed number of queries for each office.

    :raises NothingDelivered: when none of them was delivered.
    """
    locked = Invoice.objects.select_for_update(of=("self",), no_key=True).filter(IN_INBOX, pk__in=invoice_ids)
    invoices = list(locked.select_related("company", "office").order_by("pk"))
    if not invoices:
        raise NothingDelivered
    for office in _offices(invoices):
        theirs = [invoice for invoice in invoices if invoice.office_id == office.pk]
        push_again(invoices=theirs, office=office, now=now)
        _list_again(office, theirs, actor, now)
    news = [News(ASKED, invoice.uuid, invoice.company.uuid) for invoice in invoices]
    events.record_many(news, actor=actor, now=now)
    return len(invoices)


@transaction.atomic
def ask_redelivery_of_many(*, invoice_ids: Sequence[int], subject_uuid: UUID, actor: str, now: datetime) -> Job:
    """Have many invoices that the caller may see delivered again by the worker, for whom it is asked.

    :raises TooManyInvoices: :raises RedeliveryUnderWay: as they say.
    """
    if len(invoice_ids) > MOST_INVOICES:
        raise TooManyInvoices(most=MOST_INVOICES)
    if Job.objects.filter(subject_uuid=subject_uuid, kind=REDELIVERY, state__in=["queued", "running"]).exists():
        raise RedeliveryUnderWay
    return jobs.create_job(
        kind=REDELIVERY,
        content=json.dumps({"invoices": list(invoice_ids)}).encode(),
        parameters={"count": len(invoice_ids)},
        subject_uuid=subject_uuid,
        actor=actor,
        now=now,
    )


def run_redelivery(*, job_uuid: UUID, read_clock: Callable[[], datetime]) -> Job:
    """Deliver a selection again, or go on after the last batch that was committed; an ended job is returned as it is.

    :raises NotFound: when there is no such job.
    :raises JobBusy: when somebody else works on it.
    """
    with jobs.hold_job(job_uuid=job_uuid) as held:
        if held.state not in {JobState.QUEUED, JobState.RUNNING}:
            return held
        ids = json.loads(read_bytes(held.input))["invoices"]
        job = jobs.start_job(job_uuid=job_uuid, total=len(ids), actor=held.actor, now=read_clock())
        while job.state == JobState.RUNNING:
            now = read_clock()
            work = partial(_deliver_batch, now=now)
            job = jobs.do_next_batch(job_uuid=job_uuid, items=ids, size=BATCH, work=work, now=now)
        return job


def _deliver_batch(job: Job, batch: Sequence[int], *, now: datetime) -> Job:
    try:
        delivered = deliver_again(invoice_ids=batch, actor=job.actor, now=now)
    except NothingDelivered:
        delivered = 0
    counts = {"delivered": delivered, "left_alone": len(batch) - delivered}
    return jobs.report_progress(job_uuid=job.uuid, lines=len(batch), problems=[], counts=counts)


def _offices(invoices: Sequence[Invoice]) -> list[AccountingOffice]:
    found = {invoice.office_id: invoice.office for invoice in invoices if invoice.office is not None}
    return [found[pk] for pk in sorted(found, key=lambda pk: pk or 0)]


def _list_again(office: AccountingOffice, invoices: Sequence[Invoice], actor: str, now: datetime) -> None:
    """Put the invoices' entries into the redelivery lists of an office's feeds, under the feeds' locks."""
    entries = FeedEntry.objects.filter(feed__office=office, invoice__in=invoices)
    feeds = Feed.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=entries.values("feed"))
    list(feeds.order_by("pk").values_list("pk", flat=True))
    has_left_the_list = Q(requested_at__lte=now - timedelta(days=REDELIVERY_LIFE_DAYS))
    listed = Redelivery.objects.filter(entry__in=entries, marked_at=None)
    listed.filter(has_left_the_list).update(requested_by=actor, requested_at=now)
    standing = set(listed.values_list("entry_id", flat=True))
    Redelivery.objects.bulk_create(
        Redelivery(entry_id=pk, requested_by=actor, requested_at=now)
        for pk in entries.values_list("pk", flat=True)
        if pk not in standing
    )


def times_asked(invoice_uuids: Iterable[UUID]) -> dict[UUID, Asked]:
    """Return how often each of some invoices was asked for again; absent when it never was."""
    found: dict[UUID, Asked] = {}
    for event in list_events_of(invoice_uuids).filter(name=ASKED):
        before = found.get(event.subject_uuid)
        found[event.subject_uuid] = Asked(1 + (before.count if before else 0), event.at, event.actor)
    return found
