"""What staff upload in the back-office: kept, imported once, and told of, file by file."""

import gzip
import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.blobs.selectors import read_bytes
from apps.companies.models import BankAccount
from apps.events.models import Event, PendingReaction
from apps.jobs.models import Job
from apps.statements import upload_results
from apps.statements.models import CodaFile, Movement, SourceFile
from apps.statements.services import uploads
from apps.statements.services.uploads import LONGEST_GO, Upload, import_upload, receive_upload
from apps.users.models import User
from tests.factories import registry
from tests.factories.wire import credit, make_coda
from tests.statements.test_sources import zipped
from tests.support.killing import kill_at

pytestmark = pytest.mark.django_db
FORM = "/admin/statements/sourcefile/upload/"
STRANGERS_IBAN = "BE68539007547034"


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


@pytest.fixture
def staff(client: Client) -> User:
    person = registry.make_user("staf@example.be", is_staff=True, language="en")
    client.force_login(person)
    return person


def clerk(*rights: str) -> Client:
    """Sign in a member of staff with some rights on received files only."""
    person = registry.make_user("klerk@example.be", language="en")
    person.is_staff = True
    person.save(update_fields=["is_staff"])
    person.user_permissions.set(Permission.objects.filter(codename__in=[f"{right}_sourcefile" for right in rights]))
    signed_in = Client()
    signed_in.force_login(person)
    return signed_in


def upload(client: Client, files: dict[str, bytes]) -> HttpResponse:
    chosen = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return client.post(FORM, {"bank_files": chosen})  # type: ignore[return-value]


def queue(files: dict[str, bytes], now: datetime) -> Job:
    chosen = [Upload(name, len(content), SimpleUploadedFile(name, content)) for name, content in files.items()]
    return receive_upload(files=chosen, actor="staff:1", now=now)


def words(response: Any) -> str:
    """Return what a page says, without its tags, each part on a line."""
    text = re.sub(r"\s*\n\s*", "\n", re.sub(r"<[^>]+>", "", response.content.decode().split("<body")[1]))
    return html.unescape(text).replace("\N{NO-BREAK SPACE}", " ")


def test_files_are_kept_before_the_answer_and_each_ones_result_is_told(
    now: datetime, account: BankAccount, client: Client, staff: User, run_reactions: Callable[[], int]
) -> None:
    monday, tuesday = (make_coda(account.iban, credit(f"{n}.00"), number=n) for n in (1, 2))
    files = {
        "monday.cod": monday,
        "tuesday.cod.gz": gzip.compress(tuesday),
        "week.zip": zipped({"again.cod": monday, "unknown.cod": make_coda(STRANGERS_IBAN), "Thumbs.db": b"x"}),
        "held.cod": make_coda(account.iban, credit("5.00"), number=9).replace(b"000000001005000", b"000000001009000"),
        "broken.zip": b"PK\x03\x04 broken",
        "text.txt": b"hello\r\n",
        "empty.cod": b"",
    }

    answer = upload(client, files)

    job = Job.objects.get()
    page = reverse("admin:statements_sourcefile_uploaded", args=[job.pk])
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert {kept.name: read_bytes(kept.blob) for kept in job.source_files.all()} == files
    assert Event.objects.get(name="coda_upload.created").actor == f"staff:{staff.pk}"
    waiting = client.get(page).content.decode()
    assert "Starts in a moment." in waiting
    assert 'http-equiv="refresh"' in waiting

    run_reactions()

    job.refresh_from_db()
    assert (job.state, job.processed, job.total) == ("done", 8, 8)
    states = dict(CodaFile.objects.values_list("name", "state"))
    assert states == {
        "monday.cod": "imported",
        "tuesday.cod.gz/tuesday.cod": "imported",
        "week.zip/again.cod": "duplicate",
        "week.zip/unknown.cod": "imported",
        "held.cod": "partly_imported",
        "broken.zip": "quarantined",
        "text.txt": "quarantined",
        "empty.cod": "quarantined",
    }
    response = client.get(page)
    shown = words(response)
    for said in (
        "All 8 bank files were looked at",
        "Had it already (from monday.cod)",
        "Waits for its account",
        "No company has this account.",
        "Held back",
        "The archive is damaged",
        "This is not a CODA file. Send the CODA file that the bank made.",
        "week.zip: passed over, as no bank's files: Thumbs.db",
    ):
        assert said in shown
    assert "/decide/" in response.content.decode()
    assert 'http-equiv="refresh"' not in response.content.decode()
    assert page in client.get(FORM).content.decode()
    assert (
        page
        in client.get(
            f"/admin/statements/sourcefile/{job.source_files.get(name='text.txt').pk}/change/"
        ).content.decode()
    )


def test_the_same_files_again_double_nothing_and_say_so(
    now: datetime, account: BankAccount, client: Client, staff: User, run_reactions: Callable[[], int]
) -> None:
    files = {"monday.cod": make_coda(account.iban, credit("1.00"))}
    upload(client, files)
    run_reactions()

    page = upload(client, files)["Location"]
    run_reactions()

    assert Movement.objects.count() == 1
    assert "Had it already (from monday.cod)" in words(client.get(page))


def test_files_can_be_looked_at_by_state_and_page_by_page(
    now: datetime, account: BankAccount, client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_results, "FILES_SHOWN", 2)
    monkeypatch.setattr(upload_results, "STATEMENTS_SHOWN", 1)
    two = make_coda(account.iban, number=1) + make_coda(account.iban, number=2)
    job = queue({"a.cod": two, "b.txt": b"x", "c.cod": make_coda(STRANGERS_IBAN)}, now)
    import_upload(job_uuid=job.uuid, read_clock=lambda: now)
    page = reverse("admin:statements_sourcefile_uploaded", args=[job.pk])

    def names(query: str) -> list[str]:
        shown = client.get(page + query).content.decode()
        return re.findall(r'<h2><a href="/admin/statements/codafile/\d+/change/">([^<]+)</a>', shown)

    first = client.get(page).content.decode()
    after = re.search(r'href="(\?after=\d+)"', first)
    assert after is not None
    assert (names(""), names(after[1])) == (["a.cod", "b.txt"], ["c.cod"])
    assert names("?state=quarantined") == ["b.txt"]
    assert names("?statement_state=unrouted") == ["c.cod"]
    assert names("?state=nonsense&after=x") == ["a.cod", "b.txt"]
    everything = re.search(r'href="([^"]+coda_file__id__exact=\d+)"', first)
    assert everything is not None
    assert client.get(everything[1]).content.decode().count("field-state") == 2
    assert client.get(reverse("admin:statements_sourcefile_uploaded", args=[10**9])).status_code == 404


def test_only_staff_with_the_right_upload_and_a_form_of_elsewhere_is_refused(now: datetime, staff: User) -> None:
    reader, writer = clerk("view"), Client(enforce_csrf_checks=True)
    job = queue({"a.txt": b"x"}, now)
    page = reverse("admin:statements_sourcefile_uploaded", args=[job.pk])
    writer.force_login(staff)
    owner = Client()
    owner.force_login(registry.make_user("els@example.be"))

    answers = [upload(each, {"b.txt": b"x"}).status_code for each in (reader, writer, owner, Client())]

    assert answers == [403, 403, 302, 302]
    assert FORM not in reader.get("/admin/statements/sourcefile/").content.decode()
    assert FORM in writer.get("/admin/statements/codafile/").content.decode()
    assert "Stop" not in words(reader.get(page))
    assert reader.post(page).status_code == 200
    job.refresh_from_db()
    assert (Job.objects.count(), SourceFile.objects.count(), job.state) == (1, 1, "queued")


def test_a_right_to_add_received_files_is_enough(now: datetime) -> None:
    answer = upload(clerk("add", "view"), {"a.txt": b"x"})

    assert (answer.status_code, Job.objects.count()) == (302, 1)


def test_too_much_at_once_or_nothing_is_refused_with_the_limit_and_nothing_is_kept(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = words(upload(client, {f"{number}.cod": b"x" for number in range(101)}))
    unread = words(client.generic("POST", FORM, b"x", "multipart/form-data; boundary=x", CONTENT_LENGTH="200200000"))
    nothing = words(client.post(FORM, {}))
    monkeypatch.setattr(uploads, "MOST_BYTES", 5)
    large = words(upload(client, {"a.cod": b"abc", "b.cod": b"abc"}))

    assert "At most 100 files are taken at once." in many
    assert "At most 200 MB are taken at once." in unread
    assert "Choose a file." in nothing
    assert "MB are taken at once." in large
    assert (Job.objects.count(), SourceFile.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_one_that_is_stopped_keeps_what_it_imported_and_names_the_rest(
    now: datetime, account: BankAccount, client: Client, staff: User
) -> None:
    job = queue({f"{n}.cod": make_coda(account.iban, credit("1.00"), number=n) for n in (1, 2, 3)}, now)
    reads = count()

    def read_clock() -> datetime:
        if next(reads) == 3:
            client.post(reverse("admin:statements_sourcefile_uploaded", args=[job.pk]))
        return now

    stopped = import_upload(job_uuid=job.uuid, read_clock=read_clock)

    assert (stopped.state, stopped.processed, stopped.total) == ("cancelled", 1, 3)
    assert list(CodaFile.objects.values_list("name", "state")) == [("1.cod", "imported")]
    shown = words(client.get(reverse("admin:statements_sourcefile_uploaded", args=[job.pk])))
    assert "after 1 of 3 bank files" in shown
    assert "2.cod: not done, or not to its end" in shown
    assert import_upload(job_uuid=job.uuid, read_clock=lambda: now).state == "cancelled"


def test_a_long_one_is_left_for_the_next_go_and_one_that_fails_says_when_it_is_tried_again(
    now: datetime, account: BankAccount, client: Client, staff: User
) -> None:
    job = queue({f"{n}.cod": make_coda(account.iban, credit("1.00"), number=n) for n in (1, 2)}, now)
    instants = (now + LONGEST_GO * n for n in range(9))

    left = import_upload(job_uuid=job.uuid, read_clock=lambda: next(instants))

    assert (left.state, left.processed) == ("running", 1)
    reactions = PendingReaction.objects.filter(event__subject_uuid=job.uuid)
    reactions.update(last_error="StorageUnavailable", due_at=now + timedelta(minutes=1))
    page = reverse("admin:statements_sourcefile_uploaded", args=[job.pk])
    assert "1 of 2 bank files looked at" in words(client.get(page))
    assert "It is tried again by itself" in words(client.get(page))
    reactions.update(held_at=now)
    assert "killed over it too often" in words(client.get(page))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_killed_at_any_line_the_next_one_goes_on_and_counts_each_file_once(now: datetime, account: BankAccount) -> None:
    movements = 0
    for line in count(0, 3):
        first = 3 * line + 1
        contents = [make_coda(account.iban, credit("1.00"), number=first + n) for n in range(3)]
        job = queue({"a.zip": zipped({"1.cod": contents[0], "2.cod": contents[1]}), "c.cod": contents[2]}, now)
        work = partial(import_upload, job_uuid=job.uuid, read_clock=lambda: now)
        was_killed = kill_at(line, work, within=("services/uploads.py",))
        done = import_upload(job_uuid=job.uuid, read_clock=lambda: now)

        movements += 3
        assert (done.state, done.processed, done.total) == ("done", 3, 3)
        assert Movement.objects.count() == movements
        assert not job.source_files.filter(finished_at=None).exists()
        if not was_killed:
            break

    assert line > 30
    assert set(CodaFile.objects.values_list("state", flat=True)) == {"imported"}
