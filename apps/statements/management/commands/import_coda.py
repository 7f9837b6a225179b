"""`manage.py import_coda`: read banks' files, one line or JSON object per file."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core import clock
from apps.statements.models import CodaFile, CodaFinding, Statement
from apps.statements.rules import CodaFileState, StatementState
from apps.statements.services.intake import import_coda_file, receive_coda_file

GOOD_FILE_STATES = {CodaFileState.IMPORTED, CodaFileState.DUPLICATE}
GOOD_STATEMENT_STATES = {StatementState.IMPORTED, StatementState.DUPLICATE}


class Command(BaseCommand):
    """Imports CODA files. Exit 0: all imported or had already; 1: something needs a person; 2: usage."""

    help = "Import CODA files, or every file of a directory."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take paths and `--json`."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--json", action="store_true", help="print one JSON object per file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import."""
        missing = [path for path in options["paths"] if not path.exists()]
        if missing:
            self.stderr.write(f"There is no file or directory {missing[0]}.")
            sys.exit(2)
        is_all_good = True
        for path in _files(options["paths"]):
            now = clock.now()
            received = receive_coda_file(
                content=path.read_bytes(), name=path.name, actor="command:import_coda", now=now
            )
            coda_file = import_coda_file(coda_file_uuid=received.uuid, now=now)
            statements = list(coda_file.statements.order_by("position").prefetch_related("findings"))
            described = _describe(path, coda_file, statements)
            self.stdout.write(json.dumps(described) if options["json"] else _line(described))
            is_all_good = is_all_good and coda_file.state in GOOD_FILE_STATES
            is_all_good = is_all_good and all(s.state in GOOD_STATEMENT_STATES for s in statements)
        sys.exit(0 if is_all_good else 1)


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(child for child in path.iterdir() if child.is_file()) if path.is_dir() else [path]


def _describe(path: Path, coda_file: CodaFile, statements: list[Statement]) -> dict[str, Any]:
    return {
        "file": str(path),
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
                "findings": [_finding(finding) for finding in statement.findings.all()],
            }
            for statement in statements
        ],
        "findings": [_finding(finding) for finding in coda_file.findings.filter(statement=None)],
    }


def _finding(finding: CodaFinding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
    }


def _line(described: dict[str, Any]) -> str:
    parts = [
        f"{s['iban'] or s['account']} {s['currency']} {s['number']:03d} of {s['date']}: "
        f"{s['state']}, {s['movements']} movements" + _reasons(s["findings"])
        for s in described["statements"]
    ]
    return f"{described['file']}: {described['state']}{_reasons(described['findings'])}" + "".join(
        f"; {part}" for part in parts
    )


def _reasons(findings: list[dict[str, Any]]) -> str:
    fatal = [f"{finding['code']} at line {finding['line']}" for finding in findings if finding["severity"] == "fatal"]
    return f" ({', '.join(fatal)})" if fatal else ""
