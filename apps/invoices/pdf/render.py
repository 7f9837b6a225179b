"""From a UBL document to an A4 PDF. The same document and language give the same bytes.

What people wrote travels to the typesetter as data, never as its markup. All amounts and dates are written
here, and the template only places them.
"""

import calendar
import json
import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst
from babel.dates import format_date

from apps.core.money import format_amount_for_reading
from apps.core.structured_communication import format_structured_communication
from apps.invoices.pdf.labels import EXEMPTIONS, LABELS, UNITS
from apps.invoices.ubl.document import UblDocument, UblLine, VatSubtotal

_TEMPLATE: Final = Path(__file__).with_name("invoice.typ")
_DATE_PATTERNS: Final = {"nl": "dd/MM/y", "fr": "dd/MM/y", "en": "d MMM y", "de": "dd.MM.y"}
_DIRECT_DEBIT_CODES: Final = frozenset({"49", "59"})
_PDF_MAGIC: Final = b"%PDF-"
_PDF_MAGIC_WITHIN: Final = 1024
# Characters that change the direction of the text around them: "gpj.exe" must not read "exe.jpg".
_DIRECTION_MARKS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONG_RUN: Final = re.compile(r"(\S{20})(?=\S)")
_LONG_DESCRIPTION: Final = 600
# Tags help a screen reader, but make the file of a long table ten times as large.
_MAX_TAGGED_LINES: Final = 1_000
_CENTS: Final = 2


def looks_like_pdf(data: bytes) -> bool:
    """Say whether a viewer would take the bytes for a PDF: the magic is within the first 1,024 of them."""
    return _PDF_MAGIC in data[:_PDF_MAGIC_WITHIN]


def render_invoice(document: UblDocument, *, language: str) -> bytes:
    """Render the document as A4 pages in `nl`, `fr`, `en` or `de`; any other language gives Dutch.

    The creation date inside the PDF is the issue date.
    """
    sheet = json.dumps(_Writer(document, language if language in LABELS else "nl").sheet(), ensure_ascii=False)
    return typst.compile(
        _template(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"sheet": sheet},
        timestamp=max(0, calendar.timegm(document.issue_date.timetuple())),
        pdf_tags=len(document.lines) <= _MAX_TAGGED_LINES,
    )


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _clean(text: str) -> str:
    """Take out direction marks, and let runs without blanks break."""
    return _LONG_RUN.sub("\\1\u200b", _DIRECTION_MARKS.sub("", text))


class _Writer:
    """Writes one document in one language."""

    def __init__(self, document: UblDocument, language: str) -> None:
        self.document = document
        self.language = language
        self.labels = LABELS[language]

    def sheet(self) -> dict[str, Any]:
        """Everything that the template places, all of it text."""
        document, labels = self.document, self.labels
        kind = labels[document.document_type]
        return {
            "language": self.language,
            "labels": labels,
            "title": f"{kind} {_clean(document.number)}",
            "kind": kind,
            "number": _clean(document.number),
            "supplier": self._party(document.supplier_name, document.supplier_address, self._supplier_extra()),
            "customer": self._party(document.customer_name, document.customer_address, self._customer_extra()),
            "facts": [[label, _clean(value)] for label, value in self._facts() if value],
            "amount_label": f"{labels['amount']}, {document.currency}",
            "lines": [self._line(line) for line in document.lines],
            "vat_rows": [self._vat_row(subtotal) for subtotal in document.vat_subtotals],
            "totals": [[label, self._amount(amount)] for label, amount in self._totals()],
            "payable": [labels["payable" if self._is_to_pay() else "credit"], self._payable()],
            "payment": self._payment(),
            "remarks": [[label, _clean(text)] for label, text in self._remarks() if text],
            "footer": labels["footer"],
        }

    def _party(self, name: str, address: tuple[str, ...], extra: tuple[str | None, ...]) -> dict[str, Any]:
        entries = [entry for entry in (*address, *extra) if entry]
        return {"name": _clean(name), "entries": [_clean(entry) for entry in entries]}

    def _supplier_extra(self) -> tuple[str | None, ...]:
        vat = self.document.supplier_vat or next(iter(self.document.supplier_numbers), None)
        country = self.document.supplier_country
        return (country if country != "BE" else None, vat and f"{self.labels['vat']} {vat}")

    def _customer_extra(self) -> tuple[str | None, ...]:
        vat, country = self.document.customer_vat, self.document.customer_country
        return (country if country != "BE" else None, vat and f"{self.labels['vat']} {vat}")

    def _facts(self) -> list[tuple[str, str | None]]:
        document, labels = self.document, self.labels
        return [
            (labels["date"], self._date(document.issue_date)),
            (labels["due"], self._date(document.due_date)),
            (labels["reference"], document.buyer_reference),
            (labels["order"], document.order_reference),
            (labels["preceding"], document.preceding_invoice),
            (labels["self_billed"], document.type_code if document.self_billed else None),
        ]

    def _line(self, line: UblLine) -> dict[str, Any]:
        unit = UNITS.get(line.unit or "", line.unit or "")
        price = self._number(line.unit_price)
        if line.price_base_quantity not in (None, Decimal(1)):
            price = f"{price} / {self._number(line.price_base_quantity, places=0)}"
        return {
            "description": _clean(line.description),
            "quantity": f"{self._number(line.quantity, places=0)} {_clean(unit)}".strip(),
            "unit_price": price,
            "vat": self._percent(line.vat_percent, line.vat_category),
            "net_amount": self._number(line.net_amount),
            "long": len(line.description) > _LONG_DESCRIPTION,
        }

    def _vat_row(self, subtotal: VatSubtotal) -> list[str]:
        rate = self._percent(subtotal.percent, subtotal.category)
        reason = subtotal.exemption_reason or EXEMPTIONS[self.language].get(subtotal.category or "")
        name = f"{rate} {_clean(reason)}" if reason else rate
        return [name, self._number(subtotal.taxable_amount), self._number(subtotal.tax_amount)]

    def _totals(self) -> list[tuple[str, Decimal]]:
        """Net, VAT and total; what the lines or these do not explain is named, so that the column adds up."""
        document, labels = self.document, self.labels
        amounts = [line.net_amount for line in document.lines]
        adjustments = document.net_amount - sum((amount for amount in amounts if amount is not None), Decimal(0))
        rounding = document.payable_amount - document.total_amount + (document.prepaid_amount or 0)
        rows = [
            (labels["net"], document.net_amount),
            (labels["vat"], document.vat_amount),
            (labels["total"], document.total_amount),
        ]
        if adjustments and amounts and None not in amounts:
            rows.insert(0, (labels["adjustments"], adjustments))
        if document.prepaid_amount:
            rows.append((labels["prepaid"], -document.prepaid_amount))
        if rounding:
            rows.append((labels["rounding"], rounding))
        return rows

    def _is_to_pay(self) -> bool:
        return self.document.document_type == "invoice" and self.document.payable_amount >= 0

    def _payable(self) -> str:
        amount = self.document.payable_amount
        return self._amount(amount if self.document.document_type == "credit_note" else abs(amount))

    def _payment(self) -> dict[str, Any] | None:
        """The box of the transfer form, unless there is nothing to transfer."""
        document, labels = self.document, self.labels
        if not self._is_to_pay() or not document.payable_amount:
            return None
        if _DIRECT_DEBIT_CODES.intersection(document.payment_means_codes):
            return {"title": labels["collected"], "rows": []}
        if document.iban is None:
            return None
        reference = document.structured_communication
        written = format_structured_communication(reference) if reference else " ".join(document.payment_ids)
        rows = [
            ("IBAN", " ".join(re.findall(".{1,4}", document.iban))),
            ("BIC", document.bic),
            (labels["communication"], written),
            (labels["due"], self._date(document.due_date)),
            (labels["payable"], self._amount(document.payable_amount)),
        ]
        return {"title": labels["pay"], "rows": [[label, _clean(text)] for label, text in rows if text]}

    def _remarks(self) -> list[tuple[str, str | None]]:
        return [
            (self.labels["terms"], self.document.payment_terms),
            (self.labels["note"], self.document.note),
        ]

    def _amount(self, amount: Decimal) -> str:
        number = self._number(amount)
        if self.document.currency != "EUR":
            return f"{number}\u00a0{self.document.currency}"
        if self.language == "en":
            return number.replace("\u2212", "\u2212€") if amount < 0 else f"€{number}"
        return f"€\u00a0{number}" if self.language == "nl" else f"{number}\u00a0€"

    def _number(self, amount: Decimal | None, *, places: int = _CENTS) -> str:
        """Write a number with at least `places` decimals, and as many more as it has."""
        if amount is None:
            return ""
        exponent = amount.normalize().as_tuple().exponent
        decimals = max(places, -exponent if isinstance(exponent, int) else places)
        return format_amount_for_reading(amount, language=self.language, places=decimals)

    def _percent(self, percent: Decimal | None, category: str | None) -> str:
        return category or "" if percent is None else f"{self._number(percent, places=0)}\u00a0%"

    def _date(self, day: date | None) -> str | None:
        if day is None:
            return None
        return str(format_date(day, _DATE_PATTERNS[self.language], locale=self.language))
