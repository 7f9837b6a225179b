"""What became of a bank's file, as data and as text: what `import_coda` prints and the inbox lays beside a file."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import Prefetch, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.statements.labels import CODA_FILE_STATES, SEVERITIES, STATEMENT_STATES
from apps.statements.models import CodaFile, CodaFinding, SourceFile, Statement
from apps.statements.rules import CodaFileState, StatementState
from apps.statements.sentences import (
    actor_of,
    remedy_of,
    sentence_of,
)

GOOD_FILE_STATES: Final = frozenset({CodaFileState.IMPORTED, CodaFileState.DUPLICATE})
GOOD_STATEMENT_STATES: Final = frozenset({StatementState.IMPORTED, StatementState.DUPLICATE})


def with_report(files: QuerySet[CodaFile]) -> QuerySet[CodaFile]:
    """Bring along what a report tells of each file, in three queries for all."""
    return files.prefetch_related(*_told())


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
                "had_in": statement.duplicate_of.coda_file.name if statement.duplicate_of else None,
                "findings": _describe_findings(statement.findings.all()),
            }
            for statement in coda_file.statements.all()
        ],
        "findings": _describe_findings(own_findings(coda_file)),
    }


def own_findings(coda_file: CodaFile) -> list[CodaFinding]:
    """Return the findings of a loaded file as a whole, without its statements'."""
    return [finding for finding in coda_file.findings.all() if finding.statement_id is None]


def needs_somebody(coda_file: CodaFile) -> bool:
    """Tell whether somebody must act: it is unreadable, or some of it is held. What is unrouted waits by itself."""
    return coda_file.state in {CodaFileState.QUARANTINED, CodaFileState.PARTLY_IMPORTED}


def write_text(coda_file: CodaFile) -> str:
    """Return what became of a loaded file, in sentences of the active language."""
    lines = [f"{coda_file.name}: {CODA_FILE_STATES[coda_file.state]}", *_write_findings(own_findings(coda_file), "  ")]
    for statement in coda_file.statements.all():
        movements = ngettext("%(count)s movement", "%(count)s movements", statement.movement_count)
        what = _("%(account)s %(currency)s, statement %(number)s of %(day)s") % {
            "account": _in_fours(statement.iban) if statement.iban else statement.account_text,
            "currency": statement.currency,
            "number": f"{statement.number:03d}",
            "day": date_format(statement.new_balance_on, "SHORT_DATE_FORMAT"),
        }
        lines.append(
            f"  {what}: {STATEMENT_STATES[statement.state]}, {movements % {'count': statement.movement_count}}"
        )
        lines += _write_findings(statement.findings.all(), "    ")
    return "\n".join(lines) + "\n"


def _in_fours(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _write_findings(findings: Iterable[CodaFinding], indent: str) -> Iterator[str]:
    what_to_do, who_acts = _("What to do"), _("Who acts next")
    for finding in findings:
        place = _("Line %(line)s") % {"line": finding.line}
        yield f"{indent}{place}, {SEVERITIES[finding.severity]}: {sentence_of(finding.code, finding.message)}"
        if remedy := remedy_of(finding.code):
            yield f"{indent}  {what_to_do}: {remedy}"
            yield f"{indent}  {who_acts}: {actor_of(finding.code)}"
        yield f"{indent}  {finding.code}: {finding.message}"


def _told() -> "tuple[Prefetch[str], ...]":
    findings = CodaFinding.objects.order_by("line", "column", "id")
    return (
        Prefetch("statements", Statement.objects.select_related("duplicate_of__coda_file").order_by("position")),
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
