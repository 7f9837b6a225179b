"""The group `coda`: reading and importing bank files."""

from bench import importing, reader
from bench.databases import fresh_database, name_for
from bench.report import Report


def measure(report: Report) -> None:
    """Measure the reader, then the import."""
    reader.measure(report)
    with fresh_database(name_for("coda")):
        importing.measure(report)
