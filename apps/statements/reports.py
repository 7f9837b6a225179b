"""What became of a bank's file, as data and as text: what `import_coda` prints and the inbox lays beside a file."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from apps.statements.models import CodaFile, CodaFinding, SourceFile, Statement
from apps.statements.rules import CodaFileState, StatementState

GOOD_FILE_STATES: Final = frozenset({CodaFileState.IMPORTED, CodaFileState.DUPLICATE})
GOOD_STATEMENT_STATES: Final = frozenset({StatementState.IMPORTED, StatementState.DUPLICATE})


def with_report(files: QuerySet[CodaFile]) -> QuerySet[CodaFile]:
    """Bring along what a report tells of each file, in three queries for all."""
    return files.prefetch_related(*_told())


def load_report(coda_file: CodaFile) -> CodaFile:
    """Bring along what a report tells of one file."""
    prefetch_related_objects([coda_file], *_told())
    return coda_file


def list_coda_files(source_file: SourceFile) -> QuerySet[CodaFile]:
    """Return the files of a received one, as they stand in it."""
    return source_file.coda_files.order_by("place")


def needs_nobody(coda_file: CodaFile) -> bool:
    """Tell whether a file and all its statements were imported, or had already."""
    return coda_file.state in GOOD_FILE_STATES and all(
        statement.state in GOOD_STATEMENT_STATES for statement in coda_file.statements.all()
    )


def describe_file(coda_file: CodaFile, *, file: str) -> dict[str, Any]:
    """Return the object of a file whose report was loaded: shape `import_coda --json` of the product page."""
    return {
        "file": file,
        "state": coda_file.state,
        "statements": [
            {
                "account": statement.account_text,
                "iban": statement.iban or None,
                "currency": statement.currency,
                "number": statement.number,
                "date": statement.new_balance_on.isoformat(),
                "state": statement.state,
                "movements": statement.movement_count,
                "findings": _describe_findings(statement.findings.all()),
            }
            for statement in coda_file.statements.all()
        ],
        "findings": _describe_findings(own_findings(coda_file)),
    }


def own_findings(coda_file: CodaFile) -> list[CodaFinding]:
    """Return the findings of a loaded file as a whole, without its statements'."""
    return [finding for finding in coda_file.findings.all() if finding.statement_id is None]


def _told() -> "tuple[Prefetch[str], ...]":
    findings = CodaFinding.objects.order_by("line", "column", "id")
    return (
        Prefetch("statements", Statement.objects.order_by("position")),
        Prefetch("statements__findings", findings),
        Prefetch("findings", findings.filter(statement=None)),
    )


def _describe_findings(findings: Iterable[CodaFinding]) -> list[dict[str, Any]]:
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "line": finding.line,
            "column": finding.column,
            "message": finding.message,
        }
        for finding in findings
    ]
