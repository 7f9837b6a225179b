"""What a company chooses about matching: reused references, and payers that its people ruled out."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.reconciliation.decisions import allow_payer_again, choose_oldest_first
from apps.reconciliation.selectors import list_ruled_out, pays_oldest_first
from apps.users.selectors import viewer_of


class MatchingForm(forms.Form):
    """What a payment pays whose reference is on several open invoices."""

    oldest_first = forms.BooleanField(
        label=gettext_lazy("A payment with a reused structured communication pays the oldest open invoice first"),
        required=False,
    )


@login_required
def matching(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Show what a company chose about matching; a sent form changes it, or allows a payer again."""
    viewer, now = viewer_of(request), clock.now()
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    actor, here = f"user:{viewer.uuid}", redirect("portal:matching", company.uuid)
    if request.method == "POST" and "allow" in request.POST:
        try:
            ruled_out = UUID(request.POST["allow"])
        except ValueError:
            return here
        allow_payer_again(company=company, ruled_out_uuid=ruled_out, actor=actor, now=now)
        messages.success(request, _("This account may be suggested for that customer again."))
        return here
    if request.method == "POST":
        is_wanted = bool(request.POST.get("oldest_first"))
        choose_oldest_first(company=company, is_wanted=is_wanted, actor=actor, now=now)
        messages.success(request, _("Saved. Payments that are still loose are looked at again."))
        return here
    form = MatchingForm(initial={"oldest_first": pays_oldest_first(company_id=company.pk)})
    context = {"company": company, "form": form, "ruled_out": list_ruled_out(company=company)[:200]}
    return render(request, "portal/matching.html", context)
