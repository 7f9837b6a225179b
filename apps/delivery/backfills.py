"""Delivering a past period to a destination: a job that queues batch after batch, can be stopped, and goes on.

A document that was delivered there, or is on its way, is left alone. What is queued is marked: in its subject, in the
manifest and in the log.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.companies.models import Company
from apps.core.errors import DomainError, NotFound
from apps.delivery.destinations import REMOVED, lock_destination
from apps.delivery.models import Destination
from apps.delivery.queueing import push_again
from apps.delivery.rules import DestinationState, Occasion
from apps.invoices.models import IN_INBOX, Invoice
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.rules import JobState

BACKFILL: Final = "backfill"
BATCH: Final = 200


class PeriodBackwards(DomainError):
    """The last day lies before the first."""

    code = "period_backwards"
    sentence = _("The last day is before the first.")


class NotConfirmed(DomainError):
    """Nothing can be sent to a destination that nobody confirmed."""

    code = "destination_not_confirmed"
    sentence = _("Confirm the destination first.")


class BackfillUnderWay(DomainError):
    """One at a time for a destination."""

    code = "backfill_under_way"
    sentence = _("An earlier period is being queued for it already. Wait for it, or stop it.")


@dataclass(frozen=True, slots=True)
class Period:
    """The issue dates that are asked for, both included."""

    first: date
    last: date


@transaction.atomic
def ask_backfill(*, destination_uuid: UUID, period: Period, company: Company | None, actor: str, now: datetime) -> Job:
    """Have the invoices of a period delivered to a destination, of one client or of all that it is for.

    The caller checked that the office has that client. The worker begins at once.

    :raises NotFound: when there is no such destination.
    :raises PeriodBackwards: when the period ends before it begins.
    :raises NotConfirmed: when the destination is not confirmed.
    :raises BackfillUnderWay: when another one of it has not ended.
    """
    destination = lock_destination(destination_uuid)
    if period.last < period.first:
        raise PeriodBackwards
    if destination.state == DestinationState.UNCONFIRMED:
        raise NotConfirmed
    if Job.objects.filter(subject_uuid=destination.uuid, kind=BACKFILL, state__in=["queued", "running"]).exists():
        raise BackfillUnderWay
    asked = {
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "company": str(company.uuid) if company else None,
        "until": now.isoformat(),
    }
    content = json.dumps(asked | {"destination": str(destination.uuid)}, sort_keys=True).encode()
    return jobs.create_job(
        kind=BACKFILL, content=content, parameters=asked, subject_uuid=destination.uuid, actor=actor, now=now
    )


def run_backfill(*, job_uuid: UUID, read_clock: Callable[[], datetime]) -> Job:
    """Queue the period, or go on after the last batch that was committed; an ended job is returned as it is.

    :raises NotFound: when there is no such job.
    :raises JobBusy: when somebody else works on it.
    """
    with jobs.hold_job(job_uuid=job_uuid) as held:
        if held.state not in {JobState.QUEUED, JobState.RUNNING}:
            return held
        ids = list(_asked_for(held).values_list("pk", flat=True))
        job = jobs.start_job(job_uuid=job_uuid, total=len(ids), actor=held.actor, now=read_clock())
        while job.state == JobState.RUNNING:
            now = read_clock()
            work = partial(_queue_batch, now=now)
            job = jobs.do_next_batch(job_uuid=job_uuid, items=ids, size=BATCH, work=work, now=now)
        return job


def _asked_for(job: Job) -> QuerySet[Invoice]:
    """Return what a job asked for, the same each time: what came in afterwards is delivered by itself."""
    destination = Destination.objects.get(uuid=UUID(str(job.subject_uuid)))
    asked = job.parameters
    invoices = Invoice.objects.filter(
        IN_INBOX,
        office=destination.office_id,
        issue_date__range=(date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"])),
        delivered_at__lte=datetime.fromisoformat(asked["until"]),
    )
    if destination.company_id is not None:
        invoices = invoices.filter(company=destination.company_id)
    if asked["company"]:
        invoices = invoices.filter(company__uuid=asked["company"])
    return invoices.order_by("company", "issue_date", "pk")


def _queue_batch(job: Job, batch: Sequence[int], *, now: datetime) -> Job:
    try:
        destination = lock_destination(UUID(str(job.subject_uuid)))
    except NotFound:
        return jobs.fail_job(job_uuid=job.uuid, error={"code": REMOVED}, actor=job.actor, now=now)
    invoices = Invoice.objects.filter(pk__in=batch).select_related("company").order_by("pk")
    queued = push_again(
        invoices=list(invoices),
        office=destination.office,
        now=now,
        destination=destination,
        occasion=Occasion.BACKFILL,
    )
    counts = {"queued": queued, "left_alone": len(batch) - queued}
    return jobs.report_progress(job_uuid=job.uuid, lines=len(batch), problems=[], counts=counts)
