"""An owner chooses what a software sees of the company's money."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.tokens.labels import BANK_ACCESS
from apps.tokens.rules import BankAccess
from apps.tokens.selectors import get_owned_connection
from apps.tokens.services.connections import choose_bank_access
from apps.users.selectors import viewer_of


class BankAccessForm(forms.Form):
    """What a software sees."""

    access = forms.ChoiceField(
        label=gettext_lazy("What may it see?"), choices=[*BANK_ACCESS.items()], widget=forms.RadioSelect
    )


@login_required
def bank_access(request: HttpRequest, company_uuid: UUID, connection_uuid: UUID) -> HttpResponse:
    """Show what the software of a connection sees of the bank; a sent form changes it. Owners only."""
    viewer = viewer_of(request)
    connection = get_owned_connection(viewer=viewer, company_uuid=company_uuid, connection_uuid=connection_uuid)
    form = BankAccessForm(request.POST or None, initial={"access": connection.bank_access})
    if request.method == "POST" and form.is_valid():
        choose_bank_access(
            connection_uuid=connection.uuid,
            access=BankAccess(form.cleaned_data["access"]),
            actor=f"user:{viewer.uuid}",
            now=clock.now(),
        )
        messages.success(
            request,
            _("Saved. %(software)s gets it so from its next call on.") % {"software": connection.software.name},
        )
        return redirect("portal:company-connections", company_uuid)
    context = {"company": connection.company, "connection": connection, "form": form}
    return render(request, "portal/bank_access.html", context)
