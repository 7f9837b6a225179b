"""The back-office's page on which staff upload an accounting office's list of clients."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.accounting_offices.import_forms import NamedColumnsForm
from apps.accounting_offices.imports import create_client_import
from apps.accounting_offices.models import AccountingOffice
from apps.core import clock
from apps.core.admin import staff_actor


def import_page(request: HttpRequest, office: AccountingOffice | None) -> HttpResponse:
    """Show the form; a good list becomes a job, whose page shows the progress."""
    if office is None:
        raise Http404
    form = NamedColumnsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        job = create_client_import(
            office_uuid=office.uuid,
            content=form.content,
            mapping=form.mapping(),
            is_dry_run=form.cleaned_data["is_dry_run"],
            actor=staff_actor(request),
            now=clock.now(),
        )
        return redirect("admin:jobs_job_change", job.pk)
    context = {**admin.site.each_context(request), "form": form, "office": office, "opts": AccountingOffice._meta}
    return render(request, "admin/accounting_offices/import_clients.html", context)
