"""What changed between two versions of a document, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final

from apps.invoices.ubl.document import AllowanceCharge, UblDocument, UblLine, VatSubtotal

# Files are not compared; the first preceding invoice is among all of them.
_IGNORED: Final = frozenset({"attachments", "external_references", "preceding_invoice"})
_TABLES: Final = frozenset({"lines", "vat_subtotals", "allowances"})
_Row = UblLine | VatSubtotal | AllowanceCharge


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field with its text before and after; None where it is absent.

    `name` is the field of `UblDocument`, with the line id, the VAT category and rate, or the reason for the three
    tables: `lines.2.net_amount`, `vat_subtotals.S 21`, `allowances.Fidelity`.
    """

    name: str
    before: str | None
    after: str | None


def difference(before: UblDocument, after: UblDocument) -> list[FieldChange]:
    """List the fields that differ, in the order of `UblDocument`; embedded files are not compared.

    Amounts are compared by value: `100` and `100.00` are equal. An empty list means that nothing which an
    accountant books has changed.
    """
    return [change for field in fields(UblDocument) for change in _compare_field(field.name, before, after)]


def _compare_field(name: str, before: UblDocument, after: UblDocument) -> Iterator[FieldChange]:
    old, new = getattr(before, name), getattr(after, name)
    if name in _IGNORED or old == new:
        return
    if name in _TABLES:
        yield from _compare_rows(name, _by_key(old), _by_key(new))
    else:
        yield FieldChange(name=name, before=_write(old), after=_write(new))


def _compare_rows(name: str, old: dict[str, _Row], new: dict[str, _Row]) -> Iterator[FieldChange]:
    if list(old) != list(new) and set(old) == set(new):
        yield FieldChange(name=f"{name}.order", before=", ".join(old), after=", ".join(new))
    for key in dict.fromkeys([*old, *new]):
        row_before, row_after = old.get(key), new.get(key)
        if row_before is None or row_after is None:
            yield FieldChange(f"{name}.{key}", _summarise(row_before), _summarise(row_after))
            continue
        for field in fields(row_before):
            value_before, value_after = getattr(row_before, field.name), getattr(row_after, field.name)
            if value_before != value_after:
                yield FieldChange(f"{name}.{key}.{field.name}", _write(value_before), _write(value_after))


def _by_key(rows: tuple[_Row, ...]) -> dict[str, _Row]:
    """Index the rows by what identifies them; a repeated key gets its position, so that no row is lost."""
    indexed: dict[str, _Row] = {}
    for position, row in enumerate(rows, start=1):
        key = _key_of(row)
        indexed[key if key and key not in indexed else f"{key}#{position}"] = row
    return indexed


def _key_of(row: _Row) -> str:
    if isinstance(row, UblLine):
        return row.id
    if isinstance(row, AllowanceCharge):
        return row.reason or ""
    return " ".join(part for part in (row.category, _write(row.percent)) if part)


def _summarise(row: _Row | None) -> str | None:
    if row is None:
        return None
    if isinstance(row, AllowanceCharge):
        sign = "+" if row.is_charge else "\N{MINUS SIGN}"
        return " ".join(part for part in (row.reason, f"{sign}{_write(row.amount) or ''}") if part)
    if isinstance(row, UblLine):
        return " · ".join(part for part in (row.description, _write(row.net_amount)) if part)
    return " · ".join(part for part in (_write(row.taxable_amount), _write(row.tax_amount)) if part)


def _write(value: object) -> str | None:
    if value is None or value == ():
        return None
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value != value.to_integral_value() else f"{value:.0f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, AllowanceCharge):
        return _summarise(value)
    if isinstance(value, tuple):
        return ", ".join(text for each in value if (text := _write(each)))
    return str(value)
