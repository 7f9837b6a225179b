"""Which invoices a payment pays: certain, suggested, or why not. Plain functions of plain values."""

from apps.reconciliation.matching.decision import EARLIEST, decide, find_certain
from apps.reconciliation.matching.values import (
    Assignment,
    Candidate,
    Criterion,
    Decision,
    Difference,
    Discount,
    Memory,
    Payment,
    Reason,
    Suggestion,
)

__all__ = [
    "EARLIEST",
    "Assignment",
    "Candidate",
    "Criterion",
    "Decision",
    "Difference",
    "Discount",
    "Memory",
    "Payment",
    "Reason",
    "Suggestion",
    "decide",
    "find_certain",
]
