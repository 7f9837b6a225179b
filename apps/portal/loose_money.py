"""The work list of payments that no invoice holds: confirm what is suggested, one or many, or rule a payer out."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.display import iban, money
from apps.core.errors import DomainError
from apps.invoices.selectors import list_invoices
from apps.portal.lists.keyset import Order, page_or_first
from apps.portal.money_offers import Pick, look_at, payment_label, read_pick
from apps.portal.money_report import report, take_report
from apps.reconciliation.decisions import assign_money, rule_out_payer
from apps.reconciliation.selectors import list_loose_money, list_loose_totals
from apps.statements.selectors import list_movements
from apps.users.selectors import viewer_of

PAGE_SIZE: Final = 20
NEWEST: Final = Order("entry_on", key="movement_id")


@login_required
def loose_money(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Show what is loose of payments, newest first; a sent form confirms suggestions or rules a payer out."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    if request.method == "POST":
        _answer(request, company, actor=f"user:{viewer.uuid}")
        return redirect(request.get_full_path())
    page = page_or_first(
        list_loose_money(company=company),
        order=NEWEST,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    rows = look_at(company, [row.movement for row in page.rows])
    context = {
        "company": company,
        "rows": rows,
        "has_offers": any(row.offers for row in rows),
        "page": page,
        "totals": list_loose_totals(company=company),
        "report": take_report(request),
        "is_all_chosen": request.GET.get("choose") == "page",
        "chosen": {"one": _chosen(1), "many": _chosen(2)},
    }
    return render(request, "portal/loose_money.html", context)


def _chosen(number: int) -> str:
    return ngettext("%(number)s chosen", "%(number)s chosen", number) % {"number": "#"}


def _answer(request: HttpRequest, company: Any, *, actor: str) -> None:
    try:
        if "never" in request.POST:
            movement_uuid, invoice_uuid = map(UUID, request.POST["never"].split())
            _rule_out(request, company, movement_uuid, invoice_uuid, actor=actor)
            return
        sent = [request.POST["confirm"]] if "confirm" in request.POST else request.POST.getlist("chosen")[:PAGE_SIZE]
        picks = [read_pick(text) for text in sent]
    except ValueError:
        messages.error(request, _("This page is out of date. Look at it again."))
        return
    if not picks:
        messages.warning(request, _("Choose one or more payments first."))
        return
    _confirm(request, company, picks, actor=actor)


def _rule_out(request: HttpRequest, company: Any, movement_uuid: UUID, invoice_uuid: UUID, *, actor: str) -> None:
    try:
        row = rule_out_payer(
            company=company, movement_uuid=movement_uuid, invoice_uuid=invoice_uuid, actor=actor, now=clock.now()
        )
    except DomainError as error:
        messages.error(request, str(error))
        return
    text = _(
        "The account %(account)s is not suggested for %(customer)s any more. In the settings you can take that back."
    )
    messages.success(request, text % {"account": iban(row.account), "customer": row.customer_name})


def _confirm(request: HttpRequest, company: Any, picks: Sequence[Pick], *, actor: str) -> None:
    """Assign each payment by itself, so that one that is refused leaves the others done."""
    movements = {
        row.uuid: row for row in list_movements(company=company).filter(uuid__in=[pick.movement_uuid for pick in picks])
    }
    invoices = [part.invoice_uuid for pick in picks for part in pick.parts]
    numbers = dict(list_invoices(company=company).filter(uuid__in=invoices).values_list("uuid", "number"))
    lines, written = [], []
    for pick in picks:
        movement = movements.get(pick.movement_uuid)
        label = payment_label(movement) if movement else _("A payment")
        try:
            given = assign_money(
                company=company,
                movement_uuid=pick.movement_uuid,
                parts=pick.parts,
                seen=pick.seen,
                actor=actor,
                now=clock.now(),
            )
        except DomainError as error:
            lines.append((label, str(error), False))
        else:
            written += given
            shown = ", ".join(numbers[part.invoice_uuid] for part in pick.parts)
            amount = sum((row.amount for row in given), Decimal(0))
            currency = movement.currency if movement else ""
            text = _("%(amount)s assigned to %(numbers)s.") % {"amount": money(amount, currency), "numbers": shown}
            lines.append((label, text, True))
    report(request, lines, allocations=written)
