"""What is paid to a company, what is late, and what is loose: figures, and a picture of how late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.accounting_offices import selectors as offices
from apps.core import clock
from apps.portal.lists.declaration import Label
from apps.reconciliation.selectors import AGES, NOT_DUE, Age, list_ages, list_loose_totals, list_paid_totals
from apps.users.selectors import viewer_of

# What "paid" looks back on.
PAID_DAYS: Final = 90
WORDS: Final = {
    NOT_DUE: pgettext_lazy("age", "Not due yet"),
    "days_1": gettext_lazy("1 to 30 days late"),
    "days_31": gettext_lazy("31 to 60 days late"),
    "days_61": gettext_lazy("61 to 90 days late"),
    "days_91": gettext_lazy("More than 90 days late"),
}


@dataclass(frozen=True, slots=True)
class Sum:
    """A number of invoices or payments, and their amount."""

    count: int = 0
    amount: Decimal = Decimal(0)

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, self.amount + other.amount)


@dataclass(frozen=True, slots=True)
class Bar:
    """What is open of one age; `share` is its length in percent of the longest, `step` its colour."""

    label: Label
    sum: Sum
    share: int
    step: int


@dataclass(frozen=True, slots=True)
class CurrencyPart:
    """What a company has to receive and received in one currency."""

    currency: str
    open: Sum
    late: Sum
    partly: Sum
    paid: Sum
    loose: Sum
    bars: tuple[Bar, ...]


@login_required
def overview(request: HttpRequest, company_uuid: UUID) -> HttpResponse:
    """Show what is open, late, partly paid, paid and loose of a company, by currency."""
    today = clock.today()
    company = offices.get_member_company(viewer=viewer_of(request), company_uuid=company_uuid)
    parts = build(
        list_ages(company=company, today=today),
        paid=list_paid_totals(company=company, since=today - timedelta(days=PAID_DAYS)),
        loose=list_loose_totals(company=company),
    )
    context = {"company": company, "parts": parts, "paid_days": PAID_DAYS, "today": today}
    return render(request, "portal/money_overview.html", context)


def build(
    ages: Sequence[Age],
    *,
    paid: Sequence[tuple[str, int, Decimal]],
    loose: Sequence[tuple[str, int, Decimal]],
) -> list[CurrencyPart]:
    """Return the figures of each currency, the one with most to receive first."""
    by_paid = {currency: Sum(count, amount) for currency, count, amount in paid}
    by_loose = {currency: Sum(count, amount) for currency, count, amount in loose}
    currencies = {*by_paid, *by_loose, *(age.currency for age in ages)}
    parts = [
        _part(currency, [age for age in ages if age.currency == currency], by_paid, by_loose)
        for currency in sorted(currencies)
    ]
    return sorted(parts, key=lambda part: part.open.amount, reverse=True)


def _part(currency: str, ages: Sequence[Age], paid: dict[str, Sum], loose: dict[str, Sum]) -> CurrencyPart:
    nothing = Sum()
    by_name = {name: _sum(age for age in ages if age.name == name) for name in WORDS}
    return CurrencyPart(
        currency=currency,
        open=_sum(ages),
        late=sum((by_name[name] for name, _days in AGES), nothing),
        partly=_sum(age for age in ages if age.is_partly_paid),
        paid=paid.get(currency, nothing),
        loose=loose.get(currency, nothing),
        bars=_bars(by_name),
    )


def _sum(ages: Any) -> Sum:
    return sum((Sum(age.count, age.amount) for age in ages), Sum())


def _bars(by_name: dict[str, Sum]) -> tuple[Bar, ...]:
    longest = max(found.amount for found in by_name.values()) or Decimal(1)
    return tuple(
        Bar(word, by_name[name], int(by_name[name].amount * 100 / longest), step)
        for step, (name, word) in enumerate(WORDS.items())
    )
