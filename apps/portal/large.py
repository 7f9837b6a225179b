"""Large selections of invoices: the archives that are prepared and what is delivered again, with their progress."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.delivery import preparing
from apps.delivery.overviews import list_large_work
from apps.delivery.preparing import Place
from apps.delivery.rules import BUNDLE, REDELIVERY
from apps.jobs import services as jobs
from apps.jobs.selectors import describe_failure, get_job_for
from apps.portal.lists.archives import large_url, zip_response
from apps.portal.lists.bulk import MOST_AT_ONCE
from apps.users.selectors import viewer_of

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class LargeWork:
    """One large selection: an archive, or a redelivery that has none."""

    job: Any
    bundle: Any
    download_url: str

    @property
    def state(self) -> str:
        """Return where it stands: `queued`, `running`, `ready`, `removed`, `delivered`, `failed` or `cancelled`."""
        if self.job.state != "done":
            return str(self.job.state)
        if self.bundle is None:
            return "delivered"
        return "removed" if self.bundle.removed_at else "ready"

    @property
    def reason(self) -> str:
        """Return why it failed."""
        return describe_failure(self.job)

    @property
    def is_over_its_time(self) -> bool:
        """Tell whether it was removed because it had been kept for its time."""
        return bool(self.bundle and self.bundle.removed_at and self.bundle.removed_at >= self.bundle.kept_until)


@login_required
def large(request: HttpRequest, office_uuid: UUID | None = None, company_uuid: UUID | None = None) -> HttpResponse:
    """Show an office or a company its large selections; stop one, or remove its archive."""
    place = _place(request, office_uuid, company_uuid)
    if request.method == "POST":
        try:
            messages.success(request, _change(request, place))
        except NotFound:
            raise
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(large_url(place))
    return render(request, "portal/large.html", _context(place))


@login_required
def large_progress(
    request: HttpRequest, office_uuid: UUID | None = None, company_uuid: UUID | None = None
) -> HttpResponse:
    """Return the selections alone, for a page that asks again and again while one is under way."""
    response = render(request, "portal/parts/large.html", _context(_place(request, office_uuid, company_uuid)))
    response.headers["Cache-Control"] = "no-store"
    return response


@login_required
def archive(
    request: HttpRequest, job_uuid: UUID, office_uuid: UUID | None = None, company_uuid: UUID | None = None
) -> HttpResponseBase:
    """Send an archive that is ready."""
    place = _place(request, office_uuid, company_uuid)
    job = get_job_for(subject_uuid=place.uuid, kind=BUNDLE, job_uuid=job_uuid)
    try:
        bundle = preparing.get_ready_bundle(job=job)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(large_url(place))
    actor = f"user:{viewer_of(request).uuid}"
    content = preparing.read_prepared(bundle=bundle, actor=actor, read_clock=clock.now)
    response = zip_response(content, made_at=job.created_at)
    response.headers["Content-Length"] = str(bundle.size)
    return response


def _place(request: HttpRequest, office_uuid: UUID | None, company_uuid: UUID | None) -> Place:
    viewer = viewer_of(request)
    if office_uuid:
        return Place(office=offices.get_visible_office(viewer=viewer, office_uuid=office_uuid))
    if company_uuid:
        return Place(company=offices.get_member_company(viewer=viewer, company_uuid=company_uuid))
    raise NotFound


def _change(request: HttpRequest, place: Place) -> str:
    by: dict[str, Any] = {"actor": f"user:{viewer_of(request).uuid}", "now": clock.now()}
    try:
        job_uuid = UUID(request.POST.get("job", ""))
    except ValueError as error:
        raise NotFound from error
    if request.POST.get("action") == "remove":
        job = get_job_for(subject_uuid=place.uuid, kind=BUNDLE, job_uuid=job_uuid)
        preparing.remove_bundle(job=job, **by)
        return _("The archive is removed.")
    kind = REDELIVERY if request.POST.get("kind") == REDELIVERY else BUNDLE
    jobs.ask_cancel(job_uuid=get_job_for(subject_uuid=place.uuid, kind=kind, job_uuid=job_uuid).uuid, **by)
    return _("It stops.")


def _context(place: Place) -> dict[str, Any]:
    side = "office" if place.office else "company"
    works = [
        LargeWork(
            job,
            getattr(job, "bundle", None),
            reverse(f"portal:{side}-archive", args=[place.uuid, job.uuid]) if job.kind == BUNDLE else "",
        )
        for job in list_large_work(subject_uuid=place.uuid, newest=SHOWN)
    ]
    return {
        "office": place.office,
        "company": place.company,
        "works": works,
        "most_at_once": MOST_AT_ONCE,
        "is_under_way": any(work.state in {"queued", "running"} for work in works),
        "here_url": large_url(place),
        "progress_url": reverse(f"portal:{side}-large-progress", args=[place.uuid]),
        "list_url": reverse("portal:inbox" if place.office else "portal:company-invoices", args=[place.uuid]),
    }
