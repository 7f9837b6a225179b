"""`manage.py import_coda`: read banks' files and archives of them, one line or JSON object per file."""

import errno
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.core import clock
from apps.statements.models import CodaFile
from apps.statements.reports import describe_file, list_coda_files, needs_nobody, with_report
from apps.statements.rules import Source
from apps.statements.services.sources import import_source_file, receive_source_file


class Command(BaseCommand):
    """Imports CODA files. Exit 0: all imported or had already; 1: something needs a person; 2: usage."""

    help = "Import CODA files, ZIP or gzip archives of them, or every file of a directory."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take paths and `--json`."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--json", action="store_true", help="print one JSON object per file")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import."""
        try:
            paths = list(_files(options["paths"]))
        except OSError as error:
            self.stderr.write(_complaint(error))
            sys.exit(2)
        results = [self._import(path, is_json=options["json"]) for path in paths]
        sys.exit(0 if all(results) else 1)

    def _import(self, path: Path, *, is_json: bool) -> bool:
        """Import what is in a file and print it; returns whether nothing in it needs a person."""
        try:
            with path.open("rb") as file:
                received = receive_source_file(
                    file=file, name=path.name, source=Source.COMMAND, actor="command:import_coda", now=clock.now()
                )
        except OSError as error:
            self.stderr.write(_complaint(error))
            return False
        source_file = import_source_file(source_file_uuid=received.uuid, read_clock=clock.now, is_patient=True)
        is_all_good = True
        for coda_file in with_report(list_coda_files(source_file)).iterator(chunk_size=100):
            described = describe_file(coda_file, file=_name(path, coda_file))
            self.stdout.write(json.dumps(described) if is_json else _line(described))
            is_all_good = is_all_good and needs_nobody(coda_file)
        if source_file.ignored:
            self.stderr.write(f"{path}: ignored, as no bank's files: {', '.join(source_file.ignored)}.")
        return is_all_good


def _files(paths: list[Path]) -> Iterator[Path]:
    """Yield the files that are meant.

    :raises OSError: when one is not there or cannot be read, before anything is imported.
    """
    for path in paths:
        for file in sorted(child for child in path.iterdir() if child.is_file()) if path.is_dir() else [path]:
            if not file.is_file():
                wrong = errno.EINVAL if file.exists() else errno.ENOENT
                raise OSError(wrong, "it is no file", str(file))
            os.close(os.open(file, os.O_RDONLY))
            yield file


def _complaint(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file or directory {error.filename}."
    return f"{error.filename} cannot be read: {error.strerror}."


def _name(path: Path, coda_file: CodaFile) -> str:
    """Return the path, of a file in an archive with its name there."""
    return f"{path}{coda_file.name.removeprefix(path.name)}" if coda_file.name.startswith(path.name) else str(path)


def _line(described: dict[str, Any]) -> str:
    parts = [
        f"{s['iban'] or s['account']} {s['currency']} {s['number']:03d} of {s['date']}: "
        f"{s['state']}, {s['movements']} movements" + _had_in(s["had_in"]) + _reasons(s["findings"])
        for s in described["statements"]
    ]
    return f"{described['file']}: {described['state']}{_reasons(described['findings'])}" + "".join(
        f"; {part}" for part in parts
    )


def _had_in(name: str | None) -> str:
    return f", had already in {name}" if name else ""


def _reasons(findings: list[dict[str, Any]]) -> str:
    fatal = [f"{finding['code']} at line {finding['line']}" for finding in findings if finding["severity"] == "fatal"]
    return f" ({', '.join(fatal)})" if fatal else ""
