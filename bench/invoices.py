"""The group `invoices`: judging sales documents, from bytes to the accountant's feed."""

from bench import judging
from bench.databases import fresh_database, name_for
from bench.report import Report


def measure(report: Report) -> None:
    """Measure the rules and the journey of a document, then the memory that a large one takes."""
    with fresh_database(name_for("invoices")):
        judging.measure(report)
    judging.measure_memory(report)
