"""How large a document the rule layers are given: their cost grows with lines times VAT subtotals.

Measured: 50,000 lines take 17 s and 1.2 GB, 2,000 lines with 2,000 subtotals 12.6 s.
"""

from typing import Final

from apps.invoices.ubl.document import UblDocument
from apps.invoices.ubl.schema import SchemaFinding

MAX_LINES: Final = 5_000
MAX_VAT_SUBTOTALS: Final = 100


def check_limits(document: UblDocument) -> list[SchemaFinding]:
    """Return a finding `too_many_lines` or `too_many_vat_subtotals` for each limit that is passed."""
    findings = []
    if (count := len(document.lines)) > MAX_LINES:
        message = f"The document has {count} lines; at most {MAX_LINES} are accepted."
        findings.append(SchemaFinding(code="too_many_lines", location="/", message=message))
    if (count := len(document.vat_subtotals)) > MAX_VAT_SUBTOTALS:
        message = f"The document has {count} VAT subtotals; at most {MAX_VAT_SUBTOTALS} are accepted."
        findings.append(SchemaFinding(code="too_many_vat_subtotals", location="/", message=message))
    return findings
