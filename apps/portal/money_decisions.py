"""What people and rules decided about a company's money, latest first, and undoing it."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.errors import DomainError
from apps.portal.lists.keyset import Order, page_or_first
from apps.portal.lists.words import in_digits
from apps.portal.money_report import take_report
from apps.reconciliation.decisions import NothingToUndo, undo_allocation
from apps.reconciliation.selectors import list_decisions
from apps.users.selectors import viewer_of

LATEST: Final = Order("created_at")
_MOST_UNDONE: Final = 200
_BACK: Final = {"list": "portal:loose-money", "decisions": "portal:money-decisions"}


@login_required
def decisions(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """List what people and rules gave to invoices and the bank took back, each with a button that undoes it."""
    company = offices.get_member_company(viewer=viewer_of(request), company_uuid=company_uuid)
    page = page_or_first(list_decisions(company=company), order=LATEST, after=request.GET.get("after", ""))
    context = {"company": company, "page": page, "report": take_report(request)}
    return render(request, "portal/money_decisions.html", context)


@login_required
def undo(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Undo allocations, each by itself; looking changes nothing."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    if request.method == "POST":
        _undo(request, company, actor=f"user:{viewer.uuid}")
    back = _BACK.get(request.POST.get("back", ""), "portal:money-decisions")
    return redirect(back, company.uuid)


def _undo(request: HttpRequest, company: Any, *, actor: str) -> None:
    undone, refused = 0, ""
    for text in request.POST.getlist("allocation")[:_MOST_UNDONE]:
        try:
            undo_allocation(company=company, allocation_uuid=_uuid(text), actor=actor, now=clock.now())
        except DomainError as error:
            refused = str(error)
        else:
            undone += 1
    if undone:
        sentence = ngettext(
            "%(number)s assignment is undone: invoice and payment are as before.",
            "%(number)s assignments are undone: invoices and payments are as before.",
            undone,
        )
        messages.success(request, sentence % {"number": in_digits(undone)})
    if refused:
        messages.error(request, refused)


def _uuid(text: str) -> UUID:
    """Read an id.

    :raises NothingToUndo: when it is none.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise NothingToUndo from error
