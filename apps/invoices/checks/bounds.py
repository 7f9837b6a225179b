"""How much of a document is judged at all: what the official rules compare with each other costs its square.

At these bounds, the documents that were made to be slow took 6 to 37 seconds and 0.3 to 0.8 GB (2 cores, shared; the
slowest is made of 97,000 numbers of one party). Without them one with 45,000 allowances took over two minutes.
"""

from typing import Final

from lxml import etree

from apps.invoices.checks.found import Found
from apps.invoices.checks.policy import own
from apps.invoices.ubl.values import CAC

MAX_LINES: Final = 5_000
MAX_VAT_SUBTOTALS: Final = 100
MAX_ALLOWANCES: Final = 1_000
MAX_LINE_ALLOWANCES: Final = 10_000
MAX_ELEMENTS: Final = 200_000

_NAMESPACES: Final = {"cac": CAC}
_LINES: Final = etree.XPath("count(/*/cac:InvoiceLine | /*/cac:CreditNoteLine)", namespaces=_NAMESPACES)
_SUBTOTALS: Final = etree.XPath("count(/*/cac:TaxTotal/cac:TaxSubtotal)", namespaces=_NAMESPACES)
_ALLOWANCES: Final = etree.XPath("count(/*/cac:AllowanceCharge)", namespaces=_NAMESPACES)
_LINE_ALLOWANCES: Final = etree.XPath("count(/*/*//cac:AllowanceCharge)", namespaces=_NAMESPACES)
_ELEMENTS: Final = etree.XPath("count(//*)")
_BOUNDS: Final = (
    ("too_many_elements", _ELEMENTS, MAX_ELEMENTS),
    ("too_many_lines", _LINES, MAX_LINES),
    ("too_many_vat_subtotals", _SUBTOTALS, MAX_VAT_SUBTOTALS),
    ("too_many_allowances", _ALLOWANCES, MAX_ALLOWANCES),
    ("too_many_allowances", _LINE_ALLOWANCES, MAX_LINE_ALLOWANCES),
)


def check_bounds(root: etree._Element) -> list[Found]:
    """Return a finding for each bound that the document passes."""
    counted = ((code, count(root), most) for code, count, most in _BOUNDS)
    return [
        own(code, count=f"{number:.0f}", most=str(most))
        for code, number, most in counted
        if isinstance(number, float) and number > most
    ]
