"""What changed between the versions of a document, in words: each field with its name, before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.display import day, iban, plain_amount, quantity, structured
from apps.core.languages import reader_language
from apps.invoices import selectors as invoices
from apps.invoices.ubl import AllowanceCharge, FieldChange, UblDocument, UblLine, VatSubtotal, difference
from apps.portal.templatetags.portal import word

MOST_CHANGES: Final = 60
_LONGEST: Final = 400
_NOT_NAMED: Final = gettext_lazy("without a number")


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its name, its text before and after, and by how much an amount moved."""

    label: str
    was: str
    now: str
    moved: str = ""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version. `former` is the number of the one that was in force before it.

    `changes` is None for a version whose changes were not asked for, and where there is nothing before it.
    """

    version: Any
    former: int | None
    changes: Sequence[Change] | None = None
    more: int = 0


def list_version_rows(versions: Sequence[Any], *, wanted: int, known: Mapping[int, UblDocument]) -> list[VersionRow]:
    """Return versions, the newest first, the `wanted` one with its changes; `known` are documents already read."""
    return [_row(version, _former(versions, version), wanted=wanted, known=known) for version in versions]


def _former(versions: Sequence[Any], version: Any) -> Any | None:
    """Return the version that was in force before: the newest accepted one with a lower number."""
    return next((row for row in versions if row.version < version.version and row.state == "accepted"), None)


def _row(version: Any, former: Any | None, *, wanted: int, known: Mapping[int, UblDocument]) -> VersionRow:
    if former is None:
        return VersionRow(version, None)
    if version.version != wanted:
        return VersionRow(version, former.version)
    before, after = (known.get(row.version) or invoices.read_version(row) for row in (former, version))
    found = difference(before, after)
    changes = [describe(change) for change in found[:MOST_CHANGES]]
    return VersionRow(version, former.version, changes, len(found) - len(changes))


def describe(change: FieldChange) -> Change:
    """Return a change of a document in the reader's words and way of writing."""
    table, key, field = _parts(change.name)
    label = _label(table, key, field)
    return Change(label, _text(field, change.before), _text(field, change.after), _moved(field, change))


_TABLES: Final = {"lines": UblLine, "vat_subtotals": VatSubtotal, "allowances": AllowanceCharge}


def _parts(name: str) -> tuple[str, str, str]:
    """Divide a name into its table, the key of the row and the field; a line's number may hold dots itself."""
    table, dot, rest = name.partition(".")
    if not dot:
        return "", "", name
    key, dot, field = rest.rpartition(".")
    if dot and field in {each.name for each in fields(_TABLES[table])}:
        return table, key, field
    return (table, "", "order") if rest == "order" else (table, rest, "")


def _label(table: str, key: str, field: str) -> str:
    name = str(_FIELDS.get(field, field))
    if not table:
        return name
    if field == "order":
        return _("Order of the rows")
    row = str(_ROWS[table]) % {"key": _key(table, key)}
    if not field:
        return row
    # In German a noun keeps its capital within a sentence.
    return f"{row}, {name}" if reader_language() == "de" else f"{row}, {name[:1].lower()}{name[1:]}"


def _key(table: str, key: str) -> str:
    if table == "vat_subtotals":
        _category, _blank, percent = key.partition(" ")
        return f"{percent}\N{NO-BREAK SPACE}%" if percent else key
    return key[:60] if not key.startswith("#") else f"{_NOT_NAMED} {key}"


def _text(field: str, text: str | None) -> str:
    if not text:
        return ""
    try:
        written = _written(field, text)
    except (ValueError, InvalidOperation):
        written = text
    return written if len(written) <= _LONGEST else f"{written[:_LONGEST]}…"


def _written(field: str, text: str) -> str:
    if field in _AMOUNTS:
        return plain_amount(Decimal(text))
    if field in _NUMBERS:
        return quantity(Decimal(text))
    if field in _DAYS:
        return day(date.fromisoformat(text))
    if field == "iban":
        return iban(text)
    if field == "structured_communication":
        return structured(text)
    return word(text, "document") if field == "document_type" else text


def _moved(field: str, change: FieldChange) -> str:
    if field not in _AMOUNTS | _NUMBERS or not change.before or not change.after:
        return ""
    moved = Decimal(change.after) - Decimal(change.before)
    written = plain_amount(moved) if field in _AMOUNTS else quantity(moved)
    return f"+{written}" if moved > 0 else written


_AMOUNTS: Final = frozenset({
    "net_amount", "vat_amount", "total_amount", "prepaid_amount", "payable_amount", "rounding_amount", "unit_price",
    "taxable_amount", "tax_amount", "amount",
})  # fmt: skip
_NUMBERS: Final = frozenset({"quantity", "vat_percent", "percent", "price_base_quantity"})
_DAYS: Final = frozenset({"issue_date", "due_date", "period_start", "period_end", "delivery_date"})
_ROWS: Final[Mapping[str, str | Promise]] = {
    "lines": gettext_lazy("Line %(key)s"),
    "vat_subtotals": gettext_lazy("VAT %(key)s"),
    "allowances": gettext_lazy("Discount or charge %(key)s"),
}
_FIELDS: Final[Mapping[str, str | Promise]] = {
    "document_type": gettext_lazy("Document"),
    "type_code": gettext_lazy("Kind of document (code)"),
    "customization_id": gettext_lazy("Profile of the document"),
    "profile_id": gettext_lazy("Process of the document"),
    "number": gettext_lazy("Number"),
    "issue_date": gettext_lazy("Date"),
    "due_date": gettext_lazy("Due date"),
    "currency": gettext_lazy("Currency"),
    "net_amount": gettext_lazy("Without VAT"),
    "vat_amount": gettext_lazy("VAT"),
    "total_amount": gettext_lazy("Total"),
    "prepaid_amount": gettext_lazy("Already paid"),
    "payable_amount": gettext_lazy("To be paid"),
    "rounding_amount": gettext_lazy("Rounding"),
    "supplier_name": gettext_lazy("Supplier"),
    "supplier_address": gettext_lazy("Supplier's address"),
    "supplier_vat": gettext_lazy("Supplier's VAT number"),
    "supplier_numbers": gettext_lazy("Supplier's enterprise number"),
    "supplier_country": gettext_lazy("Supplier's country"),
    "customer_name": gettext_lazy("Customer"),
    "customer_address": gettext_lazy("Customer's address"),
    "customer_vat": gettext_lazy("Customer's VAT number"),
    "customer_numbers": gettext_lazy("Customer's enterprise number"),
    "customer_country": gettext_lazy("Customer's country"),
    "structured_communication": gettext_lazy("Structured communication"),
    "payment_ids": gettext_lazy("Communication"),
    "payment_means_codes": gettext_lazy("Means of payment (code)"),
    "payee_name": gettext_lazy("To be paid to"),
    "iban": gettext_lazy("To account"),
    "bic": gettext_lazy("Bank (BIC)"),
    "preceding_invoices": gettext_lazy("About invoice"),
    "buyer_reference": gettext_lazy("Customer's reference"),
    "order_reference": gettext_lazy("Order"),
    "contract_reference": gettext_lazy("Contract"),
    "project_reference": gettext_lazy("Project"),
    "period_start": gettext_lazy("Period from"),
    "period_end": gettext_lazy("Period until"),
    "delivery_date": gettext_lazy("Delivered on"),
    "delivery_address": gettext_lazy("Delivery address"),
    "note": gettext_lazy("Note"),
    "payment_terms": gettext_lazy("Payment terms"),
    "description": gettext_lazy("Description"),
    "quantity": gettext_lazy("Quantity"),
    "unit": gettext_lazy("Unit"),
    "unit_price": gettext_lazy("Price"),
    "price_base_quantity": gettext_lazy("Price per"),
    "vat_category": gettext_lazy("VAT category"),
    "vat_percent": gettext_lazy("VAT rate"),
    "allowances": gettext_lazy("Discounts and charges"),
    "category": gettext_lazy("VAT category"),
    "percent": gettext_lazy("VAT rate"),
    "taxable_amount": gettext_lazy("Basis"),
    "tax_amount": gettext_lazy("VAT"),
    "exemption_reason": gettext_lazy("Reason without VAT"),
    "is_charge": gettext_lazy("Charge"),
    "reason": gettext_lazy("Reason"),
    "amount": gettext_lazy("Amount"),
}
