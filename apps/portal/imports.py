"""Importing an office's clients on screen: choose the file, name its columns, look at what would happen, do it."""

from collections.abc import Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounting_offices import client_lists
from apps.accounting_offices.client_files import FileUnreadable
from apps.accounting_offices.client_imports import (
    ClientImport,
    get_client_import,
    list_client_imports,
    list_named_groups,
    read_columns,
)
from apps.accounting_offices.client_rows import TEMPLATE_HEADERS
from apps.accounting_offices.import_forms import ClientFileForm, ColumnsForm
from apps.accounting_offices.selectors import get_visible_office
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.languages import reader_language
from apps.core.spreadsheets import Cell, write_csv
from apps.jobs import services as jobs
from apps.jobs.rules import JobState
from apps.jobs.selectors import describe_problem, read_problems
from apps.portal.lists.exports import FORMATS
from apps.portal.parts import Figure, steps_at
from apps.users.selectors import viewer_of

R = TypeVar("R", bound=HttpResponseBase)
HISTORY = 20
STEPS = (
    gettext_lazy("Choose the file"),
    gettext_lazy("Name the columns"),
    gettext_lazy("Look at it"),
    gettext_lazy("Import"),
)


@login_required
def choose_file(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Take a list of clients, and show the office's earlier imports."""
    viewer = viewer_of(request)
    office = get_visible_office(viewer=viewer, office_uuid=office_uuid)
    form = ClientFileForm()
    if request.method == "POST":
        form = ClientFileForm(request.POST, request.FILES)
        if form.is_valid():
            job = client_lists.keep_client_list(
                office_uuid=office.uuid,
                content=form.content,
                file_name=form.cleaned_data["file"].name,
                actor=f"user:{viewer.uuid}",
                now=clock.now(),
            )
            return redirect("portal:import-columns", office_uuid, job.uuid)
    context = {
        "office": office,
        "form": form,
        "imports": list_client_imports(office=office, newest=HISTORY),
        "steps": steps_at(STEPS, current=1),
        "headers": TEMPLATE_HEADERS[reader_language()],
    }
    return render(request, "portal/import_file.html", context)


@login_required
def template(request: HttpRequest, office_uuid: UUID) -> HttpResponse:
    """Hand out an empty list with the headers in the reader's language."""
    get_visible_office(viewer=viewer_of(request), office_uuid=office_uuid)
    # With its mark, so that spreadsheets read the accents right.
    content = "\ufeff" + ";".join(TEMPLATE_HEADERS[reader_language()]) + "\r\n"
    return _as_download(HttpResponse(content, content_type="text/csv; charset=utf-8"), _("clients") + ".csv")


@login_required
def choose_columns(request: HttpRequest, office_uuid: UUID, job_uuid: UUID) -> HttpResponse:
    """Show what each column of the file seems to hold, and rehearse with what is chosen."""
    viewer = viewer_of(request)
    shown = get_client_import(viewer=viewer, office_uuid=office_uuid, job_uuid=job_uuid)
    try:
        columns = read_columns(shown)
    except FileUnreadable:
        # The import's own page says why, and the way out.
        return redirect("portal:client-import", office_uuid, job_uuid)
    data = request.POST if request.method == "POST" else None
    form = ColumnsForm(data, columns=columns, chosen=_chosen(shown))
    if form.is_valid():
        job = client_lists.rehearse_client_list(
            job_uuid=job_uuid, mapping=form.mapping(), actor=f"user:{viewer.uuid}", now=clock.now()
        )
        return redirect("portal:client-import", office_uuid, job.uuid)
    context = {"office": shown.office, "shown": shown, "form": form, "steps": steps_at(STEPS, current=2)}
    return render(request, "portal/import_columns.html", context)


@login_required
def client_import(request: HttpRequest, office_uuid: UUID, job_uuid: UUID) -> HttpResponse:
    """Show an import as it stands: its progress, what it would do or did, or why it stopped."""
    shown = get_client_import(viewer=viewer_of(request), office_uuid=office_uuid, job_uuid=job_uuid)
    if shown.job.state == JobState.DRAFT:
        return redirect("portal:import-columns", office_uuid, job_uuid)
    steps = steps_at(STEPS, current=3 if shown.is_rehearsal else 4)
    context = {"office": shown.office, "shown": shown, "job": shown.job, "steps": steps}
    if shown.is_underway:
        return render(request, "portal/import_progress.html", context)
    groups = list_named_groups(shown)
    context["groups"] = groups
    context["stats"] = _figures(shown)
    context["without_address"] = next((group.count for group in groups if group.code == "email_missing"), 0)
    return render(request, "portal/import_outcome.html", context)


@login_required
def progress(request: HttpRequest, office_uuid: UUID, job_uuid: UUID) -> HttpResponse:
    """Return the progress alone, for a page that asks again and again; once it ended, that page is loaded anew."""
    shown = get_client_import(viewer=viewer_of(request), office_uuid=office_uuid, job_uuid=job_uuid)
    context = {"office": shown.office, "shown": shown, "job": shown.job}
    response = render(request, "portal/parts/import_progress.html", context)
    response.headers["Cache-Control"] = "no-store"
    if not shown.is_underway:
        response.headers["HX-Refresh"] = "true"
    return response


@login_required
def problems(request: HttpRequest, office_uuid: UUID, job_uuid: UUID) -> StreamingHttpResponse:
    """Hand out every problem as CSV: line, what it is, and the sentence."""
    shown = get_client_import(viewer=viewer_of(request), office_uuid=office_uuid, job_uuid=job_uuid)
    # The lines are made while they are sent, when the request's language no longer holds.
    language = reader_language()
    response = StreamingHttpResponse(write_csv(_problem_lines(shown, language)), content_type=FORMATS["csv"])
    return _as_download(response, _("problems") + ".csv")


@login_required
def do_for_real(request: HttpRequest, office_uuid: UUID, job_uuid: UUID) -> HttpResponse:
    """Import what was rehearsed."""
    viewer = viewer_of(request)
    shown = get_client_import(viewer=viewer, office_uuid=office_uuid, job_uuid=job_uuid)
    if request.method != "POST":
        return redirect("portal:client-import", office_uuid, job_uuid)
    try:
        job = jobs.run_for_real(job_uuid=shown.job.uuid, actor=f"user:{viewer.uuid}", now=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("portal:client-import", office_uuid, job_uuid)
    return redirect("portal:client-import", office_uuid, job.uuid)


@login_required
def cancel(request: HttpRequest, office_uuid: UUID, job_uuid: UUID) -> HttpResponse:
    """Stop an import after the lines that are being done, or drop a list that waits for its columns."""
    viewer = viewer_of(request)
    shown = get_client_import(viewer=viewer, office_uuid=office_uuid, job_uuid=job_uuid)
    if request.method != "POST":
        return redirect("portal:client-import", office_uuid, job_uuid)
    is_draft = shown.job.state == JobState.DRAFT
    try:
        jobs.ask_cancel(job_uuid=shown.job.uuid, actor=f"user:{viewer.uuid}", now=clock.now())
    except DomainError:
        messages.warning(request, _("It had ended already. This page shows how."))
    return (
        redirect("portal:import-clients", office_uuid)
        if is_draft
        else redirect("portal:client-import", office_uuid, job_uuid)
    )


def _chosen(shown: ClientImport) -> dict[str, Any]:
    """Return the columns chosen earlier by their place; those named by header are guessed anew."""
    mapping = shown.job.parameters["mapping"]
    return {name: place for name, place in mapping.items() if isinstance(place, int)}


def _figures(shown: ClientImport) -> list[Figure]:
    counts = shown.counts
    refused = _("Cannot be imported") if shown.is_rehearsal else _("Not imported")
    return [
        Figure(_("New clients"), counts["created"]),
        Figure(_("Changed"), counts["updated"]),
        Figure(_("Unchanged"), counts["unchanged"]),
        Figure(_("Wait for their present office"), counts["claimed"]),
        Figure(refused, counts["refused"], "stop" if counts["refused"] else ""),
    ]


def _problem_lines(shown: ClientImport, language: str) -> Iterator[list[Cell]]:
    with translation.override(language):
        yield [_("Line"), _("Code"), _("Problem")]
    for problem in read_problems(job=shown.job):
        with translation.override(language):
            sentence = describe_problem(problem)
        yield [problem.line, problem.code, sentence]


def _as_download(response: R, name: str) -> R:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
