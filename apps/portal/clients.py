"""An accounting office's clients, the claims it made, and those that other offices make on its clients."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounting_offices import selectors as offices
from apps.accounting_offices import transfers
from apps.core import clock
from apps.core.errors import DomainError
from apps.portal.client_list import declare
from apps.portal.forms import ClaimForm, ConfirmTransferForm, ObjectionForm
from apps.portal.lists.answers import answer
from apps.users.selectors import viewer_of

CLAIMS_SHOWN: Final = 10
MOST_CLAIMS_SHOWN: Final = 200


class ReasonMissing(DomainError):
    """An objection without a reason helps nobody to decide."""

    code = "reason_missing"
    sentence = gettext_lazy("Write why the claim is not right.")


class DayMissing(DomainError):
    """A transfer needs its day."""

    code = "day_missing"
    sentence = gettext_lazy("Choose the day from which the other office keeps the books.")


@login_required
def clients(request: HttpRequest, office_uuid: UUID) -> HttpResponseBase:
    """Show the office's clients and claims; a sent form claims one company."""
    viewer, now, today = viewer_of(request), clock.now(), clock.today()
    office = offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
    form = ClaimForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _claim(request, office_uuid, form, f"user:{viewer.uuid}"):
        return redirect("portal:clients", office_uuid)
    claims = {
        "claims": offices.list_claims_of(office=office),
        "against": offices.list_claims_against(office=office, on=today),
    }
    most = MOST_CLAIMS_SHOWN if request.GET.get("claims") == "all" else CLAIMS_SHOWN
    context = {"office": office, "form": form, "most": most, **{name: rows[:most] for name, rows in claims.items()}}
    declaration = declare(office, today=today, further_counts=claims)
    return answer(request, declaration, template="portal/clients.html", context=context, now=now)


def _claim(request: HttpRequest, office_uuid: UUID, form: ClaimForm, actor: str) -> bool:
    try:
        link = transfers.claim_client(
            office_uuid=office_uuid,
            enterprise_number=form.cleaned_data["enterprise_number"],
            client_code=form.cleaned_data["client_code"],
            starts_on=form.cleaned_data["starts_on"],
            actor=actor,
            now=clock.now(),
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    is_waiting = link.starts_on is None
    messages.success(request, _("The present office was asked.") if is_waiting else _("The company is your client."))
    return True


@login_required
def answer_claim(request: HttpRequest, office_uuid: UUID, link_uuid: UUID, step: str) -> HttpResponse:
    """Confirm a claim on a client, object to it, or withdraw one's own."""
    viewer, now = viewer_of(request), clock.now()
    if request.method != "POST":
        # After a new sign-in the browser comes back here without what was typed.
        offices.get_visible_office(viewer=viewer, office_uuid=office_uuid)
        return redirect("portal:clients", office_uuid)
    if step not in {"confirm", "object", "withdraw"}:
        raise Http404
    claim = offices.get_claim(
        viewer=viewer, office_uuid=office_uuid, link_uuid=link_uuid, on=clock.today(), is_own=step == "withdraw"
    )
    by: dict[str, Any] = {"link_uuid": claim.uuid, "actor": f"user:{viewer.uuid}", "now": now}
    try:
        messages.success(request, _answer(request, office_uuid, step, by))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("portal:clients", office_uuid)


def _answer(request: HttpRequest, office_uuid: UUID, step: str, by: dict[str, Any]) -> str:
    """Do what was asked and return the sentence that says so."""
    if step == "withdraw":
        transfers.withdraw_claim(**by)
        return _("The claim is withdrawn.")
    if step == "object":
        form = ObjectionForm(request.POST)
        if not form.is_valid():
            raise ReasonMissing
        transfers.object_to_claim(**by, reason=form.cleaned_data["reason"])
        return _("Your objection is kept. We decide and tell both offices.")
    day = ConfirmTransferForm(request.POST)
    if not day.is_valid():
        raise DayMissing
    transfers.confirm_transfer(**by, by_office=office_uuid, starts_on=day.cleaned_data["starts_on"])
    return _("The transfer is confirmed.")
