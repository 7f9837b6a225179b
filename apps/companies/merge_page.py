"""The back-office page on which staff see what a merge of two companies would do, and confirm it."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.companies.forms import MergeForm, OtherCompanyForm
from apps.companies.merging.services import MergePreview, merge_companies, preview_merge
from apps.companies.models import Company
from apps.companies.selectors import find_company
from apps.core import clock
from apps.core.admin import staff_actor
from apps.core.errors import DomainError

ROUTE: Final = "companies_company_merge"


def address(company: Company) -> str:
    """Return where the page of a company is."""
    return reverse(f"admin:{ROUTE}", args=[company.pk])


def show(request: HttpRequest, company_id: int, *, context: dict[str, Any]) -> HttpResponse:
    """Ask for the other company, show what would happen, and merge once staff have confirmed."""
    absorbed = Company.objects.filter(pk=company_id).first()
    if absorbed is None:
        raise Http404
    asked = request.GET.get("number")
    other_form = OtherCompanyForm({"number": asked} if asked is not None else None)
    context |= {
        "title": _("Merge two companies"),
        "absorbed": absorbed,
        "other_form": other_form,
        "opts": Company._meta,
    }
    preview = _preview(other_form, absorbed)
    if preview is not None:
        form = _merge_form(request, preview)
        if request.method == "POST" and form.is_valid() and _merge(request, preview, form):
            return redirect("admin:companies_company_change", preview.survivor.pk)
        context |= {"preview": preview, "form": form}
    return render(request, "companies/merge.html", context)


def _preview(form: OtherCompanyForm, absorbed: Company) -> MergePreview | None:
    """Look at the merge; what makes it impossible to look is an error of the form."""
    if not form.is_bound or not form.is_valid():
        return None
    survivor = find_company(enterprise_number=form.cleaned_data["number"])
    if survivor is None:
        form.add_error("number", _("No company has this number."))
        return None
    try:
        return preview_merge(surviving_uuid=survivor.uuid, absorbed_uuid=absorbed.uuid)
    except DomainError as error:
        form.add_error("number", str(error))
        return None


def _merge_form(request: HttpRequest, preview: MergePreview) -> MergeForm:
    has_copies = any(obstacle.is_waived_by_copies for obstacle in preview.obstacles)
    return MergeForm(
        request.POST if request.method == "POST" else None,
        number=preview.absorbed.enterprise_number,
        has_copies=has_copies,
        initial={"valid_until": clock.today().isoformat()},
    )


def _merge(request: HttpRequest, preview: MergePreview, form: MergeForm) -> bool:
    """Merge, and tell staff; a refusal leaves them on the page with its reason."""
    try:
        merge_companies(
            surviving_uuid=preview.survivor.uuid,
            absorbed_uuid=preview.absorbed.uuid,
            valid_until=form.cleaned_data["valid_until"],
            leaves_copies=form.cleaned_data.get("leaves_copies", False),
            actor=staff_actor(request),
            now=clock.now(),
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    done = _("%(absorbed)s is now part of %(survivor)s.")
    messages.success(request, done % {"absorbed": preview.absorbed, "survivor": preview.survivor})
    return True
