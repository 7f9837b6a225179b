"""The back-office's pages on which staff upload banks' files, and see how far they are and what became of each."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect

from apps.core import clock
from apps.core.admin import staff_actor
from apps.core.errors import DomainError
from apps.events.selectors import find_pending_reaction
from apps.jobs.rules import JobState
from apps.jobs.services import ask_cancel
from apps.statements.forms import UploadForm
from apps.statements.models import SourceFile
from apps.statements.rules import CodaFileState, StatementState
from apps.statements.services.uploads import MOST_BYTES, MOST_FILES, Upload, check_upload, receive_upload
from apps.statements.upload_results import count_files, count_statements, find_upload, list_files, list_uploads

FORM_ROUTE: Final = "statements_sourcefile_upload"
RESULT_ROUTE: Final = "statements_sourcefile_uploaded"
TASK: Final = "statements.import_upload"
UNDER_WAY: Final = frozenset({JobState.QUEUED, JobState.RUNNING})
# What a form adds around the files: headers of parts, and its token.
ROOM_BYTES: Final = 100_000


def show_form(request: HttpRequest, *, context: dict[str, Any]) -> HttpResponse:
    """Show the form; good files become a job, whose page shows the progress.

    What is too large is refused before its bytes are read, so this comes before the check of the form's token.
    """
    try:
        _check_unread(request)
    except DomainError as error:
        return _render_form(request, UploadForm(), context | {"refused": str(error)})
    answer: HttpResponse = csrf_protect(_take)(request, context)
    return answer


def show_result(request: HttpRequest, job_id: int, *, may_stop: bool, context: dict[str, Any]) -> HttpResponse:
    """Show how far an upload is and what became of its files; stop it when asked by whoever may."""
    job = find_upload(job_id)
    if job is None:
        raise Http404
    if request.method == "POST" and may_stop:
        try:
            ask_cancel(job_uuid=job.uuid, actor=staff_actor(request), now=clock.now())
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(f"admin:{RESULT_ROUTE}", job.pk)
    after = request.GET.get("after", "")
    chosen = _chosen(request)
    files, next_after = list_files(job=job, after=int(after) if after.isdecimal() and len(after) < 19 else 0, **chosen)
    context |= {
        "title": _("Uploaded bank files"),
        "job": job,
        "is_under_way": job.state in UNDER_WAY,
        "may_stop": may_stop,
        "trouble": find_pending_reaction(task=TASK, subject_uuid=job.uuid) if job.state in UNDER_WAY else None,
        "expected": job.parameters["coda_files"],
        "file_counts": count_files(job),
        "statement_counts": count_statements(job),
        "source_files": list(job.source_files.order_by("id")),
        "files": files,
        "chosen": chosen,
        "next": urlencode(chosen | {"after": next_after}) if next_after else "",
        "opts": SourceFile._meta,
    }
    return render(request, "admin/statements/uploaded.html", context)


def _check_unread(request: HttpRequest) -> None:
    """Refuse a form of which the length, or the number of files, says that it is too large.

    :raises UploadTooLarge: when it is longer than all files may be together.
    :raises TooManyFiles: when Django stops reading it.
    """
    check_upload(count=0, size=int(request.headers.get("Content-Length") or 0) - ROOM_BYTES)
    try:
        request.FILES.keys()
    except TooManyFilesSent:
        check_upload(count=MOST_FILES + 1, size=0)


def _take(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        files = [Upload(file.name, file.size, file.file) for file in form.cleaned_data["bank_files"]]
        try:
            job = receive_upload(files=files, actor=staff_actor(request), now=clock.now())
        except DomainError as error:
            return _render_form(request, UploadForm(), context | {"refused": str(error)})
        return redirect(f"admin:{RESULT_ROUTE}", job.pk)
    return _render_form(request, form, context)


def _render_form(request: HttpRequest, form: UploadForm, context: dict[str, Any]) -> HttpResponse:
    context |= {
        "title": _("Upload bank files"),
        "form": form,
        "most_files": MOST_FILES,
        "most_megabytes": MOST_BYTES // 1_000_000,
        "uploads": list_uploads(),
        "opts": SourceFile._meta,
    }
    return render(request, "admin/statements/upload.html", context)


def _chosen(request: HttpRequest) -> dict[str, str]:
    """Return which files are asked for; what is no state asks for all."""
    asked = {"state": CodaFileState, "statement_state": StatementState}
    return {name: request.GET[name] for name, states in asked.items() if request.GET.get(name) in set(states)}
