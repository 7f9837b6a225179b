"""The inbox directory: nothing half-written is taken, nothing is lost or doubled, and every file ends with a report."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.companies.models import BankAccount
from apps.statements.inbox_folder import TROUBLES, InboxFolder
from apps.statements.models import CodaFile, InboxFile, Movement, Statement
from apps.statements.sentences import INBOX_TROUBLES
from apps.statements.services import inbox
from apps.statements.services.inbox import GAVE_UP, TOO_LARGE, import_from_inbox, look_into_inbox
from apps.statements.tasks import watch_inbox
from tests.factories import registry
from tests.factories.wire import credit, make_coda
from tests.support.killing import kill_at, lose_connection

pytestmark = pytest.mark.django_db
TODAY = "2026-11-25"


@pytest.fixture
def account(now: datetime) -> BankAccount:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now)))


@pytest.fixture
def folder(tmp_path: Path) -> InboxFolder:
    made = InboxFolder(tmp_path / "inbox")
    made.prepare(is_made=True)
    return made


@pytest.fixture
def looks(now: datetime) -> Iterator[datetime]:
    """Give the instants of looks, five seconds apart."""
    return (now + timedelta(seconds=5 * number) for number in count())


def look(folder: InboxFolder, looks: Iterator[datetime], times: int = 2) -> None:
    for _time in range(times):
        instant = next(looks)
        look_into_inbox(folder=folder, now=instant)
        import_from_inbox(folder=folder, read_clock=lambda instant=instant: instant)  # type: ignore[misc]


def lying(folder: InboxFolder) -> list[str]:
    return sorted(str(path.relative_to(folder.root)) for path in folder.root.rglob("*") if path.is_file())


def troubles() -> dict[str, str]:
    return dict(InboxFile.objects.filter(state="waiting").values_list("name", "trouble"))


def test_a_file_is_imported_once_it_was_seen_unchanged_and_lies_in_done_with_its_reports(
    folder: InboxFolder, account: BankAccount, looks: Iterator[datetime]
) -> None:
    content = make_coda(account.iban, credit("5.00"))
    path = folder.root / "monday.cod"
    path.write_bytes(content[:200])
    look(folder, looks, 1)
    path.write_bytes(content)
    look(folder, looks, 1)
    assert lying(folder) == ["monday.cod"]

    look(folder, looks, 1)

    place = f"done/{TODAY}/monday.cod"
    assert lying(folder) == [place, f"{place}.json", f"{place}.txt"]
    described = json.loads((folder.root / f"{place}.json").read_text())
    assert (described["file"], described["state"]) == ("monday.cod", "imported")
    text = (folder.root / f"{place}.txt").read_text()
    assert text.startswith("monday.cod: Geïmporteerd\n")
    assert (folder.root / place).read_bytes() == content
    file = InboxFile.objects.get()
    assert (file.state, file.place) == ("done", place)
    assert Movement.objects.count() == 1


def test_what_somebody_must_act_on_lies_in_failed_and_says_what_to_do(
    folder: InboxFolder, account: BankAccount, looks: Iterator[datetime]
) -> None:
    good = make_coda(account.iban, credit("5.00"))
    with zipfile.ZipFile(folder.root / "week.zip", "w") as archive:
        archive.writestr("good.cod", good)
        archive.writestr("held.cod", make_coda(account.iban, credit("1.00"), number=9).replace(b"1001000", b"1009000"))
        archive.writestr("Thumbs.db", b"x")

    look(folder, looks)

    place = folder.root / "failed" / TODAY / "week.zip"
    objects = [json.loads(line) for line in Path(f"{place}.json").read_text().splitlines()]
    assert [one["file"] for one in objects] == ["week.zip/good.cod", "week.zip/held.cod"]
    text = Path(f"{place}.txt").read_text()
    assert "De bewegingen leiden niet van het oude naar het nieuwe saldo." in text
    assert "Wat te doen: Vraag de bank" in text
    assert "Thumbs.db" in text


def test_files_are_taken_in_by_their_age_and_a_known_name_gets_a_number(
    folder: InboxFolder, account: BankAccount, looks: Iterator[datetime]
) -> None:
    for number, name in enumerate(["c.cod", "a.cod", "b.cod"], start=1):
        path = folder.root / name
        path.write_bytes(make_coda(account.iban, credit("5.00"), number=number))
        os.utime(path, (4_000_000_000 + number, 4_000_000_000 + number))
    look(folder, looks)
    (folder.root / "a.cod").write_bytes(b"other")
    look(folder, looks)
    (folder.root / "a.cod").write_bytes(make_coda(account.iban, credit("5.00"), number=7))
    look(folder, looks)

    assert list(CodaFile.objects.order_by("id").values_list("name", flat=True))[:3] == ["c.cod", "a.cod", "b.cod"]
    assert {f"done/{TODAY}/a.cod", f"done/{TODAY}/a (2).cod", f"failed/{TODAY}/a.cod"} <= set(lying(folder))


def test_what_is_unfinished_or_no_file_is_left_alone(
    folder: InboxFolder, account: BankAccount, looks: Iterator[datetime]
) -> None:
    content = make_coda(account.iban, credit("5.00"))
    for name in ("a.cod.part", "b.TMP", ".c.cod", "empty.cod"):
        (folder.root / name).write_bytes(content if name != "empty.cod" else b"")
    (folder.root / "sub").mkdir()
    (folder.root / "sub" / "d.cod").write_bytes(content)
    (folder.root / "link.cod").symlink_to(folder.root / "sub" / "d.cod")
    with (folder.root / "open.cod").open("wb") as still_written:
        still_written.write(content)
        still_written.flush()
        look(folder, looks, 3)
        assert troubles() == {
            "empty.cod": "",
            "link.cod": "inbox_not_a_file",
            "open.cod": "inbox_being_written",
            "sub": "inbox_not_a_file",
        }
    assert not CodaFile.objects.exists()

    look(folder, looks, 1)
    (folder.root / "link.cod").unlink()
    (folder.root / "a.cod.part").rename(folder.root / "a.cod")
    look(folder, looks)

    assert list(CodaFile.objects.order_by("id").values_list("name", "state")) == [
        ("open.cod", "imported"),
        ("a.cod", "duplicate"),
    ]
    assert InboxFile.objects.get(name="link.cod").state == "gone"


def test_what_may_not_be_read_or_moved_waits_and_says_why(now: datetime, own_folder: Path) -> None:
    folder = InboxFolder(own_folder)
    folder.prepare(is_made=False)
    (own_folder / "secret.cod").write_bytes(b"x")
    (own_folder / "secret.cod").chmod(0)
    (own_folder / "stuck.cod").write_bytes(b"x")
    own_folder.chmod(0o500)

    for seconds in (0, 5):
        look_into_inbox(folder=folder, now=now + timedelta(seconds=seconds))

    own_folder.chmod(0o700)
    assert troubles() == {"secret.cod": "inbox_unreadable", "stuck.cod": "inbox_read_only"}


def test_a_taken_file_that_changes_is_read_again_and_one_that_vanishes_is_gone(
    folder: InboxFolder, account: BankAccount, looks: Iterator[datetime]
) -> None:
    content = make_coda(account.iban, credit("5.00"))
    for name in ("changed.cod", "vanished.cod"):
        (folder.root / name).write_bytes(content[:256])
    for _time in range(2):
        look_into_inbox(folder=folder, now=next(looks))
    taken = {file.name: folder.taken_path(file.uuid) for file in InboxFile.objects.all()}
    taken["changed.cod"].write_bytes(content)
    taken["vanished.cod"].unlink()

    look(folder, looks)

    assert dict(InboxFile.objects.values_list("name", "state")) == {"changed.cod": "done", "vanished.cod": "gone"}
    assert Statement.objects.get().state == "imported"


def test_a_file_over_which_workers_die_is_given_up_and_one_too_large_is_not_begun(
    folder: InboxFolder, looks: Iterator[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MAX_FILE_BYTES", 100)
    (folder.root / "deadly.cod").write_bytes(b"x")
    (folder.root / "large.cod").write_bytes(b"x" * 101)
    for _time in range(2):
        look_into_inbox(folder=folder, now=next(looks))
    InboxFile.objects.filter(name="deadly.cod").update(attempts=inbox.MOST_ATTEMPTS)

    look(folder, looks, 1)

    found = dict(InboxFile.objects.values_list("name", "trouble"))
    assert found == {"deadly.cod": GAVE_UP, "large.cod": TOO_LARGE}
    assert lying(folder) == [f"failed/{TODAY}/{name}{end}" for name in sorted(found) for end in ("", ".txt")]


def test_every_trouble_has_a_sentence() -> None:
    assert set(INBOX_TROUBLES) == {*TROUBLES, GAVE_UP, TOO_LARGE}


# What is killed between opening a temporary file and its block leaves it to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_line_nothing_is_lost_or_doubled(
    folder: InboxFolder, account: BankAccount, looks: Iterator[datetime]
) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for number in (1, 2):
            archive.writestr(f"{number}.cod", make_coda(account.iban, credit("5.00"), number=number))
    rounds = 0
    for line in count(0, 19):
        rounds += 1
        name = f"round {rounds}.zip"
        (folder.root / name).write_bytes(held.getvalue())
        look(folder, looks, 1)
        was_killed = kill_at(line, lambda: look(folder, looks, 1), within=("inbox.py", "inbox_folder.py", "sources.py"))
        lose_connection()
        look(folder, looks)

        place = f"done/{TODAY}/{name}"
        assert [found for found in lying(folder) if name in found] == [place, f"{place}.json", f"{place}.txt"]
        assert CodaFile.objects.count() == 2 * rounds
        if not was_killed:
            break

    assert rounds > 8
    assert lying(folder)[-1].startswith("done/")
    assert Movement.objects.count() == 2
    assert InboxFile.objects.filter(state="done").count() == InboxFile.objects.count() == rounds


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_import_each_file_once(
    folder: InboxFolder, account: BankAccount, now: datetime
) -> None:
    for number in range(1, 13):
        (folder.root / f"{number}.cod").write_bytes(make_coda(account.iban, credit("5.00"), number=number))

    def watch(_number: int) -> None:
        for seconds in range(0, 15, 5):
            instant = now + timedelta(seconds=seconds)
            look_into_inbox(folder=folder, now=instant)
            import_from_inbox(folder=folder, read_clock=lambda instant=instant: instant)  # type: ignore[misc]
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(watch, range(4)))
    watch(0)

    assert CodaFile.objects.filter(state="imported").count() == CodaFile.objects.count() == 12
    assert len(lying(folder)) == 36


def test_the_worker_makes_the_directory_and_says_when_it_cannot(
    tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CODA_INBOX = str(tmp_path / "inbox")
    watch_inbox()
    assert (tmp_path / "inbox" / "done").is_dir()

    settings.EMBEDDED, settings.CODA_INBOX = False, str(tmp_path / "not mounted")
    watch_inbox()
    assert "not mounted" in caplog.text
