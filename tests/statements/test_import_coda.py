import json
import os
import zipfile
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories import registry
from tests.factories.wire import credit, make_coda

pytestmark = pytest.mark.django_db


@pytest.fixture
def iban(now: datetime) -> str:
    return registry.make_account(now, registry.make_company(now, office=registry.make_office(now))).iban


def run(*arguments: str) -> tuple[int, list[str]]:
    code, lines, _complaints = run_and_listen(*arguments)
    return code, lines


def run_and_listen(*arguments: str) -> tuple[int, list[str], str]:
    out, complaints = StringIO(), StringIO()
    with pytest.raises(SystemExit) as exited:
        call_command("import_coda", *arguments, stdout=out, stderr=complaints)
    return int(str(exited.value)), out.getvalue().splitlines(), complaints.getvalue()


def test_a_folder_is_read_file_by_file_and_exits_0_when_all_were_imported_or_had(iban: str, tmp_path: Path) -> None:
    for name in ("a.cod", "b.cod"):
        (tmp_path / name).write_bytes(make_coda(iban, credit("5.00")))

    code, lines = run(str(tmp_path))

    assert code == 0
    assert [line.split(": ", 1)[1] for line in lines] == [
        f"imported; {iban} EUR 214 of 2026-11-24: imported, 1 movements",
        f"duplicate; {iban} EUR 214 of 2026-11-24: duplicate, 1 movements, had already in a.cod",
    ]


@pytest.mark.parametrize("trouble", ["held", "unrouted", "quarantined"])
def test_what_needs_a_person_exits_1_and_says_why(iban: str, tmp_path: Path, trouble: str) -> None:
    content = {
        "held": make_coda(iban, credit("5.00")).replace(b"000000001005000", b"000000001009000"),
        "unrouted": make_coda("BE68539007547034", credit("5.00")),
        "quarantined": b"no coda at all",
    }[trouble]
    path = tmp_path / "f.cod"
    path.write_bytes(content)

    code, lines = run(str(path))

    assert code == 1
    assert trouble in lines[0]
    assert {"held": "balance_mismatch at line", "quarantined": "not_coda at line 1"}.get(trouble, "") in lines[0]


def test_json_is_one_object_a_file(iban: str, tmp_path: Path) -> None:
    path = tmp_path / "f.cod"
    path.write_bytes(make_coda(iban, credit("5.00")).replace(b"000000001005000", b"000000001009000"))

    _code, lines = run(str(path), "--json")
    described: dict[str, Any] = json.loads(lines[0])

    statement = described["statements"][0]
    finding = statement["findings"][0]
    assert (described["file"], described["state"], described["findings"]) == (str(path), "partly_imported", [])
    assert (statement["iban"], statement["number"], statement["date"]) == (iban, 214, "2026-11-24")
    assert (statement["state"], statement["movements"]) == ("held", 1)
    assert (finding["code"], finding["severity"]) == ("balance_mismatch", "fatal")
    assert {"line", "column", "message"} <= set(finding)


def test_a_path_that_is_not_there_exits_2_and_imports_nothing(tmp_path: Path) -> None:
    assert run(str(tmp_path / "nothing.cod")) == (2, [])


def test_an_archive_gives_one_object_a_file_and_names_what_it_ignores(iban: str, tmp_path: Path) -> None:
    path = tmp_path / "week.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mon/a.cod", make_coda(iban, credit("5.00")))
        archive.writestr("__MACOSX/mon/._a.cod", b"x")
        archive.writestr("b.cod", b"no coda at all")

    code, lines, complaints = run_and_listen(str(path), "--json")

    described = [json.loads(line) for line in lines]
    assert code == 1
    assert [(one["file"], one["state"]) for one in described] == [
        (f"{path}/mon/a.cod", "imported"),
        (f"{path}/b.cod", "quarantined"),
    ]
    assert complaints == f"{path}: ignored, as no bank's files: __MACOSX/mon/._a.cod.\n"


def test_an_archive_that_cannot_be_opened_is_one_line_with_its_code(tmp_path: Path) -> None:
    path = tmp_path / "week.zip"
    path.write_bytes(b"PK\x03\x04 broken")

    assert run(str(path)) == (1, [f"{path}: quarantined (archive_damaged at line 1)"])


def test_what_is_no_file_exits_2_and_imports_nothing(iban: str, tmp_path: Path) -> None:
    (tmp_path / "a.cod").write_bytes(make_coda(iban, credit("5.00")))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    code, lines, complaints = run_and_listen(str(tmp_path), str(pipe))

    assert (code, lines, complaints) == (2, [], f"{pipe} cannot be read: it is no file.\n")


def test_a_file_without_permission_exits_2_and_says_so(own_folder: Path) -> None:
    path = own_folder / "secret.cod"
    path.write_bytes(b"x")
    path.chmod(0)

    assert run_and_listen(str(path)) == (2, [], f"{path} cannot be read: Permission denied.\n")
