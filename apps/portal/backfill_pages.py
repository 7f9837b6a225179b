"""A past period for a destination: asking for it, and how far it is."""

from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.core.errors import DomainError
from apps.delivery import backfills, overviews
from apps.jobs import services as jobs
from apps.jobs.selectors import get_job_for, list_jobs_for
from apps.portal.destination_forms import BackfillForm
from apps.users.selectors import viewer_of

SHOWN: Final = 5
UNDER_WAY: Final = ("queued", "running")


def list_shown(shown: Any) -> list[Any]:
    """Return the newest periods that were asked for a destination."""
    return list(list_jobs_for(subject_uuid=shown.uuid, kind=backfills.BACKFILL)[:SHOWN])


def ask(shown: Any, form: BackfillForm, by: dict[str, Any]) -> str:
    """Have the period of a valid form delivered; returns what to say, or nothing with the reason on the form."""
    period = backfills.Period(form.cleaned_data["first"], form.cleaned_data["last"])
    try:
        backfills.ask_backfill(destination_uuid=shown.uuid, period=period, company=form.cleaned_data["client"], **by)
    except DomainError as error:
        form.add_error(None, str(error))
        return ""
    return _("The period is being queued. What was delivered here already is left alone.")


def stop(shown: Any, job_uuid: str, by: dict[str, Any]) -> str:
    """Stop a period after the documents that are being queued."""
    job = get_job_for(subject_uuid=shown.uuid, kind=backfills.BACKFILL, job_uuid=UUID(job_uuid))
    jobs.ask_cancel(job_uuid=job.uuid, **by)
    return _("It stops. What is queued already is still sent.")


@login_required
def backfills_of(request: HttpRequest, office_uuid: UUID, destination_uuid: UUID) -> HttpResponse:
    """Return the periods alone, for a page that asks again and again while one is under way."""
    viewer = viewer_of(request)
    health = overviews.get_destination(viewer=viewer, office_uuid=office_uuid, destination_uuid=destination_uuid)
    shown = health.destination
    context = {"office": shown.office, "shown": shown, "backfills": list_shown(shown)}
    response = render(request, "portal/parts/backfills.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
