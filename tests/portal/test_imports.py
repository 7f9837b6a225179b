"""An office imports its clients on screen: file, columns, what would happen, for real; nothing is lost on the way."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from openpyxl import Workbook

from apps.accounting_offices.client_rows import HEADERS, TEMPLATE_HEADERS, find_columns
from apps.accounting_offices.imports import run_client_import
from apps.accounting_offices.models import AccountingOffice, ClientLink
from apps.accounting_offices.problems import FIELD_NAMES, GROUPS, NOTES, describe_problem
from apps.companies.models import Company
from apps.events.models import Event
from apps.jobs import services as jobs
from apps.jobs.models import Job, JobProblem
from tests.factories import registry
from tests.portal.test_pages import text_of
from tests.portal.world import LANGUAGES, signed_in

pytestmark = pytest.mark.django_db
HEADER = "btw;naam;e-mail;taal;klantcode;vanaf"


@pytest.fixture
def start(office: AccountingOffice) -> str:
    return f"/offices/{office.uuid}/clients/import/"


def line(number: str | None = None, name: str = "Zaak", email: str = "zaak@example.be", rest: str = "nl;;") -> str:
    return f"{number or registry.enterprise_number()};{name};{email};{rest}"


def csv_of(*lines: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *lines]).encode()


def send(accountant: Client, start: str, content: bytes, name: str = "klanten.csv") -> Any:
    return accountant.post(start, {"file": SimpleUploadedFile(name, content)}, follow=True)


def choose(accountant: Client, columns: Any, **changes: str) -> Any:
    """Send the page of the columns as it is shown, but for some changes."""
    page = columns.content.decode()
    shown = re.findall(r'<select name="(column_\d+)".*?</select>', page, re.DOTALL)
    chosen = {
        name: (re.search(r'value="([^"]*)" selected', block) or [None, ""])[1]
        for name, block in zip(shown, re.findall(r"<select.*?</select>", page, re.DOTALL), strict=True)
    }
    return accountant.post(columns.redirect_chain[-1][0], {**chosen, **changes}, follow=True)


def rehearse(accountant: Client, start: str, content: bytes, run_reactions: Callable[[], int]) -> str:
    """Bring a list to where its preview is shown, and return that page's address."""
    answer = choose(accountant, send(accountant, start, content))
    run_reactions()
    return str(answer.redirect_chain[-1][0])


def text(answer: Any) -> str:
    return text_of(answer.content.decode())


class TestFromFileToClients:
    """The four steps."""

    def test_a_recognised_list_takes_one_press_a_step(
        self, accountant: Client, start: str, run_reactions: Callable[[], int], office: AccountingOffice
    ) -> None:
        columns = send(accountant, start, csv_of(line(email=""), line(), line("0123456789")))
        waiting = choose(accountant, columns)
        page = waiting.redirect_chain[-1][0]
        run_reactions()
        preview = accountant.get(page)
        imported = accountant.post(f"{page}for-real/", follow=True)
        run_reactions()
        result = accountant.get(imported.redirect_chain[-1][0])

        assert "Wij herkennen uw kolommen" in text(columns)
        assert "klanten.csv" in text(preview)
        assert "2 van 3 regels kunnen worden geïmporteerd" in text(preview)
        assert "1 regel met een onmogelijk nummer" in text(preview)
        assert "1 regel zonder e-mailadres · kan toch worden geïmporteerd" in text(preview)
        assert "2 van 3 regels zijn geïmporteerd" in text(result)
        assert f'href="/offices/{office.uuid}/missing-addresses/"' in result.content.decode()
        assert ClientLink.objects.filter(office=office, state="current").count() == 2

    def test_nothing_is_written_before_it_is_done_for_real(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        rehearse(accountant, start, csv_of(line()), run_reactions)

        assert not Company.objects.exists()
        assert not Event.objects.filter(name__startswith="company.").exists()

    def test_headers_that_nobody_knows_are_chosen_beside_an_example(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        number = registry.enterprise_number()
        columns = send(accountant, start, csv_of(f"Zaak X;x@example.be;{number}", header="Wie;Waar;Nr"))
        refused = choose(accountant, columns)
        accepted = choose(accountant, columns, column_0="name", column_1="email", column_2="number")
        run_reactions()

        assert "Welke kolom is wat?" in text(columns)
        assert f"Nr {number}" in text(columns)
        assert "Kies de kolom voor: Ondernemingsnummer." in text(refused)
        assert "1 van 1 regel kan worden geïmporteerd" in text(accountant.get(accepted.redirect_chain[-1][0]))

    def test_two_columns_for_one_field_are_refused_and_nothing_is_queued(self, accountant: Client, start: str) -> None:
        columns = send(accountant, start, csv_of(line(), header="btw;naam;mail;Naam 2;code;van"))

        refused = choose(accountant, columns, column_3="name")

        assert "“naam” is hiervoor al de kolom." in text(refused)
        assert 'aria-invalid="true"' in refused.content.decode()
        assert Job.objects.get().state == "draft"

    def test_a_known_column_that_is_left_out_is_not_read(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        columns = send(accountant, start, csv_of(line(email="geen adres")))
        page = choose(accountant, columns, column_2="").redirect_chain[-1][0]
        run_reactions()

        assert "geen adres" not in text(accountant.get(page))
        assert list(JobProblem.objects.values_list("code", flat=True)) == ["email_missing"]

    def test_other_columns_after_the_preview_are_a_new_rehearsal_of_the_same_file(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        page = rehearse(accountant, start, csv_of(line()), run_reactions)
        columns = accountant.get(f"{page}columns/", follow=True)
        columns.redirect_chain.append((f"{page}columns/", 302))

        choose(accountant, columns, column_3="")

        first, second = Job.objects.order_by("id")
        assert (first.input, first.state, second.state) == (second.input, "done", "queued")
        assert second.parameters["mapping"]["language"] is None

    def test_for_real_pressed_twice_is_one_import(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        page = rehearse(accountant, start, csv_of(line()), run_reactions)

        pressed = [accountant.post(f"{page}for-real/").headers["Location"] for _ in range(2)]

        assert pressed[0] == pressed[1]
        assert Job.objects.count() == 2

    def test_a_list_without_a_good_line_cannot_be_imported_and_says_why(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        page = rehearse(accountant, start, csv_of(line("0123456789")), run_reactions)

        shown = accountant.get(page)

        assert 'aria-disabled="true"' in shown.content.decode()
        assert "Geen enkele regel kan worden geïmporteerd." in text(shown)

    def test_the_newest_twenty_stand_in_the_history(
        self, accountant: Client, start: str, office: AccountingOffice, now: datetime
    ) -> None:
        for number in range(22):
            send(accountant, start, csv_of(line()), name=f"lijst-{number:02}.csv")
        other = registry.make_office(now, name="Ander")
        jobs.draft_job(
            kind="client_import", content=b"a;b", parameters={"file_name": "vreemd.csv", "mapping": {}},
            subject_uuid=other.uuid, actor="t", now=now,
        )  # fmt: skip

        shown = text(accountant.get(start))

        assert len(re.findall(r"lijst-\d\d\.csv", shown)) == 20
        assert "lijst-21.csv" in shown
        assert "lijst-01.csv" not in shown
        assert "vreemd.csv" not in shown


class TestProgress:
    """While it is being done."""

    @pytest.fixture
    def interrupted(self, accountant: Client, start: str, now: datetime, run_reactions: Callable[[], int]) -> str:
        """Leave an import after its first batch, as a killed worker does, and return its page."""
        page = rehearse(accountant, start, csv_of(*(line() for _ in range(600))), run_reactions)
        imported = accountant.post(f"{page}for-real/").headers["Location"]
        job = Job.objects.order_by("id").last()
        assert job is not None
        run_client_import(job_uuid=job.uuid, read_clock=lambda: now, batches=1)
        return str(imported)

    def test_a_killed_import_shows_how_far_it_is_and_goes_on_to_the_end(
        self, accountant: Client, interrupted: str, run_reactions: Callable[[], int]
    ) -> None:
        stands = accountant.get(interrupted).content.decode()
        polled = accountant.get(f"{interrupted}progress/")
        run_reactions()
        after = accountant.get(f"{interrupted}progress/")

        assert "500 van 600 regels geïmporteerd." in text_of(stands)
        assert '<progress value="500" max="600"' in stands
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in stands
        assert f'hx-get="{interrupted}progress/" hx-trigger="every 2s"' in polled.content.decode()
        assert "HX-Refresh" not in polled.headers
        assert "hx-trigger" not in after.content.decode()
        assert after.headers["HX-Refresh"] == "true"
        assert "600 van 600 regels zijn geïmporteerd" in text(accountant.get(interrupted))
        assert Company.objects.count() == 600

    def test_a_cancelled_import_keeps_what_is_done_and_can_start_again(
        self, accountant: Client, interrupted: str, run_reactions: Callable[[], int]
    ) -> None:
        asked = accountant.post(f"{interrupted}cancel/", follow=True)
        run_reactions()
        stopped = accountant.get(interrupted)

        assert "Stopt na de regels die nu verwerkt worden." in text(asked)
        assert f'action="{interrupted}cancel/"' not in asked.content.decode()
        assert "Gestopt na 500 van 600 regels" in text(stopped)
        assert f'href="{interrupted}columns/"' in stopped.content.decode()
        assert Company.objects.count() == 500

    def test_what_has_ended_cannot_be_cancelled_and_says_so(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        page = rehearse(accountant, start, csv_of(line()), run_reactions)
        before = Event.objects.count()

        answer = accountant.post(f"{page}cancel/", follow=True)

        assert "Het was al afgelopen." in text(answer)
        assert Event.objects.count() == before

    def test_a_list_that_waits_for_its_columns_can_be_dropped(self, accountant: Client, start: str) -> None:
        columns = send(accountant, start, csv_of(line())).redirect_chain[-1][0]

        accountant.post(columns.replace("columns/", "cancel/"))

        assert Job.objects.get().state == "cancelled"


def broken_workbook() -> bytes:
    workbook, broken = io.BytesIO(), io.BytesIO()
    Workbook().save(workbook)
    with zipfile.ZipFile(workbook) as good, zipfile.ZipFile(broken, "w") as bad:
        for member in good.namelist():
            is_sheet = member.startswith("xl/worksheets/")
            bad.writestr(member, b"<worksheet><sheetData><row" if is_sheet else good.read(member))
    return broken.getvalue()


class TestFilesThatFail:
    """Each says what is wrong with it and the way out, and nothing is kept or changed."""

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"PK\x03\x04nonsense", "De werkmap is beschadigd."),
            (broken_workbook(), "De werkmap is beschadigd."),
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50),
                "Dit is een oud Excel-bestand, of een met een wachtwoord.",
            ),
            (b"\x89PNG\r\n\x1a\n" + bytes(20), "Het bestand is geen CSV of XLSX."),
            (b"btw;naam\r\n1;Caf\x81", "De letters van dit bestand zijn niet leesbaar."),
            ("btw;naam".encode("utf-16")[:-1], "De letters van dit bestand zijn niet leesbaar."),
            (b"\r\n\r\n", "Er staat niets in het bestand."),
            (b"", "Er staat niets in het bestand."),
        ],
    )
    def test_at_once(self, accountant: Client, start: str, content: bytes, sentence: str) -> None:
        answer = send(accountant, start, content)

        assert sentence in text(answer)
        assert 'class="summary" role="alert"' in answer.content.decode()
        assert not Job.objects.exists()

    def test_no_file_and_a_file_that_is_too_large(self, accountant: Client, start: str, settings: Any) -> None:
        settings.MAX_LIST_BYTES = 10

        assert "Kies een bestand." in text(accountant.post(start, {}))
        assert "Het bestand is te groot. Splits de lijst." in text(send(accountant, start, csv_of(line())))
        assert not Job.objects.exists()

    def test_one_that_fails_further_down_says_so_on_its_own_page(
        self, accountant: Client, start: str, run_reactions: Callable[[], int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.accounting_offices.client_files.MAX_ROWS", 2)

        page = rehearse(accountant, start, csv_of(line(), line(), line()), run_reactions)
        shown = accountant.get(page)

        assert "Deze lijst kon niet worden gelezen" in text(shown)
        assert "De lijst heeft meer dan 2 regels." in text(shown)
        assert f'href="{start}"' in shown.content.decode()


class TestProblems:
    """What keeps a line out, or should be known of it."""

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_problem_appears_as_a_sentence_with_its_line(
        self, accountant: Client, start: str, run_reactions: Callable[[], int], language: str
    ) -> None:
        page = rehearse(accountant, start, csv_of(line()), run_reactions)
        job = Job.objects.get()
        params = dict.fromkeys(("value", "number", "first_line", "free_from", "longest"), "7")
        JobProblem.objects.bulk_create(
            JobProblem(job=job, line=1000 + place, code=code, params=params) for place, code in enumerate(GROUPS)
        )
        accountant.post("/language/", {"language": language, "next": "/"})

        shown = text(accountant.get(page)).replace("\u202f", " ")
        listed = accountant.get(f"{page}problems/").getvalue().decode("utf-8-sig")

        with translation.override(language):
            for place, code in enumerate(GROUPS):
                sentence = describe_problem(code, params)
                assert text_of(sentence) in shown.replace("&#x27;", "'"), code
                assert re.search(rf"1\D?{place:03}\b", shown), code
                assert f"{1000 + place};{code};" in listed
                assert sentence in listed.replace('""', '"')
        assert set(GROUPS) >= NOTES

    def test_lines_with_one_problem_stand_together_and_what_keeps_a_line_out_comes_first(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        content = csv_of(*(line(email="") for _ in range(30)), line("0123456789"))

        shown = text(accountant.get(rehearse(accountant, start, content, run_reactions)))

        assert shown.index("1 regel met een onmogelijk nummer") < shown.index("30 regels zonder e-mailadres")
        assert shown.count("Er is geen e-mailadres.") == 1
        assert "2, 3, 4, 5" in shown
        assert "En nog 10, in het CSV-bestand." in shown

    def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_a_text(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        page = rehearse(accountant, start, csv_of(line(), line('=HYPERLINK("http://x")')), run_reactions)

        listed = accountant.get(f"{page}problems/").getvalue().decode()

        assert "\n3;vat_invalid;\"'=HYPERLINK" in listed
        assert accountant.get(f"{page}problems/").headers["Content-Disposition"].startswith("attachment")

    def test_the_preview_takes_the_same_queries_whatever_the_number_of_problems(
        self, accountant: Client, start: str, run_reactions: Callable[[], int]
    ) -> None:
        counts = []
        for lines in (2, 60):
            bad = csv_of(*(line(email="") for _ in range(lines)), *(line("0123456789") for _ in range(lines)))
            page = rehearse(accountant, start, bad, run_reactions)
            with CaptureQueriesContext(connection) as captured:
                answer = accountant.get(page)
            counts.append(len(captured))
            assert len(answer.content) < 100_000

        assert counts[0] == counts[1]
        assert counts[0] <= 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_empty_list_has_headers_that_are_recognised(accountant: Client, start: str, language: str) -> None:
    accountant.post("/language/", {"language": language, "next": "/"})

    content = accountant.get(f"{start}template/").content.decode("utf-8-sig").strip()

    assert tuple(content.split(";")) == TEMPLATE_HEADERS[language]
    assert find_columns(content.split(";"), {}) == {name: place for place, name in enumerate(HEADERS)}
    assert list(FIELD_NAMES) == list(HEADERS)


def test_another_offices_import_is_not_found(
    accountant: Client, start: str, office: AccountingOffice, now: datetime, run_reactions: Callable[[], int]
) -> None:
    page = rehearse(accountant, start, csv_of(line()), run_reactions)
    stranger = registry.make_user("stranger@example.be")
    theirs = registry.make_office(now, name="Ander")
    registry.make_member(now, stranger, office=theirs)
    elsewhere = page.replace(str(office.uuid), str(theirs.uuid))
    before = Job.objects.count(), Event.objects.count()

    answers = {
        path + step: [client.get(path + step).status_code, client.post(path + step).status_code]
        for client in [signed_in(stranger)]
        for path in (page, elsewhere)
        for step in ("", "columns/", "progress/", "problems/", "for-real/", "cancel/")
    }

    assert set(map(tuple, answers.values())) == {(404, 404)}
    assert signed_in(stranger).get(start).status_code == 404
    assert signed_in(stranger).post(start, {"file": SimpleUploadedFile("x.csv", csv_of(line()))}).status_code == 404
    assert (Job.objects.count(), Event.objects.count()) == before
