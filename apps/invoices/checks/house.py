"""Rules of our own about any invoice: whose it is, its days, currency, amounts and account.

The totals themselves are checked to the cent by EN 16931 (BR-CO-10 to BR-CO-16), which is asked of every document; here
is what it leaves open.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from lxml import etree

from apps.core.identifiers import is_valid_iban, looks_like_iban
from apps.core.money import format_amount, round_half_up
from apps.invoices.checks.found import Found
from apps.invoices.checks.policy import Profile, own
from apps.invoices.ubl import UblDocument
from apps.invoices.ubl.places import place_of
from apps.invoices.ubl.values import child, children, decimal_at, text_at, text_of

_LONG_AGO: Final = timedelta(days=366)
_FAR_OFF: Final = timedelta(days=366)
_CENT: Final = Decimal("0.01")
_TWO_CENTS: Final = Decimal("0.02")
_MOST_OF_ONE_RULE: Final = 20
_SELF_BILLING_TYPES: Final = frozenset({"389", "527", "261"})
_LINE_PATHS: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")
_ACCOUNT: Final = "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID"
_AMOUNTS_WITH_CURRENCY: Final = etree.XPath("//*[@currencyID][@currencyID != $currency]")


def check_house(root: etree._Element, document: UblDocument, *, profile: Profile, on: date) -> list[Found]:
    """Return what the house rules say of a document that arrived on a day; whose it is, `check_supplier` says."""
    return [
        *check_dates(root, document, on=on),
        *check_currency(root, document),
        *check_self_billing(root, document, profile=profile),
        *check_account(root),
        *check_lines(root, profile=profile),
        *check_vat_amounts(root, document),
    ]


def check_supplier(document: UblDocument, own_numbers: AbstractSet[str]) -> str | None:
    """Return why a document is not this company's to send, as a code, or None when it is.

    `own_numbers` are the company's on the document's day, former ones and those of VAT units included. A
    self-billed document is drawn up by the buyer, but it is the supplier's sale: only the supplier may send it.
    """
    if not own_numbers.isdisjoint(document.supplier_numbers):
        return None
    is_buyer = not own_numbers.isdisjoint(document.customer_numbers)
    return "self_billed_by_customer" if document.self_billed and is_buyer else "supplier_mismatch"


def check_dates(root: etree._Element, document: UblDocument, *, on: date) -> Iterator[Found]:
    """Report days that are hardly meant: issued later than it arrived or over a year before, due before that."""
    issued, due = document.issue_date, document.due_date
    place = _place(root, "cbc:IssueDate")
    if issued > on:
        yield own("issue_date_in_future", place, date=issued.isoformat(), today=on.isoformat())
    elif on - issued > _LONG_AGO:
        yield own("issue_date_long_ago", place, date=issued.isoformat(), today=on.isoformat())
    if due is None:
        return
    place = _place(root, "cbc:DueDate", "cac:PaymentMeans/cbc:PaymentDueDate")
    if due < issued:
        yield own("due_date_before_issue", place, due=due.isoformat(), issued=issued.isoformat())
    elif due - issued > _FAR_OFF:
        yield own("due_date_far_off", place, due=due.isoformat(), issued=issued.isoformat())


def check_currency(root: etree._Element, document: UblDocument) -> Iterator[Found]:
    """Report the first amount in another currency than the document's, the VAT in accounting currency apart."""
    accounting = text_at(root, "cbc:TaxCurrencyCode")
    foreign: Any = _AMOUNTS_WITH_CURRENCY(root, currency=document.currency)
    for element in foreign:
        written = element.get("currencyID") or ""
        if written == accounting and any(etree.QName(each).localname == "TaxTotal" for each in element.iterancestors()):
            continue
        yield own("currency_mixed", place_of(element), written=written[:10], currency=document.currency)
        return


def check_self_billing(root: etree._Element, document: UblDocument, *, profile: Profile) -> Iterator[Found]:
    """Report an ordinary type in Peppol's self-billing profile; the other way round is Peppol's own P0100 and P0101."""
    if profile is Profile.PEPPOL_SELF_BILLING and document.type_code not in _SELF_BILLING_TYPES:
        place = _place(root, "cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode")
        yield own("self_billing_type", place, type=(document.type_code or "")[:10])


def check_account(root: etree._Element) -> Iterator[Found]:
    """Report an account to pay to that is written as an IBAN and is none."""
    for element in children(root, _ACCOUNT)[:_MOST_OF_ONE_RULE]:
        text = (text_of(element) or "")[:50]
        if looks_like_iban(text) and not is_valid_iban(text):
            yield own("iban_check_digits", place_of(element), account=text)


def check_lines(root: etree._Element, *, profile: Profile) -> Iterator[Found]:
    """Report lines whose amount is not quantity times price, by more than two cents; Peppol has its own R120."""
    if profile is Profile.PEPPOL_BILLING:
        return
    found = 0
    for path in _LINE_PATHS:
        for line in children(root, path):
            written, computed = decimal_at(line, "cbc:LineExtensionAmount"), _line_amount(line)
            if written is None or computed is None or abs(written - computed) <= _TWO_CENTS:
                continue
            place = place_of(line)
            yield own("line_amount_differs", place, written=format_amount(written), computed=format_amount(computed))
            found += 1
            if found == _MOST_OF_ONE_RULE:
                return


def _line_amount(line: etree._Element) -> Decimal | None:
    """Quantity times price for the base quantity, plus charges, less allowances, in cents."""
    quantity = decimal_at(line, "cbc:InvoicedQuantity")
    if quantity is None:
        quantity = decimal_at(line, "cbc:CreditedQuantity")
    price = decimal_at(line, "cac:Price/cbc:PriceAmount")
    base = decimal_at(line, "cac:Price/cbc:BaseQuantity")
    if quantity is None or price is None or base == 0:
        return None
    amount = quantity * price / (base or 1)
    for each in children(line, "cac:AllowanceCharge"):
        is_charge = (text_at(each, "cbc:ChargeIndicator") or "") in {"true", "1"}
        amount += (decimal_at(each, "cbc:Amount") or 0) * (1 if is_charge else -1)
    return round_half_up(amount)


def check_vat_amounts(root: etree._Element, document: UblDocument) -> Iterator[Found]:
    """Report VAT that is not its rate of the taxable amount.

    VAT may be rounded once or on each line, so each line may bring a cent. EN 16931 allows a whole unit.
    """
    allowed = _CENT * max(1, len(document.lines))
    places = [place_of(each) for each in children(root, "cac:TaxTotal/cac:TaxSubtotal")[: len(document.vat_subtotals)]]
    for number, subtotal in enumerate(document.vat_subtotals[:_MOST_OF_ONE_RULE]):
        taxable, vat, percent = subtotal.taxable_amount, subtotal.tax_amount, subtotal.percent
        if taxable is None or vat is None or percent is None:
            continue
        computed = round_half_up(taxable * percent / 100)
        if abs(vat - computed) > allowed:
            place = places[number] if number < len(places) else ""
            yield own("vat_amount_differs", place, written=format_amount(vat), computed=format_amount(computed))


def _place(root: etree._Element, *paths: str) -> str:
    """Return where the first of these elements stands that the document has."""
    element = next((found for path in paths if (found := child(root, path)) is not None), root)
    return place_of(element)
