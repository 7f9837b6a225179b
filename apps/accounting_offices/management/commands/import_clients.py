"""`manage.py import_clients`: import an accounting office's clients from CSV or XLSX, in the foreground."""

import json
import sys
import time
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from apps.accounting_offices.client_rows import HEADERS
from apps.accounting_offices.imports import create_client_import, run_client_import
from apps.accounting_offices.models import AccountingOffice
from apps.accounting_offices.problems import describe_problem
from apps.core import clock
from apps.core.errors import NotFound
from apps.core.identifiers import InvalidEnterpriseNumber, normalise_enterprise_number
from apps.jobs.models import Job
from apps.jobs.rules import JobState
from apps.jobs.services import JobBusy


class Command(BaseCommand):
    """Imports clients. Exit 0: every line, with or without an e-mail address; 1: some line has another problem;
    2: usage, or an unreadable file.
    """

    help = "Import the clients of an accounting office from a CSV or XLSX file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the office's number, the file and the options."""
        parser.add_argument("office", metavar="OFFICE_NUMBER", nargs="?", default="")
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?")
        parser.add_argument("--resume", type=UUID, metavar="JOB", help="go on with an import that was interrupted")
        parser.add_argument("--dry-run", action="store_true", help="report every line, write nothing")
        parser.add_argument(
            "--map", nargs="+", default=[], metavar="FIELD=COLUMN", help=f"fields: {', '.join(HEADERS)}"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import."""
        job_uuid = options["resume"] or self._create(options).uuid
        try:
            job = self._run(job_uuid)
        except NotFound:
            self._refuse(f"There is no job {job_uuid}.")
        with translation.override("en"):
            self._print(job, is_json=options["json"])
        is_complete = job.state == JobState.DONE and not job.problems.exclude(code="email_missing").exists()
        sys.exit(2 if job.state == JobState.FAILED else 0 if is_complete else 1)

    def _create(self, options: dict[str, Any]) -> Job:
        mapping = dict(pair.partition("=")[::2] for pair in options["map"])
        if not options["office"] or options["file"] is None:
            self._refuse("Name an accounting office and a file, or an import to resume.")
        office = _find_office(options["office"])
        if not options["file"].is_file():
            self._refuse(f"There is no file {options['file']}.")
        if office is None:
            self._refuse(f"There is no accounting office {options['office']}.")
        if unknown := mapping.keys() - HEADERS.keys():
            self._refuse(f"Unknown field {min(unknown)}; known: {', '.join(HEADERS)}.")
        return create_client_import(
            office_uuid=office.uuid,
            content=options["file"].read_bytes(),
            mapping=mapping,
            is_dry_run=options["dry_run"],
            actor="command:import_clients",
            now=clock.now(),
        )

    def _run(self, job_uuid: UUID) -> Job:
        """Run the job here, or wait for the worker that was quicker; if that one dies, go on with it here."""
        while True:
            try:
                return run_client_import(job_uuid=job_uuid, read_clock=clock.now)
            except JobBusy:
                time.sleep(1)

    def _print(self, job: Job, *, is_json: bool) -> None:
        problems = [{"line": p.line, "code": p.code, "params": p.params} for p in job.problems.order_by("line", "id")]
        summary = {
            "job": str(job.uuid),
            "state": str(job.state),
            "dry_run": job.parameters["dry_run"],
            "total": job.total,
            "processed": job.processed,
            "report": job.report,
        }
        if is_json:
            self.stdout.write(json.dumps({**summary, "problems": problems}))
            return
        for problem in problems:
            sentence = describe_problem(problem["code"], problem["params"])
            self.stdout.write(f"line {problem['line']}: {problem['code']}: {sentence}")
        if error := job.report.get("error"):
            self.stdout.write(f"{error['code']}: {describe_problem(error['code'], error)}")
            return
        counts = ", ".join(f"{name} {count}" for name, count in sorted(job.report.items()))
        prefix = "dry run, " if job.parameters["dry_run"] else ""
        self.stdout.write(f"{prefix}{job.state}: {job.processed} of {job.total} lines; {counts or 'nothing'}")

    def _refuse(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(2)


def _find_office(text: str) -> AccountingOffice | None:
    try:
        number = normalise_enterprise_number(text)
    except InvalidEnterpriseNumber:
        return None
    return AccountingOffice.objects.filter(enterprise_number=number).first()
