"""A company gives a payment, or parts of it, to invoices of its own choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.core.display import money, plain_amount
from apps.core.errors import DomainError
from apps.invoices.selectors import search_invoices
from apps.portal.amounts import read_amount
from apps.portal.money_offers import LooseRow, look_at, payment_label
from apps.portal.money_report import report
from apps.reconciliation.decisions import MoneyHasMoved, Part, assign_money
from apps.reconciliation.selectors import get_credit, list_to_pay, still_to_pay
from apps.users.selectors import viewer_of

# So many invoices are shown; others are found by a search.
MOST_SHOWN: Final = 25
_PREFIX: Final = "amount-"


@dataclass(frozen=True, slots=True)
class Payee:
    """An invoice that a payment could be given to, what is open of it, and its field."""

    invoice: Any
    open: Decimal
    field: Any


class AmountField(forms.CharField):
    """An amount as people write it, at most what is open of its invoice."""

    def __init__(self, invoice: Any, still_open: Decimal) -> None:
        super().__init__(
            label=_("Amount for %(number)s") % {"number": invoice.number},
            required=False,
            max_length=30,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )
        self.invoice, self.still_open = invoice, still_open

    def clean(self, value: Any) -> Decimal | None:
        """Return the amount, or nothing for an empty field."""
        text = super().clean(value)
        if not text:
            return None
        amount = read_amount(text)
        if not amount:
            raise forms.ValidationError(_("This is no amount. Write it as 1234,56."))
        if amount > self.still_open:
            shown = money(self.still_open, self.invoice.currency)
            raise forms.ValidationError(_("Only %(amount)s is open.") % {"amount": shown})
        return amount


class AssignForm(forms.Form):
    """What of a payment goes to which invoice."""

    def __init__(
        self, data: Any = None, *, invoices: Sequence[Any], loose: Decimal, initial: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.loose, self.invoices = loose, invoices
        for invoice in invoices:
            self.fields[f"{_PREFIX}{invoice.uuid}"] = AmountField(invoice, still_to_pay(invoice))

    @property
    def payees(self) -> list[Payee]:
        """Return the invoices with their fields."""
        return [Payee(invoice, still_to_pay(invoice), self[f"{_PREFIX}{invoice.uuid}"]) for invoice in self.invoices]

    def parts(self) -> list[Part]:
        """Return what is given to which invoice, of the fields that are right."""
        given = ((invoice.uuid, self.cleaned_data.get(f"{_PREFIX}{invoice.uuid}")) for invoice in self.invoices)
        return [Part(uuid, amount) for uuid, amount in given if amount]

    def clean(self) -> dict[str, Any]:
        """Refuse nothing at all, and more than is loose."""
        cleaned = super().clean() or {}
        given = sum(part.amount for part in self.parts())
        if not given and not self.errors:
            self.add_error(None, _("Write an amount beside at least one invoice."))
        if given > self.loose:
            self.add_error(None, _("Together that is more than what is loose of the payment."))
        return cleaned

    @property
    def left(self) -> Decimal | None:
        """Return what stays loose after a form that was looked at; nothing before."""
        return self.loose - sum(part.amount for part in self.parts()) if self.is_bound else None

    @property
    def too_much(self) -> Decimal:
        """Return what was given beyond what is loose."""
        return -(self.left or Decimal(0))


@login_required
def assign(request: HttpRequest, company_uuid: UUID, movement_uuid: UUID) -> HttpResponse:
    """Show a payment beside open invoices, found by a search; a sent form gives it to those with an amount."""
    viewer = viewer_of(request)
    company = offices.get_member_company(viewer=viewer, company_uuid=company_uuid)
    movement, loose = get_credit(company=company, movement_uuid=movement_uuid)
    looked = look_at(company, [movement])[0] if loose else None
    is_sent = request.method == "POST" and "assign" in request.POST
    form = _form(request, company, movement, looked, is_sent=is_sent) if looked else None
    if form and is_sent and form.is_valid():
        try:
            written = assign_money(
                company=company,
                movement_uuid=movement.uuid,
                parts=form.parts(),
                seen=_seen(request, loose),
                actor=f"user:{viewer.uuid}",
                now=clock.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            report(request, [(payment_label(movement), _told(written, movement, loose), True)], allocations=written)
            return redirect("portal:loose-money", company.uuid)
    context = {"company": company, "movement": movement, "loose": loose, "form": form, "looked": looked}
    return render(request, "portal/assign_money.html", {**context, "query": _query(request), "most": MOST_SHOWN})


def _seen(request: HttpRequest, loose: Decimal) -> Decimal:
    try:
        return Decimal(request.POST.get("seen", ""))
    except InvalidOperation as error:
        raise MoneyHasMoved(amount=loose) from error


def _query(request: HttpRequest) -> str:
    sent = request.POST if request.method == "POST" else request.GET
    return sent.get("q", "").replace("\0", "").strip()[:100]


def _form(request: HttpRequest, company: Any, movement: Any, looked: LooseRow, *, is_sent: bool) -> AssignForm:
    """Return the form with the invoices that have an amount, that are suggested and that are found, in this order."""
    typed = {key: str(text) for key, text in request.POST.items() if key.startswith(_PREFIX) and text}
    if request.method != "POST":
        typed = {
            f"{_PREFIX}{part.invoice.uuid}": plain_amount(part.amount)
            for offer in looked.offers[:1]
            for part in offer.parts
        }
    suggested = [part.invoice.uuid for offer in looked.offers for part in offer.parts]
    wanted = list(dict.fromkeys([*_uuids(typed), *suggested]))
    owed, query = list_to_pay(company=company, currency=movement.currency), _query(request)
    named = sorted(owed.filter(uuid__in=wanted), key=lambda row: wanted.index(row.uuid))
    others = search_invoices(owed, query, read_amount(query)) if query else owed
    found = [row for row in others[: MOST_SHOWN + len(named)] if row.uuid not in wanted][:MOST_SHOWN]
    data = request.POST if is_sent else None
    return AssignForm(data, invoices=[*named, *found], loose=looked.loose, initial=typed)


def _uuids(typed: Mapping[str, str]) -> list[UUID]:
    found = []
    for key in list(typed)[: 2 * MOST_SHOWN]:
        try:
            found.append(UUID(key.removeprefix(_PREFIX)))
        except ValueError:
            continue
    return found


def _told(written: Sequence[Any], movement: Any, loose: Decimal) -> str:
    given = sum(row.amount for row in written)
    told = {"amount": money(given, movement.currency), "left": money(loose - given, movement.currency)}
    if given == loose:
        return _("%(amount)s assigned; nothing of the payment is loose any more.") % told
    return _("%(amount)s assigned; %(left)s stays loose.") % told
