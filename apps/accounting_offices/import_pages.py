"""The back-office's page on which staff upload an accounting office's list of clients."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from apps.accounting_offices.client_files import FileUnreadable, read_table
from apps.accounting_offices.client_rows import HEADERS, ColumnMissing, find_columns
from apps.accounting_offices.imports import create_client_import, failure_of
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.problems import describe_problem
from apps.core import clock
from apps.core.admin import staff_actor

FIELD_LABELS: Final = {
    "number": _("Column with the enterprise number"),
    "name": _("Column with the name"),
    "email": _("Column with the e-mail address"),
    "language": _("Column with the language"),
    "client_code": _("Column with the client code"),
    "starts_on": _("Column with the first day"),
}


class ClientListForm(forms.Form):
    """A list of clients. Columns are found by their headers in four languages; naming one is only for other headers."""

    file = forms.FileField(label=_("List of clients (CSV or XLSX)"))
    is_dry_run = forms.BooleanField(
        label=_("Rehearse first: report every line, write nothing"), required=False, initial=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in HEADERS:
            self.fields[f"column_{name}"] = forms.CharField(label=FIELD_LABELS[name], required=False, max_length=100)

    def mapping(self) -> dict[str, str]:
        """Return the columns that were named, by field."""
        named = {name: self.cleaned_data.get(f"column_{name}", "").strip() for name in HEADERS}
        return {name: column for name, column in named.items() if column}

    def clean(self) -> dict[str, Any]:
        """Read the list's headers, so that a wrong file is told here and not by a failed job."""
        fields = super().clean() or {}
        upload = fields.get("file")
        if upload is None:
            return fields
        if upload.size > settings.MAX_LIST_BYTES:
            raise forms.ValidationError({"file": describe_problem("file_too_large", {})})
        self.content: bytes = upload.read()
        try:
            find_columns(read_table(self.content)[0][1], self.mapping())
        except (FileUnreadable, ColumnMissing) as error:
            failure = failure_of(error)
            raise forms.ValidationError({"file": describe_problem(failure["code"], failure)}) from error
        return fields


def import_page(request: HttpRequest, office: AccountingOffice | None) -> HttpResponse:
    """Show the form; a good list becomes a job, whose page shows the progress."""
    if office is None:
        raise Http404
    form = ClientListForm(request.POST or None, request.FILES or None)
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
