"""Which open amounts make a sum up: exactly, and with a bound on the work."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

from apps.reconciliation.matching.values import Candidate

MOST_SEARCHED: Final = 14
MOST_TOGETHER: Final = 4


def sums_of(invoices: Sequence[Candidate], amount: Decimal) -> list[tuple[Candidate, ...]]:
    """Return the sets of two or more invoices whose open amounts are together exactly an amount.

    Looked at are the oldest fourteen, by up to four; the oldest that follow on one another, however many; and all.
    """
    ordered = sorted(invoices, key=lambda invoice: (invoice.issued_on, invoice.id))
    found: dict[tuple[int, ...], tuple[Candidate, ...]] = {}
    for several in _prefixes(ordered, amount):
        found[tuple(invoice.id for invoice in several)] = several
    searched = [invoice for invoice in ordered[:MOST_SEARCHED] if invoice.still_open < amount]
    for size in range(2, MOST_TOGETHER + 1):
        for several in combinations(searched, size):
            if sum(invoice.still_open for invoice in several) == amount:
                found.setdefault(tuple(invoice.id for invoice in several), several)
    return list(found.values())


def oldest_that_sum(invoices: Sequence[Candidate], amount: Decimal) -> tuple[Candidate, ...]:
    """Return the oldest invoices, one or more, that are together exactly an amount; none when they are not."""
    ordered = sorted(invoices, key=lambda invoice: (invoice.issued_on, invoice.id))
    total = Decimal(0)
    for count, invoice in enumerate(ordered, start=1):
        total += invoice.still_open
        if total >= amount:
            return tuple(ordered[:count]) if total == amount else ()
    return ()


def _prefixes(ordered: Sequence[Candidate], amount: Decimal) -> list[tuple[Candidate, ...]]:
    several = oldest_that_sum(ordered, amount)
    return [several] if len(several) > 1 else []
