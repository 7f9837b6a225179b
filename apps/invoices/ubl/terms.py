"""The discount that a document's own terms give for paying early (`cac:PaymentTerms`).

Three ways are in use, and read:

- UBL.BE: a percent, the amount to be paid with the discount (`cbc:Amount`) and its last day (`cbc:PaymentDueDate`);
- UBL 2.1: a percent or an amount (`cbc:SettlementDiscountPercent`, `cbc:SettlementDiscountAmount`) and a period that
  ends on a day or lasts some days from the issue date (`cac:SettlementPeriod`; some write `cac:ValidityPeriod`);
- XRechnung (rule BR-DE-18): lines of a note, such as `#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=100.00#`, whose days are
  counted from the issue date; without a base it is the amount to be paid.

What is written in words only is not read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from lxml import etree

from apps.core.money import round_half_up
from apps.invoices.ubl.document import CashDiscount
from apps.invoices.ubl.values import child, children, date_at, decimal_at, decimal_of

# More steps are no terms that anybody gives.
MOST_DISCOUNTS: Final = 6
_LONGEST: Final = timedelta(days=366)
_DAYS: Final = "DAY"
_NOTE: Final = re.compile(
    r"#SKONTO#TAGE=([0-9]{1,3})#PROZENT=([0-9]{1,2}\.[0-9]{2})#(?:BASISBETRAG=([0-9]{1,13}\.[0-9]{2})#)?"
)
_CENTS: Final = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Due:
    """What a document wants to be paid, and what a percent may be taken of."""

    issued_on: date
    currency: str
    payable: Decimal
    net: Decimal


def read_discounts(root: etree._Element, due: Due) -> tuple[CashDiscount, ...]:
    """Read the discounts of a document, the first to end first; what contradicts itself gives none.

    A percent without an amount is of all that is to be paid or of the net, as the terms do not say which: both are
    given.
    """
    if due.payable <= 0:
        return ()
    found = {
        discount
        for terms in children(root, "cac:PaymentTerms")
        for discount in (*_of_elements(terms, due), *_of_notes(terms, due))
        if 0 < discount.amount < due.payable and due.issued_on <= discount.until <= due.issued_on + _LONGEST
    }
    return tuple(sorted(found, key=lambda discount: (discount.until, -discount.amount))[:MOST_DISCOUNTS])


def _of_elements(terms: etree._Element, due: Due) -> Iterator[CashDiscount]:
    percent = decimal_at(terms, "cbc:SettlementDiscountPercent")
    until = _last_day(terms, due)
    if until is None or (percent is not None and not 0 < percent < 100):
        return
    if (given := _amount_at(terms, "cbc:SettlementDiscountAmount", due)) is not None:
        yield CashDiscount(given, until)
    elif percent is not None:
        written = _amount_at(terms, "cbc:Amount", due)
        amounts = _shares(percent, due) if written is None else _by_amount(written, percent, due)
        yield from (CashDiscount(amount, until) for amount in amounts)


def _last_day(terms: etree._Element, due: Due) -> date | None:
    for period in ("cac:SettlementPeriod", "cac:ValidityPeriod"):
        if day := date_at(terms, f"{period}/cbc:EndDate"):
            return day
        lasts = child(terms, f"{period}/cbc:DurationMeasure")
        days = decimal_of(lasts)
        if lasts is not None and lasts.get("unitCode") == _DAYS and days is not None and 0 <= days <= _LONGEST.days:
            return due.issued_on + timedelta(days=int(days))
    return date_at(terms, "cbc:PaymentDueDate")


def _amount_at(terms: etree._Element, path: str, due: Due) -> Decimal | None:
    element = child(terms, path)
    amount = decimal_of(element)
    is_ours = element is not None and element.get("currencyID") == due.currency
    return round_half_up(amount) if amount is not None and is_ours else None


def _shares(percent: Decimal, due: Due) -> set[Decimal]:
    return {round_half_up(base * percent / 100) for base in (due.payable, due.net)}


def _by_amount(written: Decimal, percent: Decimal, due: Due) -> set[Decimal]:
    """Return the discount that an amount of terms means: what is to be paid with it, or the discount itself."""
    most = round_half_up(due.payable * percent / 100) + _CENTS
    return {amount for amount in (due.payable - written, written) if 0 < amount <= most}


def _of_notes(terms: etree._Element, due: Due) -> Iterator[CashDiscount]:
    for note in children(terms, "cbc:Note"):
        for line in (note.text or "").splitlines():
            if found := _NOTE.fullmatch(line.strip()):
                days, percent, base = found.groups()
                amount = round_half_up(Decimal(base or due.payable) * Decimal(percent) / 100)
                yield CashDiscount(amount, due.issued_on + timedelta(days=int(days)))
