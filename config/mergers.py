"""What each app does with its rows when two companies become one, in the order of the layers.

`companies` runs these inside the merge's transaction, so that no app below imports one above it. A table with a key
to a company that no mover names fails a test.
"""

from typing import Final

MOVERS: Final[tuple[str, ...]] = (
    "apps.companies.merging.rows.MOVER",
    "apps.accounting_offices.merging.MOVER",
    "apps.tokens.services.merging.MOVER",
    "apps.invoices.services.merging.MOVER",
    "apps.statements.merging.MOVER",
    "apps.reconciliation.merging.MOVER",
    "apps.delivery.merging.MOVER",
)
