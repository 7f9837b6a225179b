"""The self-test of a software: in the sandbox what it has shown, in the service what its report proves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.core.errors import DomainError, NotFound
from apps.sandbox.labels import GROUPS, name_groups
from apps.sandbox.reports import MOST_CHARACTERS, ReportUnreadable, write_report
from apps.sandbox.rules import STEPS, Group, Verdict
from apps.sandbox.selectors import get_report, list_marks, list_reports
from apps.sandbox.sentences import TO_DO
from apps.sandbox.services import marks, self_tests
from apps.tokens import vendors
from apps.users.selectors import viewer_of

# A character of a report takes four bytes at most.
_MOST_BYTES: Final = 4 * MOST_CHARACTERS


class ReportForm(forms.Form):
    """A report, as the file that the sandbox gave or as its text."""

    file = forms.FileField(
        label=gettext_lazy("Report (file)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".json"}),
        error_messages={"empty": gettext_lazy("There is nothing in the file.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Report (text)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse to be sent empty."""
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("file") and not cleaned.get("text"):
            self.add_error("file", _("Choose the report, or paste its text."))
        return cleaned

    def read(self) -> str:
        """Return the text of the report.

        :raises ReportUnreadable: when the file is no text, or too long to be one.
        """
        upload = self.cleaned_data["file"]
        if upload is None:
            return str(self.cleaned_data["text"])
        try:
            return str(upload.read(_MOST_BYTES).decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ReportUnreadable from error


@dataclass(frozen=True, slots=True)
class Part:
    """The steps of a group: what to do for each, and whether it was seen."""

    word: Promise
    steps: Sequence[tuple[Promise, bool]]
    is_done: bool


@login_required
def self_test(request: HttpRequest, vendor_uuid: UUID, software_uuid: UUID) -> HttpResponse:
    """Show what a software has shown, or where its report is taken; a button makes a report, or gives one."""
    viewer = viewer_of(request)
    maker, shown = vendors.get_visible_software(viewer=viewer, vendor_uuid=vendor_uuid, software_uuid=software_uuid)
    if settings.SANDBOX:
        return _show_steps(request, maker, shown)
    return _take_report(request, maker, shown, actor=f"user:{viewer.uuid}")


@login_required
def self_test_report(request: HttpRequest, vendor_uuid: UUID, software_uuid: UUID, report_uuid: UUID) -> HttpResponse:
    """Hand out a report, signed."""
    if not settings.SANDBOX:
        raise NotFound
    _maker, shown = vendors.get_visible_software(
        viewer=viewer_of(request), vendor_uuid=vendor_uuid, software_uuid=software_uuid
    )
    report = get_report(software=shown, report_uuid=report_uuid)
    name = f"self-test-{shown.slug}-{report.made_at:%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(write_report(report), content_type="application/json", headers=headers)


def _show_steps(request: HttpRequest, maker: Any, shown: Any) -> HttpResponse:
    if request.method == "POST":
        made = self_tests.report_self_test(software=shown, now=clock.now())
        if made.is_compatible:
            messages.success(request, _("Passed. Download the report, and send it in on your page of the service."))
        else:
            messages.warning(request, _("The report is made. It tells which steps are missing."))
        return redirect("portal:self-test", maker.uuid, shown.uuid)
    verdict = self_tests.judge_now(software=shown)
    context = {
        "vendor": maker,
        "shown": shown,
        "verdict": verdict,
        "parts": [_part(group, verdict) for group in Group],
        "seen": len(verdict.done),
        "all": len(STEPS),
        "reports": [
            (report, name_groups(Verdict(frozenset(report.done)).groups)) for report in list_reports(software=shown)
        ],
    }
    return render(request, "portal/self_test.html", context)


def _part(group: Group, verdict: Verdict) -> Part:
    steps = [(TO_DO[step], step in verdict.done) for step, its in STEPS.items() if its == group]
    return Part(GROUPS[group], steps, group in verdict.groups)


def _take_report(request: HttpRequest, maker: Any, shown: Any, *, actor: str) -> HttpResponse:
    is_sent = request.method == "POST"
    form = ReportForm(request.POST, request.FILES) if is_sent else ReportForm()
    if is_sent and form.is_valid():
        try:
            marks.take_report(software_uuid=shown.uuid, text=form.read(), actor=actor, now=clock.now())
        except DomainError as error:
            form.add_error("file" if form.cleaned_data["file"] else "text", f"{error} ({error.code})")
        else:
            messages.success(request, _("Your software is marked compatible, with the day of this report."))
            return redirect("portal:self-test", maker.uuid, shown.uuid)
    given = list_marks(software=shown)
    context = {
        "vendor": maker,
        "shown": shown,
        "form": form,
        "mark": given[0] if given else None,
        "marks": [(mark, name_groups(mark.works_for)) for mark in given],
    }
    return render(request, "portal/self_test_mark.html", context)
