"""Archives of large selections: a job writes one part after another, which can be stopped, and goes on when killed.

A part is some documents as they stand in the archive (`zipping`). It is stored like every paper, and written to its
row together with the job's progress: whoever was killed in the middle of one leaves nothing of it behind that counts,
and the next goes on after the last. The archive is its parts, one after another; it is never in one piece here.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.models import AccountingOffice
from apps.blobs.selectors import read_bytes, read_chunks
from apps.blobs.services import releasing, store_bytes, store_file
from apps.companies.models import Company
from apps.core.errors import DomainError
from apps.delivery.archives import LISTED, Contents
from apps.delivery.bundles import read_bundle
from apps.delivery.documents import RENDERED_PDF
from apps.delivery.listing import listing_in
from apps.delivery.models import Bundle, BundlePart
from apps.delivery.redelivering import TooManyInvoices
from apps.delivery.rules import BUNDLE, MOST_INVOICES, Channel
from apps.delivery.services import fetch_invoices
from apps.delivery.zipping import Entry
from apps.events import services as events
from apps.invoices.models import Invoice, InvoiceVersion
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.jobs.rules import JobState

MOST_BYTES: Final = 20_000_000_000
# Of one office or company at a time, being written or ready.
MOST_STANDING: Final = 10
PART: Final = 100
PART_BYTES: Final = 32_000_000
# Well within the time limit of a task; the next go follows at once.
LONGEST_GO: Final = timedelta(minutes=5)
TOO_LARGE: Final = "bundle_too_large"
_VERSION: Final = LISTED.index("version")


class TooManyBundles(DomainError):
    """Enough archives stand there."""

    code = "too_many_bundles"
    sentence = _("There are %(most)s archives already. Remove one first.")


class BundleNotReady(DomainError):
    """There is nothing to download: it is still being written, or was removed."""

    code = "bundle_not_ready"
    sentence = _("This archive is not there, or not yet.")


@dataclass(frozen=True, slots=True)
class Place:
    """For whom something is done: an accounting office, or else a company."""

    office: AccountingOffice | None = None
    company: Company | None = None

    @property
    def uuid(self) -> UUID:
        """Return the uuid of whichever it is."""
        place = self.office or self.company
        assert place is not None  # noqa: S101 # made with one of the two
        return place.uuid

    @property
    def language(self) -> str:
        """Return its language."""
        place = self.office or self.company
        assert place is not None  # noqa: S101 # as above
        return place.language


@transaction.atomic
def ask_bundle(*, invoice_ids: Sequence[int], place: Place, actor: str, now: datetime) -> Job:
    """Have an archive written of invoices that the caller may see for this office or company, in the given order.

    :raises TooManyInvoices: :raises TooManyBundles: as they say.
    """
    if len(invoice_ids) > MOST_INVOICES:
        raise TooManyInvoices(most=MOST_INVOICES)
    table = AccountingOffice if place.office else Company
    table.objects.select_for_update(of=("self",), no_key=True).get(uuid=place.uuid)
    ended = [JobState.FAILED, JobState.CANCELLED]
    standing = Bundle.objects.filter(job__subject_uuid=place.uuid, removed_at=None).exclude(job__state__in=ended)
    if standing.count() >= MOST_STANDING:
        raise TooManyBundles(most=MOST_STANDING)
    content = json.dumps({"invoices": list(invoice_ids)}).encode()
    parameters = {"count": len(invoice_ids), "language": place.language, "office": bool(place.office)}
    job = jobs.create_job(
        kind=BUNDLE, content=content, parameters=parameters, subject_uuid=place.uuid, actor=actor, now=now
    )
    Bundle.objects.create(job=job)
    return job


def run_bundle(*, job_uuid: UUID, read_clock: Callable[[], datetime]) -> Job:
    """Write the archive, or go on after the last part that was committed; an ended job is returned as it is.

    After some minutes it is returned as it stands, `running`: the next go does the rest.

    :raises NotFound: when there is no such job.
    :raises JobBusy: when somebody else works on it.
    """
    with jobs.hold_job(job_uuid=job_uuid) as held:
        if held.state not in {JobState.QUEUED, JobState.RUNNING}:
            return held
        writing = _begin(held)
        began = now = read_clock()
        if held.state == JobState.QUEUED and _size_of(writing.invoice_ids) > MOST_BYTES:
            return jobs.fail_job(job_uuid=job_uuid, error={"code": TOO_LARGE}, actor=held.actor, now=now)
        job = jobs.start_job(job_uuid=job_uuid, total=len(writing.invoice_ids), actor=held.actor, now=now)
        while job.state == JobState.RUNNING and now - began < LONGEST_GO:
            job = _write_next(writing, job, now)
            now = read_clock()
        return job


@dataclass(slots=True)
class _Writing:
    """What a go knows of the archive: what it is to hold, and the paths and sizes of what was written before."""

    bundle: Bundle
    invoice_ids: list[int]
    office: AccountingOffice | None
    language: str
    taken: set[str] = field(default_factory=set)
    parts: int = 0


def _begin(job: Job) -> _Writing:
    asked = job.parameters
    office = AccountingOffice.objects.get(uuid=UUID(str(job.subject_uuid))) if asked["office"] else None
    bundle = Bundle.objects.get(job=job)
    writing = _Writing(bundle, json.loads(read_bytes(job.input))["invoices"], office, asked["language"])
    for part in bundle.parts.order_by("number").iterator(chunk_size=20):
        writing.parts += 1
        writing.taken.update(entry[0].lower() for entry in part.contents["entries"])
    return writing


def _size_of(invoice_ids: Sequence[int]) -> int:
    """Return about how many bytes the versions in force take."""
    versions = InvoiceVersion.objects.filter(invoice__in=invoice_ids, version=F("invoice__version"), purged_at=None)
    pdf_size = Coalesce("pdf__size", RENDERED_PDF)
    return int(versions.aggregate(total=Sum(F("document__size") + pdf_size))["total"] or 0)


def _write_next(writing: _Writing, job: Job, now: datetime) -> Job:
    if job.cancel_asked_at:
        return _cancel(job, writing.bundle, now)
    if job.processed >= job.total:
        return _finish(job, writing, now)
    contents = Contents(taken=writing.taken)
    ids = writing.invoice_ids[job.processed : job.processed + PART]
    with TemporaryFile() as file:
        for document in read_bundle(invoice_ids=ids, office=writing.office):
            for piece in contents.add(document):
                file.write(piece)
            if file.tell() >= PART_BYTES:
                break
        blob = store_file(file, now=now)
    described = {
        "invoices": ids[: len(contents.rows)],
        "versions": [int(row[_VERSION]) for row in contents.rows],
        "entries": [astuple(entry) for entry in contents.entries],
        "lines": contents.lines,
        "rows": contents.rows,
    }
    part = BundlePart(bundle=writing.bundle, number=writing.parts, content=blob, contents=described)
    writing.parts += 1
    return _keep(job, part)


@transaction.atomic
def _keep(job: Job, part: BundlePart) -> Job:
    """Keep a part together with the progress that it is, unless the job ended meanwhile."""
    locked = jobs.lock_job(job.uuid)
    if locked.state != JobState.RUNNING:
        return locked
    part.save(force_insert=True)
    left_out = sum(not path for path, *_rest in part.contents["lines"])
    size = sum(Entry(*entry).size for entry in part.contents["entries"])
    return jobs.report_progress(
        job_uuid=job.uuid,
        lines=len(part.contents["rows"]),
        problems=[],
        counts={"left_out": left_out, "bytes": size},
    )


def _finish(job: Job, writing: _Writing, now: datetime) -> Job:
    """Write the end of the archive: lists, manifest and directory of all parts."""
    contents = Contents(taken=writing.taken)
    for part in writing.bundle.parts.order_by("number").iterator(chunk_size=20):
        contents.entries += [Entry(*entry) for entry in part.contents["entries"]]
        contents.lines += part.contents["lines"]
        contents.rows += part.contents["rows"]
    blob = store_bytes(b"".join(contents.finish(listing_in(writing.language))), now=now)
    with transaction.atomic():
        if jobs.lock_job(job.uuid).cancel_asked_at:
            return _cancel(job, writing.bundle, now)
        bundle = Bundle.objects.select_for_update(of=("self",), no_key=True).get(pk=writing.bundle.pk)
        BundlePart.objects.create(bundle=bundle, number=writing.parts, content=blob, contents={"invoices": []})
        bundle.size = bundle.parts.aggregate(total=Sum("content__size"))["total"]
        bundle.kept_until = now + timedelta(days=settings.BUNDLE_DAYS)
        bundle.save(update_fields=["size", "kept_until"])
        return jobs.finish_job(job_uuid=job.uuid, actor=job.actor, now=now)


@transaction.atomic
def _cancel(job: Job, bundle: Bundle, now: datetime) -> Job:
    _remove(bundle, now)
    return jobs.cancel_job(job_uuid=job.uuid, actor=job.actor, now=now)


def get_ready_bundle(*, job: Job) -> Bundle:
    """Return the archive of a job that the caller may see.

    :raises BundleNotReady: while it is being written, and once it was removed.
    """
    bundle = Bundle.objects.filter(job=job, job__state=JobState.DONE, removed_at=None).first()
    if bundle is None:
        raise BundleNotReady
    return bundle


def read_prepared(*, bundle: Bundle, actor: str, read_clock: Callable[[], datetime]) -> Iterator[bytes]:
    """Give an archive piece by piece; what an office downloads counts as fetched, part after part.

    Not counted is what was corrected since the archive was written: its office has the version in force yet to take.

    :raises BlobPurged: when it is removed meanwhile.
    """
    is_of_office = bundle.job.parameters["office"]
    for part in bundle.parts.select_related("content").order_by("number").iterator(chunk_size=1):
        yield from read_chunks(part.content)
        if is_of_office and part.contents["invoices"]:
            ids = _still_in_force(part)
            fetch_invoices(invoice_ids=ids, channel=Channel.INBOX, actor=actor, now=read_clock())


def _still_in_force(part: BundlePart) -> list[int]:
    packed = dict(zip(part.contents["invoices"], part.contents["versions"], strict=True))
    present = Invoice.objects.filter(pk__in=packed).values_list("pk", "version")
    return [pk for pk, version in present if packed[pk] == version]


@transaction.atomic
def remove_bundle(*, job: Job, actor: str, now: datetime) -> None:
    """Remove an archive before its time; one that is gone already stays so.

    :raises BundleNotReady: while it is being written.
    """
    bundle = Bundle.objects.select_for_update(of=("self",), no_key=True).get(job=job)
    if job.state != JobState.DONE:
        raise BundleNotReady
    if bundle.removed_at is None:
        _remove(bundle, now)
        events.record(f"{BUNDLE}.removed", subject_uuid=job.uuid, actor=actor, now=now)


def remove_old_bundles(*, now: datetime) -> int:
    """Remove the archives that were kept for their time; returns how many. Their bytes go within hours.

    :raises StorageUnavailable: when bytes cannot be removed; the next run goes on.
    """
    old = Bundle.objects.filter(kept_until__lte=now, removed_at=None).select_related("job").order_by("pk")
    jobs_of_old = [bundle.job for bundle in old]
    for job in jobs_of_old:
        remove_bundle(job=job, actor="system", now=now)
    releasing.remove_released(now=now)
    return len(jobs_of_old)


def _remove(bundle: Bundle, now: datetime) -> None:
    """Take an archive away, in the caller's transaction; other rows that need the same bytes keep them."""
    parts = BundlePart.objects.filter(bundle=bundle, purged_at=None)
    blobs = list(parts.values_list("content", flat=True))
    parts.update(purged_at=now, contents={})
    Bundle.objects.filter(pk=bundle.pk).update(removed_at=now)
    releasing.release_purged(now=now, among=blobs)
