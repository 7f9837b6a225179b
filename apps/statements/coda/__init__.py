"""CODA, the bank statement format of the Belgian banks: reading, checking, writing. No Django."""

from apps.statements.coda.findings import SEVERITIES, Finding, Severity
from apps.statements.coda.movements import Information, Movement
from apps.statements.coda.reader import CodaFile, read_coda
from apps.statements.coda.statements import Header, Statement

__all__ = [
    "SEVERITIES",
    "CodaFile",
    "Finding",
    "Header",
    "Information",
    "Movement",
    "Severity",
    "Statement",
    "read_coda",
]
