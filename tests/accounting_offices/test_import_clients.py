"""An office's clients from CSV and XLSX: a job that reports, updates, claims, stops and goes on."""

import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from openpyxl import Workbook

from apps.accounting_offices import client_files, client_rows, imports, problems
from apps.accounting_offices.imports import create_client_import, run_client_import
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.services import end_client_link
from apps.companies import services as companies
from apps.companies.models import Company, ContactEmail
from apps.events import services as events
from apps.events.models import Event, PendingReaction
from apps.events.tasks import call_task
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.tokens.services import requests
from tests.factories import registry

pytestmark = pytest.mark.django_db
HEADER = "ondernemingsnummer;naam;e-mail;taal;klantcode;vanaf"


@pytest.fixture
def office(now: datetime) -> AccountingOffice:
    return registry.make_office(now)


def line(number: str, name: str = "Bakkerij Claes", email: str = "bakker@example.be") -> str:
    return f"{number};{name};{email};nl;K1;01/01/2026"


def csv_of(*lines: str) -> bytes:
    return "\r\n".join([HEADER, *lines]).encode()


def start(office: AccountingOffice, content: bytes, now: datetime, *, dry_run: bool = False) -> Job:
    return create_client_import(
        office_uuid=office.uuid, content=content, mapping={}, is_dry_run=dry_run, actor="t", now=now
    )


def run(
    office: AccountingOffice, content: bytes, now: datetime, *, dry_run: bool = False, batches: int | None = None
) -> Job:
    return run_client_import(
        job_uuid=start(office, content, now, dry_run=dry_run).uuid, read_clock=lambda: now, batches=batches
    )


def codes(job: Job) -> list[tuple[int, str]]:
    return list(job.problems.order_by("line", "id").values_list("line", "code"))


def test_an_import_registers_puts_on_file_links_and_tells(office: AccountingOffice, now: datetime) -> None:
    number = registry.enterprise_number()

    job = run(office, csv_of(line(number)), now)

    company = Company.objects.get()
    link = ClientLink.objects.get()
    assert (job.state, job.processed, job.total, job.report) == ("done", 1, 1, {"created": 1})
    assert (company.enterprise_number, company.name, company.contact_email.address) == (
        number,
        "Bakkerij Claes",
        "bakker@example.be",
    )
    assert (link.office, link.state, link.client_code, link.starts_on) == (office, "current", "K1", date(2026, 1, 1))
    assert list(Event.objects.filter(company_uuid=company.uuid).order_by("id").values_list("name", flat=True)) == [
        "company.registered",
        "company.contact_changed",
        "client_link.started",
    ]


def test_a_workbook_is_read_with_its_numbers_and_dates(office: AccountingOffice, now: datetime) -> None:
    number, book, file = registry.enterprise_number(), Workbook(), io.BytesIO()
    book.active.append(["Unternehmensnummer", "Firma", "Von", "Ab"])
    book.active.append([int(number), "Bäckerei", None, date(2025, 5, 1)])
    book.save(file)

    job = run(office, file.getvalue(), now)

    assert job.state == "done"
    assert Company.objects.get().name == "Bäckerei"
    assert ClientLink.objects.get().starts_on == date(2025, 5, 1)


def test_a_dry_run_reports_every_line_and_writes_nothing(office: AccountingOffice, now: datetime) -> None:
    number = registry.enterprise_number()
    content = csv_of(line(number), line("0123456789"), line(number), line("", name="", email="x"))

    job = run(office, content, now, dry_run=True)

    assert (job.state, job.problem_count) == ("done", 5)
    assert codes(job) == [
        (3, "vat_invalid"), (4, "duplicate_in_file"), (5, "number_missing"), (5, "email_invalid"), (5, "name_missing"),
    ]  # fmt: skip
    assert not Company.objects.exists()
    assert not ClientLink.objects.exists()
    assert not Event.objects.filter(name__startswith="company.").exists()


def test_importing_again_updates_and_never_duplicates(office: AccountingOffice, now: datetime) -> None:
    number = registry.enterprise_number()
    run(office, csv_of(line(number, email="")), now)

    updated = run(office, csv_of(line(number, name="Bakkerij Claes BV")), now)
    unchanged = run(office, csv_of(line(number, name="Bakkerij Claes BV")), now)

    assert (updated.report, unchanged.report) == ({"updated": 1}, {"unchanged": 1})
    assert Company.objects.get().name == "Bakkerij Claes BV"
    assert ContactEmail.objects.get().address == "bakker@example.be"
    assert ClientLink.objects.count() == 1


def test_another_address_on_file_stays_and_is_a_problem(office: AccountingOffice, now: datetime) -> None:
    company = registry.make_company(now, office=office)

    job = run(office, csv_of(line(company.enterprise_number)), now)

    assert codes(job) == [(2, "email_differs")]
    assert ContactEmail.objects.get().address == "zaak@example.be"


def test_a_client_of_another_office_is_claimed_once_and_not_overwritten(
    office: AccountingOffice, now: datetime
) -> None:
    company = registry.make_company(now, office=registry.make_office(now, name="Eerste"), email=None)

    for _ in range(2):
        job = run(office, csv_of(line(company.enterprise_number)), now)

        assert codes(job) == [(2, "claimed")]
    company.refresh_from_db()
    assert company.name == "Loodgieterij Maes"
    assert not ContactEmail.objects.exists()
    assert sorted(ClientLink.objects.values_list("state", "office__name")) == [
        ("claimed", "Kantoor Peeters"), ("current", "Eerste"),
    ]  # fmt: skip
    assert Event.objects.filter(name="client_link.claimed").count() == 1


def test_a_day_that_an_ended_link_holds_is_a_problem(office: AccountingOffice, now: datetime) -> None:
    from apps.accounting_offices.services import end_client_link

    company = registry.make_company(now, office=registry.make_office(now))
    end_client_link(link_uuid=ClientLink.objects.get().uuid, ends_on=date(2026, 6, 1), actor="t", now=now)

    job = run(office, csv_of(line(company.enterprise_number)), now)

    assert codes(job) == [(2, "client_links_overlap")]
    assert ClientLink.objects.count() == 1


def test_two_thousand_lines_take_the_same_queries_a_batch_and_go_on_after_an_interruption(
    office: AccountingOffice, now: datetime
) -> None:
    content = csv_of(*(line(registry.enterprise_number(), name=f"Zaak {i}") for i in range(2000)))
    job = start(office, content, now)
    run_client_import(job_uuid=job.uuid, read_clock=lambda: now, batches=1)
    queries = []
    for _ in range(3):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            interrupted = run_client_import(job_uuid=job.uuid, read_clock=lambda: now, batches=1)
        queries.append(len(captured))
        assert interrupted.state == "running"

    done = run_client_import(job_uuid=job.uuid, read_clock=lambda: now)

    assert len(set(queries)) == 1
    assert queries[0] < 50
    assert (done.state, done.processed, done.report) == ("done", 2000, {"created": 2000})
    assert Company.objects.count() == ClientLink.objects.count() == 2000


def test_a_cancel_is_honoured_between_batches(office: AccountingOffice, now: datetime) -> None:
    job = start(office, csv_of(*(line(registry.enterprise_number()) for _ in range(600))), now)
    run_client_import(job_uuid=job.uuid, read_clock=lambda: now, batches=1)

    jobs.ask_cancel(job_uuid=job.uuid, actor="t", now=now)
    stopped = run_client_import(job_uuid=job.uuid, read_clock=lambda: now)

    assert (stopped.state, stopped.processed, Company.objects.count()) == ("cancelled", 500, 500)


def test_a_waiting_request_goes_on_once_its_company_is_imported(
    office: AccountingOffice, now: datetime, run_reactions: Callable[[], int], mailoutbox: list[object]
) -> None:
    number, key = registry.enterprise_number(), registry.make_software(now)
    refused = requests.request_connection(software=key.software, vat=number, actor="t", now=now)

    start(office, csv_of(line(number)), now)
    run_reactions()

    assert refused.refusal_code == "enterprise_unknown"
    assert len(mailoutbox) == 1


def command(*arguments: str) -> tuple[int, list[str]]:
    out = StringIO()
    with pytest.raises(SystemExit) as exited:
        call_command("import_clients", *arguments, stdout=out, stderr=StringIO())
    return int(str(exited.value)), out.getvalue().splitlines()


def test_the_command_exits_0_1_or_2(office: AccountingOffice, tmp_path: Path) -> None:
    good, bad, broken = (tmp_path / name for name in ("good.csv", "bad.csv", "broken.csv"))
    number = office.enterprise_number
    good.write_bytes(csv_of(line(registry.enterprise_number())))
    bad.write_bytes(csv_of(line("0123456789")))
    broken.write_bytes(b"a;b\r\n1;2")

    assert command(number, str(good), "--dry-run") == (0, ["dry run, done: 1 of 1 lines; created 1"])
    assert command(number, str(good)) == (0, ["done: 1 of 1 lines; created 1"])
    assert command(number, str(bad))[0] == 1
    assert command(number, str(bad))[1][0].startswith("line 2: vat_invalid: 0123456789 is not a possible Belgian")
    assert command(number, str(broken)) == (
        2,
        ["column_missing: There is no column for “Enterprise number”. The file has: a, b."],
    )
    assert command(number)[0] == 2
    assert command("--resume", "0b0e2c8e-7d5b-4f0a-9d55-3c0d6a6f5b11")[0] == 2
    assert command(number, str(tmp_path / "none.csv"))[0] == 2
    assert command("0123456789", str(good))[0] == 2


def test_the_command_takes_a_mapping_and_prints_json(office: AccountingOffice, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"A,B\n{registry.enterprise_number()},Zaak\n")

    code, lines = command(office.enterprise_number, str(path), "--json", "--map", "number=A", "name=B")

    described = json.loads(lines[0])
    assert (code, described["state"], described["report"]) == (0, "done", {"created": 1})
    assert described["problems"] == [{"line": 2, "code": "email_missing", "params": {}}]


def test_a_workbook_with_broken_xml_fails_its_job_and_says_so(office: AccountingOffice, now: datetime) -> None:
    workbook, broken = io.BytesIO(), io.BytesIO()
    Workbook().save(workbook)
    with zipfile.ZipFile(workbook) as good, zipfile.ZipFile(broken, "w") as bad:
        for member in good.namelist():
            is_sheet = member.startswith("xl/worksheets/")
            bad.writestr(member, b"<worksheet><sheetData><row" if is_sheet else good.read(member))

    job = run(office, broken.getvalue(), now)

    assert (job.state, job.report["error"]["code"]) == ("failed", "workbook_broken")
    assert not Company.objects.exists()


def test_a_claim_that_becomes_current_keeps_its_code_when_the_line_has_none(
    office: AccountingOffice, now: datetime
) -> None:
    company = registry.make_company(now, office=registry.make_office(now))
    run(office, csv_of(line(company.enterprise_number)), now)
    current = ClientLink.objects.get(state="current")
    end_client_link(link_uuid=current.uuid, ends_on=date(2026, 1, 1), actor="t", now=now)

    run(office, csv_of(f"{company.enterprise_number};{company.name};;nl;;01/01/2026"), now)

    link = ClientLink.objects.get(office=office)
    assert (link.state, link.client_code, link.starts_on) == ("current", "K1", date(2026, 1, 1))


def test_a_run_reads_the_clock_as_it_goes(office: AccountingOffice, now: datetime) -> None:
    seconds = count()
    job = start(office, csv_of(line(registry.enterprise_number())), now)

    done = run_client_import(job_uuid=job.uuid, read_clock=lambda: now + timedelta(seconds=next(seconds)))

    assert done.started_at is not None
    assert done.finished_at is not None
    assert done.finished_at > done.started_at


def test_texts_that_are_too_long_are_refused_and_not_cut(office: AccountingOffice, now: datetime) -> None:
    job = run(office, csv_of(line(registry.enterprise_number(), "x" * 201)), now)

    assert codes(job) == [(2, "name_too_long")]
    assert not Company.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_at_a_time_works_on_a_job_and_the_worker_looks_again_later(office: AccountingOffice, now: datetime) -> None:
    job = start(office, csv_of(line(registry.enterprise_number())), now)
    current_app.loader.import_default_modules()

    reaction = PendingReaction.objects.get(task="accounting_offices.import_clients")

    def run_elsewhere() -> bool:
        try:
            with pytest.raises(jobs.JobBusy):
                run_client_import(job_uuid=job.uuid, read_clock=lambda: now)
            return events.run_reaction(pending_id=reaction.pk, run=call_task, now=now)
        finally:
            connection.close()

    with jobs.hold_job(job_uuid=job.uuid), ThreadPoolExecutor(1) as pool:
        assert not pool.submit(run_elsewhere).result()

    reaction.refresh_from_db()
    assert (reaction.attempts, reaction.last_error, reaction.due_at) == (0, "", now + timedelta(seconds=10))
    assert events.run_reaction(pending_id=reaction.pk, run=call_task, now=now + timedelta(seconds=10))
    assert Job.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_number_that_somebody_registers_meanwhile_is_planned_anew(office: AccountingOffice, now: datetime) -> None:
    numbers = [registry.enterprise_number() for _ in range(3)]
    job = start(office, csv_of(*map(line, numbers)), now)
    jobs.start_job(job_uuid=job.uuid, total=3, actor="t", now=now)

    def register() -> None:
        # Commits only once the import waits for its row, which it then meets as a company that is known.
        try:
            with transaction.atomic():
                companies.register_company(
                    enterprise_number=numbers[1], name="Bakkerij Claes", language="nl", actor="t", now=now
                )
                registered.set()
                assert is_waited_for()
        finally:
            connection.close()

    registered = Signal()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(register)
        assert registered.wait(30)
        done = run_client_import(job_uuid=job.uuid, read_clock=lambda: now)
        other.result()

    assert (done.state, done.report, done.problem_count) == ("done", {"created": 2, "updated": 1}, 0)
    assert ClientLink.objects.count() == Company.objects.count() == 3


def is_waited_for() -> bool:
    """Wait until another session waits for a lock of this database."""
    deadline = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return True
    return False


def test_every_problem_has_its_sentence_in_four_languages() -> None:
    modules = (imports, client_rows, client_files)
    source = "".join(Path(str(module.__file__)).read_text() for module in modules)
    named = re.findall(r'(?:Problem\(|_tell\(line, |code=|code: Final = |code: str = )"(\w+)"', source)
    too_long = re.findall(r'_short\("(\w+)"', source)

    assert {*named, *(f"{name}_too_long" for name in too_long)} == set(problems.PROBLEMS)
    params = dict.fromkeys(("value", "number", "first_line", "free_from", "column", "found", "detail", "longest"), "7")
    for code in problems.PROBLEMS:
        sentences = set()
        for language in ("nl", "fr", "en", "de"):
            with translation.override(language):
                sentences.add(problems.describe_problem(code, params))
        assert len(sentences) == 4, code
        assert not any("%" in sentence for sentence in sentences)


def test_every_problem_of_a_line_has_a_name_for_its_group_in_four_languages() -> None:
    of_files = {"column_missing", *(code for code in problems.PROBLEMS if code.startswith(("file_", "workbook_")))}

    assert set(problems.GROUPS) == set(problems.PROBLEMS) - of_files - {"encoding_unknown"}
    for code in problems.GROUPS:
        for count_of_lines in (1, 3):
            names = set()
            for language in ("nl", "fr", "en", "de"):
                with translation.override(language):
                    names.add(problems.describe_group(code, count_of_lines))
            assert len(names) == 4, code
            assert all(name.startswith(f"{count_of_lines} ") for name in names)


def test_a_line_without_an_address_is_told_until_there_is_one(office: AccountingOffice, now: datetime) -> None:
    number = registry.enterprise_number()

    first = run(office, csv_of(line(number, email="")), now)
    second = run(office, csv_of(line(number)), now)
    third = run(office, csv_of(line(number, email="")), now)

    assert [codes(job) for job in (first, second, third)] == [[(2, "email_missing")], [], []]


class TestBackOffice:
    """The upload by staff."""

    @pytest.fixture
    def staff(self) -> Client:
        client = Client()
        client.force_login(registry.make_user("staff@example.be", is_staff=True, language="en"))
        return client

    def page(self, office: AccountingOffice) -> str:
        return reverse("admin:accounting_offices_accountingoffice_import", args=[office.pk])

    def upload(self, staff: Client, office: AccountingOffice, content: bytes, **fields: str) -> Any:
        form = {"file": SimpleUploadedFile("list.csv", content), **fields}
        return staff.post(self.page(office), form, follow=True)

    def test_a_list_is_rehearsed_looked_at_and_done_for_real(
        self, staff: Client, office: AccountingOffice, run_reactions: Callable[[], int]
    ) -> None:
        content = csv_of(line(registry.enterprise_number()), line("0123456789"))
        assert (
            self.page(office)
            in staff.get(reverse("admin:accounting_offices_accountingoffice_change", args=[office.pk])).content.decode()
        )

        waiting = self.upload(staff, office, content, is_dry_run="on").content.decode()
        run_reactions()
        rehearsal = Job.objects.get()
        rehearsed = staff.get(reverse("admin:jobs_job_change", args=[rehearsal.pk])).content.decode()
        problems_path = reverse("admin:jobs_jobproblem_changelist") + f"?job__id__exact={rehearsal.pk}"
        listed = staff.get(problems_path).content.decode()

        assert 'http-equiv="refresh"' in waiting
        assert 'http-equiv="refresh"' not in rehearsed
        assert "1 problem" in rehearsed
        assert "0123456789 is not a possible Belgian enterprise number." in listed
        assert not Company.objects.exists()

        staff.post(reverse("admin:jobs_job_for_real", args=[rehearsal.pk]))
        run_reactions()

        assert Company.objects.count() == 1
        assert Job.objects.filter(parameters__dry_run=False).get().report == {"created": 1, "refused": 1}

    def test_a_list_that_cannot_be_read_is_told_at_once_and_makes_no_job(
        self, staff: Client, office: AccountingOffice, settings: Any
    ) -> None:
        answer = self.upload(staff, office, b"Nr;Wie\r\n1;2").content.decode()
        assert "There is no column for “Enterprise number”. The file has: Nr, Wie." in answer

        settings.MAX_LIST_BYTES = 10
        answer = self.upload(staff, office, csv_of(line(registry.enterprise_number()))).content.decode()
        assert "The file is too large. Split the list." in answer
        assert not Job.objects.exists()

    def test_columns_can_be_named(
        self, staff: Client, office: AccountingOffice, run_reactions: Callable[[], int]
    ) -> None:
        content = f"Nr;Wie\r\n{registry.enterprise_number()};Zaak".encode()

        self.upload(staff, office, content, column_number="Nr", column_name="Wie")
        run_reactions()

        assert Company.objects.get().name == "Zaak"

    def test_only_a_rehearsal_that_is_done_is_done_for_real(
        self, staff: Client, office: AccountingOffice, now: datetime
    ) -> None:
        queued = start(office, csv_of(line(registry.enterprise_number())), now, dry_run=True)

        answer = staff.post(reverse("admin:jobs_job_for_real", args=[queued.pk]), follow=True)

        assert "Only a rehearsal that is done can be run for real." in answer.content.decode()
        assert Job.objects.count() == 1

    def test_who_is_no_staff_gets_the_sign_in_page(self, office: AccountingOffice) -> None:
        client = Client()
        client.force_login(registry.make_user("an@example.be"))

        assert self.upload(client, office, b"x").redirect_chain
        assert not Job.objects.exists()
