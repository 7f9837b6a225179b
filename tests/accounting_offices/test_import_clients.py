"""An office's clients from CSV and XLSX: a job that reports, updates, claims, stops and goes on."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from apps.accounting_offices.imports import create_client_import, run_client_import
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.services import end_client_link
from apps.companies.models import Company, ContactEmail
from apps.events.models import Event
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
    return run_client_import(job_uuid=start(office, content, now, dry_run=dry_run).uuid, now=now, batches=batches)


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
    run_client_import(job_uuid=job.uuid, now=now, batches=1)
    queries = []
    for _ in range(3):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            interrupted = run_client_import(job_uuid=job.uuid, now=now, batches=1)
        queries.append(len(captured))
        assert interrupted.state == "running"

    done = run_client_import(job_uuid=job.uuid, now=now)

    assert len(set(queries)) == 1
    assert queries[0] < 50
    assert (done.state, done.processed, done.report) == ("done", 2000, {"created": 2000})
    assert Company.objects.count() == ClientLink.objects.count() == 2000


def test_a_cancel_is_honoured_between_batches(office: AccountingOffice, now: datetime) -> None:
    job = start(office, csv_of(*(line(registry.enterprise_number()) for _ in range(600))), now)
    run_client_import(job_uuid=job.uuid, now=now, batches=1)

    jobs.ask_cancel(job_uuid=job.uuid, actor="t", now=now)
    stopped = run_client_import(job_uuid=job.uuid, now=now)

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
    assert command(number, str(bad))[1][0] == "line 2: vat_invalid (value 0123456789)"
    assert command(number, str(broken))[0] == 2
    assert command(number, str(tmp_path / "none.csv"))[0] == 2
    assert command("0123456789", str(good))[0] == 2


def test_the_command_takes_a_mapping_and_prints_json(office: AccountingOffice, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"A,B\n{registry.enterprise_number()},Zaak\n")

    code, lines = command(office.enterprise_number, str(path), "--json", "--map", "number=A", "name=B")

    described = json.loads(lines[0])
    assert (code, described["state"], described["report"], described["problems"]) == (0, "done", {"created": 1}, [])


def test_a_workbook_with_broken_xml_fails_its_job_and_says_so(office: AccountingOffice, now: datetime) -> None:
    workbook, broken = io.BytesIO(), io.BytesIO()
    Workbook().save(workbook)
    with zipfile.ZipFile(workbook) as good, zipfile.ZipFile(broken, "w") as bad:
        for member in good.namelist():
            is_sheet = member.startswith("xl/worksheets/")
            bad.writestr(member, b"<worksheet><sheetData><row" if is_sheet else good.read(member))

    job = run(office, broken.getvalue(), now)

    assert (job.state, job.report["error"]["code"]) == ("failed", "file_unreadable")
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
